"""The language of a text."""

import pytest

from blindarena.pipeline import language
from blindarena.pipeline.language import language_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Where is my parcel? It should have come on Monday.", "en"),
        ("Wo ist mein Paket?\nEs sollte am Montag kommen.", "de"),
        ("Où est mon colis ? Il devait arriver lundi.", "fr"),
        ("¿Dónde está mi paquete? Tenía que llegar el lunes.", "es"),
        ("ok", "unknown"),
        ("", "unknown"),
        ("12345 67890 12345", "unknown"),
        ("[NAME_1] [ADDRESS_1] [EMAIL_1] danke", "unknown"),
    ],
)
def test_languages(text: str, code: str) -> None:
    assert language_of(text) == code


def test_without_the_extra_all_are_unknown(monkeypatch) -> None:
    monkeypatch.setattr(language, "_detector", lambda: None)

    assert language_of("Where is my parcel? It should have come on Monday.") == "unknown"
