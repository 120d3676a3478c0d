"""What an evaluation of contestants says: verdicts on items, grades of answers, scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Literal

import numpy as np

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.verdicts import Codes, flip
from blindarena.errors import InputError

Kind = Literal["people", "judge", "benchmark"]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of text as codes into its names; -1 is unknown."""

    codes: Codes = field(repr=False)
    names: tuple[str, ...]

    def taken(self, rows: Codes | np.ndarray[tuple[int], np.dtype[np.bool_]]) -> "Column":
        """Return the column of some rows."""
        return Column(self.codes[rows], self.names)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ItemVotes:
    """Verdicts on pairs of answers, FIRST standing for `first`.

    Attributes:
        first: (n,) contestant.
        second: (n,) contestant.
        verdict: (n,) FIRST, TIE (both bad as well), SECOND or MISSING.
        question: that was answered; a vote without one is on no item.
        turn: of the question; unknown where the whole conversation was rated.
        category: of the question.
        rater: who said it.
        orders: (n, 2) the verdicts in both orders, FIRST being what was shown first; None where
            there was one order, or nothing is known of it.
        consistent: (n,) 1 where both orders say the same, 0 where not, -1 unknown; None: none.
        differences: how much more of a feature, as words, the first answer has; NaN unknown.
    """

    first: Codes = field(repr=False)
    second: Codes = field(repr=False)
    verdict: Codes = field(repr=False)
    question: Column
    turn: Column
    category: Column
    rater: Column
    orders: Codes | None = field(default=None, repr=False)
    consistent: Codes | None = field(default=None, repr=False)
    differences: Mapping[str, FloatArray] = field(default_factory=dict, repr=False)

    def part(self, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> "ItemVotes":
        """Return some of the votes."""
        return ItemVotes(
            first=self.first[rows],
            second=self.second[rows],
            verdict=self.verdict[rows],
            question=self.question.taken(rows),
            turn=self.turn.taken(rows),
            category=self.category.taken(rows),
            rater=self.rater.taken(rows),
            orders=None if self.orders is None else self.orders[rows],
            consistent=None if self.consistent is None else self.consistent[rows],
            differences={name: column[rows] for name, column in self.differences.items()},
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Grades:
    """Scores of single answers.

    Attributes:
        contestant: (n,) whose answer.
        score: (n,) of it.
        question: that was answered.
        turn: of the question.
    """

    contestant: Codes = field(repr=False)
    score: FloatArray = field(repr=False)
    question: Column
    turn: Column


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Scores:
    """One score per contestant.

    Attributes:
        what: the scores are, such as "Elo" or a column's name.
        score: (m,) NaN where unknown.
        lower: (m,) end of the 95 % interval; NaN unknown.
        upper: (m,) the other end.
        mean: (m,) of the bootstrap's draws; NaN unknown.
        variance: (m,) of the draws.
    """

    what: str
    score: FloatArray
    lower: FloatArray
    upper: FloatArray
    mean: FloatArray
    variance: FloatArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Evaluation:
    """What one source says of its contestants.

    Attributes:
        name: what it is called in the report.
        kind: whether people, a judge, or a benchmark said it.
        source: where it was read.
        contestants: names.
        votes: on pairs of answers; None where there are none.
        grades: of answers; None where there are none.
        scores: of contestants; None where there are none.
        notes: what a reader must know of how it was read.
    """

    name: str
    kind: Kind
    source: str
    contestants: tuple[str, ...]
    votes: ItemVotes | None = None
    grades: Grades | None = None
    scores: Scores | None = None
    notes: tuple[str, ...] = ()

    @property
    def on_items(self) -> bool:
        """Whether some vote names the question it is about."""
        return self.votes is not None and bool(np.any(self.votes.question.codes >= 0))


def scores_of(
    what: str,
    score: FloatArray,
    *,
    lower: FloatArray | None = None,
    upper: FloatArray | None = None,
    mean: FloatArray | None = None,
    variance: FloatArray | None = None,
) -> Scores:
    """Return scores, unknown where nothing is given."""
    unknown = np.full(len(score), np.nan)
    parts = [unknown if a is None else a for a in (lower, upper, mean, variance)]
    return Scores(
        what=what, score=score, lower=parts[0], upper=parts[1], mean=parts[2], variance=parts[3]
    )


def aliases_for(name: str, aliases: Mapping[str, str]) -> dict[str, str]:
    """Return the alias map of one evaluation; its own, `NAME:this`, go before those of all."""
    scope = f"{name}:"
    own = {
        one.removeprefix(scope): other for one, other in aliases.items() if one.startswith(scope)
    }
    return {**aliases, **own}


def renamed(evaluation: Evaluation, aliases: Mapping[str, str]) -> Evaluation:
    """Return the evaluation with the contestants' names that the alias map gives.

    Raises:
        InputError: two of its contestants would have one name.
    """
    names = tuple(aliases.get(name, name) for name in evaluation.contestants)
    for number, name in enumerate(names):
        if name in names[:number]:
            one, other = (
                old for old, new in zip(evaluation.contestants, names, strict=True) if new == name
            )
            raise InputError(
                f"{evaluation.name}: the aliases make {one!r} and {other!r} one contestant, "
                f"{name!r}; drop one of them"
            )
    return replace(evaluation, contestants=names)


def of_raters(votes: ItemVotes, pattern: str, *, name: str) -> ItemVotes:
    """Return the votes of the raters whose names match, such as "expert*".

    Raises:
        InputError: nobody's does.
    """
    wanted = [k for k, rater in enumerate(votes.rater.names) if fnmatchcase(rater, pattern)]
    if not wanted:
        some = ", ".join(votes.rater.names[:5]) or "none: the file has no column voter or judge"
        raise InputError(f"{name}: no rater matches {pattern!r}; the raters are: {some}")
    return votes.part(np.isin(votes.rater.codes, wanted))


def by_name(votes: ItemVotes, contestants: Sequence[str]) -> ItemVotes:
    """Return the votes with each pair's contestants in the order of their names."""
    rank = np.argsort(np.argsort(np.array(contestants, dtype=object)))
    turned = rank[votes.first] > rank[votes.second]
    orders = votes.orders
    return replace(
        votes,
        first=np.where(turned, votes.second, votes.first),
        second=np.where(turned, votes.first, votes.second),
        verdict=np.where(turned, flip(votes.verdict), votes.verdict),
        # The verdicts as shown do not depend on who is called first; which order came first does.
        orders=None if orders is None else np.where(turned[:, np.newaxis], orders[:, ::-1], orders),
        differences={
            name: np.where(turned, -column, column) for name, column in votes.differences.items()
        },
    )
