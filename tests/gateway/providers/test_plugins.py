"""Providers of other packages: a real distribution in a folder of the path."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from blindarena.bootstrap.provider_doors import host_of, provider_doors
from blindarena.errors import ConfigError, GatewayError
from blindarena.gateway.prices import TokenPrice
from blindarena.settings import Deployment
from gateway.helpers import ASK, collect
from gateway.providers.test_native import call, drained

CODE = """
from blindarena.domain.chat import Finished, TextDelta, Usage


class Parrot:
    def __init__(self, name, told):
        self.name = name
        self.told = told

    async def stream(self, request):
        yield TextDelta(self.told)
        used = Usage(1, 2, reported=True)
        yield Finished("stop", used, 0.1, 0.2, None, None, self.name)


def open_model(*, name, http, model, key, base_url, options):
    if options.get("fails"):
        raise ValueError("no such feather")
    if options.get("odd"):
        return "no model"
    return Parrot(name, f"{model} {key} {base_url} {options['again']}")
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with an entry point, as pip leaves it in a folder."""
    (tmp_path / "parrots.py").write_text(CODE)
    info = tmp_path / "parrots-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: parrots\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[blindarena.providers]\nparrot = parrots:open_model\nlost = parrots:nobody\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("parrots", None)


def table(**more: Any) -> Deployment:
    return Deployment.model_validate({"provider": "parrot", "model": "p-1"} | more)


def opened(http: aiohttp.ClientSession, deployment: Deployment) -> Any:
    return provider_doors(
        name="bird",
        table=deployment,
        host=host_of("bird", deployment),
        http=http,
        price=TokenPrice(1.0, 1.0),
        key="k",
    )


@pytest.mark.usefixtures("installed")
async def test_a_plugin_answers_by_both_doors(http: aiohttp.ClientSession) -> None:
    wanted = table(options={"again": 3}, base_url="http://127.0.0.1:9")

    model, upstream = opened(http, wanted)
    texts, _ = await collect(model.stream(ASK))
    reply = await upstream.send(call())

    assert texts == ["p-1 k http://127.0.0.1:9 3"]
    assert b'"content":"p-1 k http://127.0.0.1:9 3"' in await drained(reply)
    assert upstream.price == TokenPrice(1.0, 1.0)
    with pytest.raises(GatewayError, match="tools: this model cannot call tools"):
        await upstream.send(call(tools=[{"type": "function", "function": {"name": "f"}}]))


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"options": {"fails": True}}, r"provider 'parrot' \(parrots:open_model\): ValueError: no"),
        ({"options": {"odd": True}}, "it returned 'no model', which has no `stream`"),
        ({"provider": "lost"}, r"provider 'lost' \(parrots:nobody\): AttributeError"),
    ],
)
def test_a_plugin_that_fails_says_which(wanted: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        opened(None, table(**wanted))  # type: ignore[arg-type]


@pytest.mark.usefixtures("installed")
def test_a_missing_plugin_is_named_with_those_that_are_there() -> None:
    with pytest.raises(ConfigError) as caught:
        host_of("bird", table(provider="magpie"))

    text = str(caught.value)
    assert text.startswith("deployments.bird: unknown provider 'magpie'")
    assert text.endswith("not installed (plug-ins installed: lost, parrot)")
    assert "\n" not in text


def test_options_are_only_for_plugins() -> None:
    with pytest.raises(ConfigError, match="only the provider of a plug-in has any"):
        host_of("bird", table(provider="openai", options={"a": 1}))
