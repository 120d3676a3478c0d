"""Names by a language model, with a model that is scripted."""

import re
from dataclasses import dataclass

from blindarena.pipeline.pii import Detection, find
from blindarena.pipeline.pii.spacy_names import name_finder


@dataclass(frozen=True)
class Entity:
    label_: str
    start_char: int
    end_char: int


@dataclass(frozen=True)
class Document:
    ents: list[Entity]


def model(text: str) -> Document:
    """Knows one person and one town."""
    return Document(
        [Entity("PER", *m.span()) for m in re.finditer("Oda Brun", text)]
        + [Entity("LOC", *m.span()) for m in re.finditer("Ulm", text)]
    )


def test_persons_are_names_and_towns_are_not() -> None:
    text = "gestern war Oda Brun in Ulm"
    findings = find(text, detection=Detection(name_finder=name_finder([("de", model)])))

    assert find(text) == []
    assert [(f.kind, text[f.start : f.end]) for f in findings] == [("name", "Oda Brun")]


def test_a_long_text_is_looked_at_in_pieces() -> None:
    text = "x " * 15_000 + "Oda Brun"

    assert list(name_finder([("de", model)])(text)) == [(30_000, 30_008)]


def empty(text: str) -> Document:
    """Knows nobody."""
    return Document([])


def test_the_model_of_the_language_looks_and_all_where_there_is_none() -> None:
    models = [("de", model), ("fr", empty)]

    def spans(language: str) -> list[tuple[int, int]]:
        return list(name_finder(models, language=lambda text: language)("Oda Brun"))

    assert [spans(language) for language in ("de", "fr", "es", "unknown")] == [
        [(0, 8)], [], [(0, 8)], [(0, 8)],
    ]  # fmt: skip
