"""Which contestants drive the disagreement of two evaluations."""

from dataclasses import dataclass

import numpy as np

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.correlation import Kind, correlation, weighted
from blindarena.analysis.scores import check_scores, midranks


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestantInfluence:
    """What one contestant does to the agreement of two evaluations.

    Attributes:
        contestant: its number.
        rank_one: by the one evaluation, 1 the best; equal scores share their mean rank.
        rank_other: by the other.
        rank_difference: rank_other - rank_one; above 0 the one evaluation likes it better.
        without: the coefficient without it; None where all others have equal scores.
        influence: the coefficient less `without`; below 0 the contestant drives the evaluations
            apart; None as `without`.
    """

    contestant: int
    rank_one: float
    rank_other: float
    rank_difference: float
    without: float | None
    influence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Influences:
    """How a coefficient depends on each contestant.

    Attributes:
        kind: of the coefficient.
        value: with all contestants.
        n: contestants.
        lowest: over leaving one out; None where no such value exists.
        highest: over leaving one out; None where no such value exists.
        contestants: those that drive the evaluations apart most come first.
    """

    kind: Kind
    value: float
    n: int
    lowest: float | None
    highest: float | None
    contestants: tuple[ContestantInfluence, ...]


def influences(one: FloatArray, other: FloatArray, *, kind: Kind = "spearman") -> Influences:
    """Return the coefficient without each contestant, and where the two put each.

    Args:
        one: (m,) scores of the contestants in both, at least four.
        other: (m,) scores of the same contestants.
        kind: of the coefficient.

    Raises:
        NothingInCommonError: fewer than four contestants: three are left when one is left out.
        ConstantScoresError: all scores of one evaluation are equal.
        InputError: shapes differ, or a score is no finite number.

    Source: leaving one out: Efron and Tibshirani (1993), An Introduction to the Bootstrap,
        chapter 11.
    """
    check_scores(one, other, fewest=4)
    m, value = len(one), correlation(one, other, kind=kind)
    without = weighted(np.ones((m, m)) - np.eye(m), one, other, kind=kind).clip(-1, 1)
    ranks, other_ranks = midranks(one), midranks(other)
    known = without[~np.isnan(without)]
    found = [
        ContestantInfluence(
            contestant=k,
            rank_one=float(ranks[k]),
            rank_other=float(other_ranks[k]),
            rank_difference=float(other_ranks[k] - ranks[k]),
            without=None if np.isnan(without[k]) else float(without[k]),
            influence=None if np.isnan(without[k]) else float(value - without[k]),
        )
        for k in range(m)
    ]
    found.sort(key=lambda c: (0.0 if c.influence is None else c.influence, c.contestant))
    return Influences(
        kind=kind,
        value=value,
        n=m,
        lowest=float(known.min()) if len(known) else None,
        highest=float(known.max()) if len(known) else None,
        contestants=tuple(found),
    )
