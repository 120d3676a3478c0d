"""Names by a language model, where spaCy and one of its models are installed; see `docs/pii.md`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec
from typing import Protocol

from blindarena.pipeline.language import language_of
from blindarena.pipeline.pii.detecting import NameFinder

_PERSON = frozenset({"PER", "PERSON"})
_PIECE = 20_000


class Entity(Protocol):
    """A name of something, as spaCy gives it."""

    label_: str
    start_char: int
    end_char: int


class Document(Protocol):
    """A text that was looked through."""

    ents: Sequence[Entity]


def name_finder(
    models: Iterable[tuple[str, Callable[[str], Document]]],
    *,
    language: Callable[[str], str] = language_of,
) -> NameFinder:
    """Make a finder of names from loaded language models.

    Args:
        models: each with the language it is for; `xx` is for all.
        language: tells a text's language. Where no model is for it, or it is "unknown", all look.
    """
    loaded = tuple(models)

    def find_names(text: str) -> Iterator[tuple[int, int]]:
        spoken = language(text)
        fitting = [model for code, model in loaded if code in (spoken, "xx")]
        for model in fitting or [model for _, model in loaded]:
            for start in range(0, len(text), _PIECE):
                for entity in model(text[start : start + _PIECE]).ents:
                    if entity.label_ in _PERSON:
                        yield start + entity.start_char, start + entity.end_char

    return find_names


def installed_models() -> tuple[str, ...]:
    """Return the names of the spaCy models of this installation."""
    if find_spec("spacy") is None:
        return ()
    from spacy.util import get_installed_models

    return tuple(sorted(get_installed_models()))


def installed_name_finder() -> NameFinder | None:
    """Load the installed models; None without any. It takes seconds: call it once, at the start."""
    names = installed_models()
    if not names:
        return None
    import spacy

    return name_finder((name[:2], spacy.load(name)) for name in names)
