"""A voter's own habits: left, longer, more formatted, breaches of policy noticed."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from blindarena.domain.battles import Outcome
from blindarena.domain.replay import Breach
from blindarena.domain.style import Style

MIRROR_NEEDS = 10
"""Decisive votes before the mirror is shown; fewer say nothing about a habit."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One voted battle as its voter saw it."""

    ticket: str
    outcome: Outcome
    style_a: Style
    style_b: Style
    breach_a: Breach | None = None
    breach_b: Breach | None = None


@dataclass(frozen=True, slots=True)
class Habit:
    """`count` of `of`; nearest to 90 % of people with no habit land in the chance range."""

    count: int
    of: int
    chance_low: int | None
    chance_high: int | None


@dataclass(frozen=True, slots=True)
class Missed:
    """A breach that the voter's choice passed over."""

    ticket: str
    policy: str
    quote: str


@dataclass(frozen=True, slots=True)
class Mirror:
    """All habits of one voter over `votes` decisive votes."""

    votes: int
    left: Habit
    longer: Habit
    formatted: Habit
    breaches_noticed: Habit
    missed: tuple[Missed, ...]


def mirror_of(seen: Sequence[Seen]) -> Mirror:
    """Count habits over decisive votes; where the two answers are equal, a vote says nothing."""
    decisive = [s for s in seen if s.outcome in ("model_a", "model_b")]
    longer = [(s.style_a.words, s.style_b.words, s) for s in decisive]
    formatted = [(s.style_a.formatting, s.style_b.formatting, s) for s in decisive]
    noticed, missed = _breaches(seen)
    return Mirror(
        votes=len(decisive),
        left=_habit([s.outcome == "model_a" for s in decisive]),
        longer=_habit([(a > b) == (s.outcome == "model_a") for a, b, s in longer if a != b]),
        formatted=_habit([(a > b) == (s.outcome == "model_a") for a, b, s in formatted if a != b]),
        breaches_noticed=Habit(
            count=noticed, of=noticed + len(missed), chance_low=None, chance_high=None
        ),
        missed=tuple(missed),
    )


def chance_range(n: int) -> tuple[int, int]:
    """Return the symmetric range of a fair coin's count in n throws that holds closest to 90 %."""
    best = (0, n)
    best_error = 1.0
    for low in range(n // 2 + 1):
        inside = sum(comb(n, k) for k in range(low, n - low + 1)) / 2**n
        if abs(inside - 0.9) < best_error:
            best, best_error = (low, n - low), abs(inside - 0.9)
    return best


def _habit(hits: Sequence[bool]) -> Habit:
    if not hits:
        return Habit(count=0, of=0, chance_low=None, chance_high=None)
    low, high = chance_range(len(hits))
    return Habit(count=sum(hits), of=len(hits), chance_low=low, chance_high=high)


def _breaches(seen: Sequence[Seen]) -> tuple[int, list[Missed]]:
    """A breach is missed when its answer won or was called good; both bad notices it."""
    noticed = 0
    missed: list[Missed] = []
    for s in seen:
        for breach, wins in ((s.breach_a, "model_a"), (s.breach_b, "model_b")):
            if breach is None:
                continue
            if s.outcome in (wins, "tie"):
                missed.append(Missed(s.ticket, breach.policy, breach.quote))
            else:
                noticed += 1
    return noticed, missed
