"""Bradley-Terry over judged pairs, plain and with length and style taken out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.verdicts import MISSING
from blindarena.domain.style import style_of
from blindarena.errors import RankingError
from blindarena.judge.planning import Answers
from blindarena.judge.scoring.pairs import PairTable
from blindarena.ranking import (
    ELO_PER_NAT,
    PairCounts,
    fit_style_control,
    fit_weighted_bradley_terry,
    largest_component,
    to_elo,
)
from blindarena.ranking.clustered import clustered_covariance
from blindarena.ranking.estimating import Estimate, bread
from blindarena.ranking.intervals import t_interval
from blindarena.ranking.logistic import LogisticFit
from blindarena.ranking.vote_arrays import VoteArrays

LENGTH: Final = ("words",)
STYLE: Final = ("words", "headers", "lists", "bold")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A rating in Elo points, mean 1000, with its interval clustered by question.

    Without an interval there is one question only, or nothing but ties.
    """

    value: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleEffect:
    """What a style is worth to the judge: Elo points per standard deviation of its share.

    Attributes:
        name: "words", "headers", "lists" or "bold".
    """

    name: str
    value: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """Ratings by name, three ways.

    Attributes:
        plain: Bradley-Terry.
        length: with the number of words taken out.
        style: with words, headers, lists and bold taken out.
        effects: what style is worth.
        notes: why something is missing, each a sentence.
    """

    plain: Mapping[str, Rating]
    length: Mapping[str, Rating]
    style: Mapping[str, Rating]
    effects: tuple[StyleEffect, ...] = ()
    notes: tuple[str, ...] = ()


def ratings_of(table: PairTable, answers: Answers, *, ids: Mapping[int, str]) -> Ratings:
    """Rate the contestants of judged pairs; one vote per pair, however strong.

    Args:
        table: comparisons of one judge, or of a panel.
        answers: for their style.
        ids: of the questions, by number.
    """
    given = table.verdict != MISSING
    if not given.any():
        return Ratings(plain={}, length={}, style={}, notes=("No verdict, so no rating.",))
    first, second = table.first[given], table.second[given]
    outcome = np.array([0, 2, 1])[table.verdict[given]]  # FIRST, TIE, SECOND as outcomes of votes
    inside = largest_component(_counts(len(table.contestants), first, second, outcome))
    notes: list[str] = []
    if len(inside) < len(table.contestants):
        rest = ", ".join(n for i, n in enumerate(table.contestants) if i not in set(inside))
        notes.append(
            "Without a rating, as no chain of wins and losses connects them both ways with the "
            f"rest: {rest}."
        )
    if len(inside) < 2:
        return Ratings(plain={}, length={}, style={}, notes=tuple(notes))
    kept = np.isin(first, inside) & np.isin(second, inside)
    places = np.searchsorted(inside, np.column_stack([first, second])[kept])
    votes = VoteArrays(len(inside), places[:, 0], places[:, 1], outcome[kept])
    question = table.question[given][kept]
    names = [table.contestants[i] for i in inside]
    plain = fit_weighted_bradley_terry(votes)
    counts = _style(table, answers, ids, np.flatnonzero(given)[kept])
    by_length, _ = _controlled(votes, question, names, counts, LENGTH, notes)
    by_style, effects = _controlled(votes, question, names, counts, STYLE, notes)
    return Ratings(
        plain=_rated(plain, votes, question, names),
        length=by_length,
        style=by_style,
        effects=effects,
        notes=tuple(dict.fromkeys(notes)),
    )


def _controlled(
    votes: VoteArrays,
    question: NDArray[np.int64],
    names: list[str],
    counts: FloatArray | None,
    styles: tuple[str, ...],
    notes: list[str],
) -> tuple[dict[str, Rating], tuple[StyleEffect, ...]]:
    """Return ratings with styles taken out, and what these are worth."""
    if counts is None:
        notes.append("No style control: the answers' texts are not in the run.")
        return {}, ()
    used = [name for name in styles if np.ptp(_difference(counts, STYLE.index(name))) > 0]
    if not used:
        return {}, ()
    at = [STYLE.index(name) for name in used]
    try:
        fit = fit_style_control(votes, counts[:, 0, at], counts[:, 1, at], used)
        rated = _rated(fit, votes, question, names)
    except RankingError:
        notes.append(
            f"No control for {', '.join(used)}: the pairs are too few, or foretold by it without "
            "exception."
        )
        return {}, ()
    return rated, _effects(fit, question, used)


def _effects(
    fit: LogisticFit, question: NDArray[np.int64], used: list[str]
) -> tuple[StyleEffect, ...]:
    """Return the coefficients with the sandwich's intervals, clustered by question."""
    numbers, groups = np.unique(question, return_inverse=True)
    g, m = len(numbers), fit.m
    lower: Sequence[float | None] = [None] * len(used)
    upper = lower
    if g > 1:
        moves = fit.scores(groups, g) @ bread(m, fit.hessian)[m:].T
        variance = g / (g - 1) * (moves**2).sum(axis=0)
        ends = t_interval(fit.coefficients, variance, np.full(len(used), g - 1.0))
        lower, upper = (
            [
                float(ELO_PER_NAT * end) if some > 0 else None
                for end, some in zip(side, variance, strict=True)
            ]
            for side in ends
        )
    return tuple(
        StyleEffect(name=name, value=float(ELO_PER_NAT * value), lower=low, upper=high)
        for name, value, low, high in zip(used, fit.coefficients, lower, upper, strict=True)
    )


def _rated(
    fit: Estimate, votes: VoteArrays, question: NDArray[np.int64], names: list[str]
) -> dict[str, Rating]:
    """Return ratings with intervals clustered by question."""
    theta = fit.parameters[: fit.m]
    rating = to_elo(theta)
    low: Sequence[float | None] = [None] * fit.m
    high = low
    if len(np.unique(question)) > 1:
        with np.errstate(invalid="ignore"):  # nothing but ties has no variance, and no interval
            ends = clustered_covariance(fit, votes, question).interval(theta)
        low, high = (
            [
                float(end) if np.isfinite(end) else None
                for end in rating + ELO_PER_NAT * (side - theta)
            ]
            for side in ends
        )
    return {
        name: Rating(value=float(value), lower=one, upper=other)
        for name, value, one, other in zip(names, rating, low, high, strict=True)
    }


def _counts(
    m: int, first: NDArray[np.int64], second: NDArray[np.int64], outcome: NDArray[np.int64]
) -> PairCounts:
    wins, losses, ties = ((outcome == code).astype(np.int64) for code in (0, 1, 2))
    return PairCounts(m, first, second, wins, losses, ties)


def _difference(counts: FloatArray, column: int) -> FloatArray:
    a, b = counts[:, 0, column], counts[:, 1, column]
    total = a + b
    return np.asarray(np.divide(a - b, total, out=np.zeros(len(a)), where=total > 0))


def _style(
    table: PairTable, answers: Answers, ids: Mapping[int, str], rows: NDArray[np.int64]
) -> FloatArray | None:
    """Return (rows, 2, styles) counts of both answers; None where an answer is not there."""
    known: dict[tuple[int, int, int], tuple[int, ...]] = {}
    found = np.zeros((len(rows), 2, len(STYLE)))
    for at, row in enumerate(rows):
        for side, numbers in enumerate((table.first, table.second)):
            key = (int(numbers[row]), int(table.question[row]), int(table.turn[row]))
            if key not in known:
                given = answers.get(table.contestants[key[0]], {}).get(ids[key[1]])
                if given is None or len(given.turns) < key[2]:
                    return None
                style = style_of(given.turns[max(key[2], 1) - 1].text)
                known[key] = tuple(getattr(style, name) for name in STYLE)
            found[at, side] = known[key]
    return found
