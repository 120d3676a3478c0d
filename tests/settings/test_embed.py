"""Which texts are the origin of a website."""

import pytest
from pydantic import ValidationError

from blindarena.settings.embed import Embed


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://www.example.org", "https://www.example.org"),
        ("https://WWW.example.org/", "https://www.example.org"),
        ("https://example.org:8443", "https://example.org:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_an_origin_is_kept_as_browsers_spell_it(given: str, kept: str) -> None:
    assert Embed(origins=(given,)).origins == (kept,)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "*",
        "https://*.example.org",
        "www.example.org",
        "https://example.org/page",
        "https://example.org?x=1",
        "https://me@example.org",
        "https://example.org; script-src *",
        "https://example.org:port",
        "ftp://example.org",
        "http://example.org",
    ],
)
def test_anything_else_is_refused_by_name(given: str) -> None:
    with pytest.raises(ValidationError, match=r"origin|encrypted"):
        Embed(origins=(given,))
