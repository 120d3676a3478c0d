"""Who the contestants of a battle were, and what their answers measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from blindarena.domain.arenas import Contestant
from blindarena.domain.battles import Answer, Outcome
from blindarena.domain.replay import Breach
from blindarena.domain.style import Style

_N = TypeVar("_N", int, float)


@dataclass(frozen=True, slots=True)
class RevealedSide:
    """Who a side was and what its answers measured, summed over the turns; None is unknown."""

    contestant: str
    description: str
    organization: str | None
    license: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    tokens_reported: bool
    seconds: float | None
    ttft_s: float | None
    cost_usd: float | None
    price: str | None
    words: int
    headers: int
    bold: int
    lists: int
    leaked: bool
    breach: Breach | None


@dataclass(frozen=True, slots=True)
class Reveal:
    """The reveal card; an excluded vote is kept but not counted."""

    a: RevealedSide
    b: RevealedSide
    outcome: Outcome
    counted: bool
    excluded: str | None


def revealed_side(
    contestant: Contestant, answers: Sequence[Answer], breach: Breach | None
) -> RevealedSide:
    """Return what a side's complete answers come to."""
    style = style_over(answers)
    return RevealedSide(
        contestant=contestant.name,
        description=contestant.description,
        organization=contestant.organization,
        license=contestant.license,
        prompt_tokens=_total([a.prompt_tokens for a in answers]),
        completion_tokens=_total([a.completion_tokens for a in answers]),
        tokens_reported=all(a.tokens_reported for a in answers),
        seconds=_total([a.seconds for a in answers]),
        ttft_s=answers[0].ttft_s if answers else None,
        cost_usd=_total([a.cost_usd for a in answers]),
        price=answers[-1].price if answers else None,
        words=style.words,
        headers=style.headers,
        bold=style.bold,
        lists=style.lists,
        leaked=any(a.leaked for a in answers),
        breach=breach,
    )


def style_over(answers: Sequence[Answer]) -> Style:
    """Return the style facts of several answers together."""
    return Style(
        words=sum(a.style.words for a in answers),
        headers=sum(a.style.headers for a in answers),
        bold=sum(a.style.bold for a in answers),
        lists=sum(a.style.lists for a in answers),
    )


def _total(values: Sequence[_N | None]) -> _N | None:
    """Sum values; one unknown makes the sum unknown."""
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
