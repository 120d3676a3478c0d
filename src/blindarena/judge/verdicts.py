"""Read what a judge decided from what it wrote.

One rule for all: of the verdicts that the prompt allows, the last one counts. Judges think aloud,
and quote, before they decide. No verdict is no verdict: `None`, which is counted as unparsed, and
is neither a tie nor a loss. Structured output is read first; a judge that was asked for it and
wrote prose all the same is read as prose.
"""

import re
from collections.abc import Sequence
from typing import Final, cast

import msgspec

from blindarena.domain.judging import FiveWay

_RATING: Final = re.compile(r"\[\[\s*(\d{1,2}(?:\.\d+)?)\s*(?:/\s*10\s*)?\]\]")
_BARE_RATING: Final = re.compile(r"\[\s*(\d{1,2}(?:\.\d+)?)\s*\]")
_LETTER: Final = re.compile(r"\[\[\s*([ABC])\s*\]\]")
_FIVE: Final = re.compile(r"\[\[\s*(A\s*>\s*>?\s*B|A\s*=\s*B|B\s*>\s*>?\s*A)\s*\]\]")
_ITEM: Final = re.compile(r"\[\[\s*([\w.-]{1,80})\s*:\s*(yes|no)\s*\]\]", re.IGNORECASE)
_FENCE: Final = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)
_OF_LETTER: Final[dict[str, FiveWay]] = {"A": "A>B", "B": "B>A", "C": "A=B"}
_FIVE_WAYS: Final = frozenset({"A>>B", "A>B", "A=B", "B>A", "B>>A"})
_ANY: Final = re.compile(
    r"\[\[\s*(?:[ABC]|[AB]\s*[><=]{1,2}\s*[AB]|\d{1,2}(?:\.\d+)?(?:\s*/\s*10)?"
    r"|[\w.-]{1,80}\s*:\s*(?:yes|no))\s*\]\]",
    re.IGNORECASE,
)

_SWAPPED: Final[dict[FiveWay, FiveWay]] = {
    "A>>B": "B>>A",
    "A>B": "B>A",
    "A=B": "A=B",
    "B>A": "A>B",
    "B>>A": "A>>B",
}


def parse_score(text: str, *, bare: bool = False) -> float | None:
    """Return the last rating of 1 to 10, written `[[7]]`; a number outside is not a rating.

    Args:
        text: what the judge wrote.
        bare: where there is none of that form, take `[7]`, as FastChat does.
    """
    given = _structured(text, "rating")
    if isinstance(given, int | float) and not isinstance(given, bool) and 1 <= given <= 10:
        return float(given)
    for pattern in (_RATING, _BARE_RATING) if bare else (_RATING,):
        ratings = [value for value in map(float, pattern.findall(text)) if 1 <= value <= 10]
        if ratings:
            return ratings[-1]
    return None


def parse_pair(text: str) -> FiveWay | None:
    """Return the last of `[[A]]`, `[[B]]` and `[[C]]`, C being a tie."""
    given = _structured(text, "verdict")
    if isinstance(given, str) and given.strip() in _OF_LETTER:
        return _OF_LETTER[given.strip()]
    found = _LETTER.findall(text)
    return _OF_LETTER[found[-1]] if found else None


def parse_five_way(text: str) -> FiveWay | None:
    """Return the last of `[[A>>B]]`, `[[A>B]]`, `[[A=B]]`, `[[B>A]]` and `[[B>>A]]`."""
    given = _structured(text, "verdict")
    if isinstance(given, str) and "".join(given.split()) in _FIVE_WAYS:
        return cast("FiveWay", "".join(given.split()))
    found = _FIVE.findall(text)
    return cast("FiveWay", "".join(found[-1].split())) if found else None


def parse_items(text: str, ids: Sequence[str]) -> tuple[tuple[str, bool | None], ...]:
    """Return a verdict per item of a checklist; None where the judge gave none.

    Args:
        text: with `[[ID: yes]]` or `[[ID: no]]`, or an object `{"items": {"ID": true}}`.
        ids: the checklist's, in its order; others in the text are ignored.
    """
    given = _structured(text, "items")
    if isinstance(given, dict):
        flat = {key: value for key, value in given.items() if isinstance(value, bool)}
        return tuple((item, flat.get(item)) for item in ids)
    said = {item.lower(): word.lower() == "yes" for item, word in _ITEM.findall(text)}
    return tuple((item, said.get(item.lower())) for item in ids)


def swapped(verdict: FiveWay) -> FiveWay:
    """Return the same verdict with the sides' names exchanged."""
    return _SWAPPED[verdict]


def holds_verdict(text: str) -> bool:
    """Say whether a contestant's text has something in it that looks like a judge's verdict."""
    return _ANY.search(text) is not None


def defuse(text: str) -> str:
    """Return the text with blanks inside double brackets that look like a verdict.

    A judge that quotes such an answer does not pronounce its verdict.
    """
    return _ANY.sub(lambda found: f"[ {found[0][1:-1]} ]", text)


def _structured(text: str, field: str) -> object:
    """Return a field of the JSON object that is the whole text; None where it is none.

    An object among prose may be one that the judge quotes.
    """
    text = text.strip()
    if (fenced := _FENCE.fullmatch(text)) is not None:
        text = fenced[1]
    if not text.startswith("{"):
        return None
    try:
        value = msgspec.json.decode(text.encode("utf-8", "replace"))
    except msgspec.DecodeError:
        return None
    return value.get(field) if isinstance(value, dict) else None
