"""Correlation of the scores that two evaluations give the same contestants.

Each coefficient is written for many weightings of the contestants at once: a weight of 2 is a
contestant drawn twice, a weight of 0 one left out. So a bootstrap over contestants, and leaving
each out, are one call.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from blindarena.analysis.agreement import FloatArray, Interval
from blindarena.analysis.draws import bootstrap
from blindarena.analysis.permutation import permutation_p_value
from blindarena.analysis.scores import check_scores

Kind = Literal["pearson", "spearman", "kendall"]
KINDS: tuple[Kind, ...] = ("pearson", "spearman", "kendall")
FEW = 10
"""Contestants below which drawing them anew says little: an exact p-value is given instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """A correlation with what tells how far it may be trusted.

    Attributes:
        kind: pearson, spearman or kendall (tau-b).
        value: from -1 to 1.
        n: contestants: to be shown beside every value.
        interval: BCa bootstrap over contestants, from FEW of them on; None below, or where
            too many draws have equal scores only.
        p_value: below FEW contestants: the share of all orders of them, of one evaluation, in which
            the coefficient is as far from 0; None from FEW on.
    """

    kind: Kind
    value: float
    n: int
    interval: Interval | None
    p_value: float | None


def correlations(
    one: FloatArray, other: FloatArray, *, seed: int, rounds: int = 1000, level: float = 0.95
) -> tuple[Correlation, ...]:
    """Return Pearson's, Spearman's and Kendall's coefficient of two evaluations.

    Args:
        one: (m,) scores of the contestants in both.
        other: (m,) scores of the same contestants.
        seed: of the bootstrap.
        rounds: of the bootstrap.
        level: of the intervals.

    Raises:
        NothingInCommonError: fewer than three contestants.
        ConstantScoresError: all scores of one evaluation are equal.
        InputError: shapes differ, or a score is no finite number.

    Source: Kendall (1945), Biometrika 33(3), 239-251, for tau-b; the rest are textbook.
    """
    check_scores(one, other)
    few = len(one) < FEW
    return tuple(
        Correlation(
            kind=kind,
            value=correlation(one, other, kind=kind),
            n=len(one),
            interval=None if few else _over_contestants(one, other, kind, seed, rounds, level),
            p_value=permutation_p_value(one, other, kind=kind) if few else None,
        )
        for kind in KINDS
    )


def correlation(one: FloatArray, other: FloatArray, *, kind: Kind) -> float:
    """Return one coefficient of two evaluations.

    Raises:
        AnalysisError: as `correlations`.
        InputError: as `correlations`.
    """
    check_scores(one, other)
    value = float(weighted(np.ones((1, len(one))), one, other, kind=kind)[0])
    return min(1.0, max(-1.0, value))


def weighted(weights: FloatArray, one: FloatArray, other: FloatArray, *, kind: Kind) -> FloatArray:
    """Return (rounds,) coefficients, each with its own weights of the contestants.

    Args:
        weights: (rounds, m) how often each contestant counts: whole numbers, 0 allowed.
        one: (m,) scores.
        other: (m,) scores.
        kind: which coefficient.

    Returns:
        NaN where the weights leave one score only.
    """
    return _OF[kind](weights, one, other)


def _over_contestants(
    one: FloatArray, other: FloatArray, kind: Kind, seed: int, rounds: int, level: float
) -> Interval | None:
    return bootstrap(
        np.eye(len(one)),
        lambda weights: weighted(weights, one, other, kind=kind),
        seed=seed,
        rounds=rounds,
        level=level,
    )


def _pearson(weights: FloatArray, one: FloatArray, other: FloatArray) -> FloatArray:
    # Centred and scaled first: large scores with small differences keep their digits.
    shape = weights.shape
    rows = [np.broadcast_to((a - a.mean()) / (np.ptp(a) or 1), shape) for a in (one, other)]
    return _pearson_rows(weights, *rows)


def _spearman(weights: FloatArray, one: FloatArray, other: FloatArray) -> FloatArray:
    return _pearson_rows(weights, _ranks(weights, one), _ranks(weights, other))


def _ranks(weights: FloatArray, scores: FloatArray) -> FloatArray:
    """Return (rounds, m) midranks of the drawn contestants, less 1/2."""
    sign = np.sign(scores[:, np.newaxis] - scores[np.newaxis])
    return np.asarray(weights @ ((sign.T + 1) / 2))


def _pearson_rows(weights: FloatArray, one: FloatArray, other: FloatArray) -> FloatArray:
    total = weights.sum(axis=1, keepdims=True)
    x = one - (weights * one).sum(axis=1, keepdims=True) / total
    y = other - (weights * other).sum(axis=1, keepdims=True) / total
    spreads = [(weights * a * a).sum(axis=1) for a in (x, y)]
    return _over((weights * x * y).sum(axis=1), spreads[0], spreads[1])


def _kendall(weights: FloatArray, one: FloatArray, other: FloatArray) -> FloatArray:
    x, y = (np.sign(a[:, np.newaxis] - a[np.newaxis]) for a in (one, other))
    both, alone_x, alone_y = (((weights @ s) * weights).sum(axis=1) for s in (x * y, x * x, y * y))
    return _over(both, alone_x, alone_y)


def _over(product: FloatArray, one: FloatArray, other: FloatArray) -> FloatArray:
    """Return product / sqrt(one * other); NaN where one of these is nothing but rounding."""
    some = (one > 1e-20) & (other > 1e-20)
    root = np.sqrt(np.where(some, one, 1)) * np.sqrt(np.where(some, other, 1))
    return np.where(some, product / root, np.nan)


_OF: dict[Kind, Callable[[FloatArray, FloatArray, FloatArray], FloatArray]] = {
    "pearson": _pearson,
    "spearman": _spearman,
    "kendall": _kendall,
}
