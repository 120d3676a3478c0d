"""Shares, means and differences with intervals clustered by question.

Verdicts on one question are not independent. All of these are ratios of sums over questions, so
they get the cluster sandwich, which needs no draws; for what is no ratio see `draws`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blindarena.analysis.agreement import FloatArray
from blindarena.errors import InputError
from blindarena.ranking.proportions import clustered_share, wilson_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share with an interval clustered by question.

    Attributes:
        count: how many of `total` are; a half for what counts half.
        total: of how many.
        value: count / total; None where total is 0.
        lower, upper: of the interval; None with fewer than two questions.
        clusters: questions that have any.
        effective: independent ones that would say as much; None where there is no interval.
    """

    count: float
    total: float
    value: float | None
    lower: float | None
    upper: float | None
    clusters: int
    effective: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """A mean or a difference with an interval clustered by question.

    Attributes:
        value: None where there is nothing to compute it from.
        lower, upper: from Student's t with `clusters` - 1 degrees of freedom; None with fewer than
            two questions.
        n: items or ratings it rests on; of a difference, those of the smaller side.
        clusters: questions.
    """

    value: float | None
    lower: float | None
    upper: float | None
    n: int
    clusters: int


def sum_by(values: FloatArray | NDArray[np.int64], cluster: NDArray[np.int64]) -> FloatArray:
    """Return (clusters, k) sums of the (n, k) values of each cluster, clusters in sorted order.

    Raises:
        InputError: there is not one number per row.
    """
    number = np.asarray(cluster)
    if number.shape != (len(values),):
        raise InputError(
            f"question has shape {number.shape}; give one number per item: {len(values)}"
        )
    found, place = np.unique(number, return_inverse=True)
    sums = np.zeros((len(found), values.shape[1]))
    np.add.at(sums, place, values)
    return sums


def share_of(count: FloatArray, total: FloatArray, *, level: float = 0.95) -> Share:
    """Return a share whose interval holds although the answers on one question are alike.

    Wilson's interval at the number of independent answers that have the cluster sandwich's
    variance, with Student's quantile. Where all are alike there is no such variance, and each
    question counts as one answer.

    Args:
        count: (g,) by question.
        total: (g,) by question.
        level: how often the interval holds the share of endless questions.

    Source: see `clustered_share`.
    """
    some = total > 0
    count, total = count[some], total[some]
    n, clusters = float(total.sum()), len(total)
    if not clusters:
        return Share(
            count=0.0, total=0.0, value=None, lower=None, upper=None, clusters=0, effective=None
        )
    value = float(count.sum()) / n
    lower: float | None = None
    upper: float | None = None
    effective: float | None = None
    if clusters > 1:
        if value in (0.0, 1.0):
            effective = float(clusters)
            ends = wilson_interval(np.array([value * clusters]), np.array([effective]), level=level)
            lower, upper = float(ends[0][0]), float(ends[1][0])
        else:
            found = clustered_share(count, total, level=level)
            lower, upper, effective = found.lower, found.upper, found.effective_n
    return Share(
        count=float(count.sum()),
        total=n,
        value=value,
        lower=lower,
        upper=upper,
        clusters=clusters,
        effective=effective,
    )


def mean_of(values: FloatArray, cluster: NDArray[np.int64], *, level: float = 0.95) -> Estimated:
    """Return the mean of (n,) values, with the cluster sandwich's interval."""
    sums = sum_by(np.column_stack([values, np.ones(len(values))]), cluster)
    return difference_of(sums[:, 0], sums[:, 1], np.zeros(len(sums)), sums[:, 1], level=level)


def difference_of(
    count: FloatArray,
    total: FloatArray,
    other_count: FloatArray,
    other_total: FloatArray,
    *,
    level: float = 0.95,
) -> Estimated:
    """Return sum(count) / sum(total) - sum(other_count) / sum(other_total), and its interval.

    Both ratios come from the same questions, so what they share cancels in the variance.

    Args:
        count: (g,) by question.
        total: (g,) by question.
        other_count: (g,) by question.
        other_total: (g,) by question.
        level: how often the interval holds the difference over endless questions.

    Returns:
        value None where one side has nothing.

    Source: the linearised ratio, Cochran (1977), Sampling Techniques, chapter 6, with the factor
        g / (g - 1).
    """
    some = (total > 0) | (other_total > 0)
    sums = [array[some] for array in (count, total, other_count, other_total)]
    clusters = int(some.sum())
    n, m = float(sums[1].sum()), float(sums[3].sum())
    if n == 0 or m == 0:
        return Estimated(value=None, lower=None, upper=None, n=0, clusters=clusters)
    one, other = float(sums[0].sum()) / n, float(sums[2].sum()) / m
    off = (sums[0] - one * sums[1]) / n - (sums[2] - other * sums[3]) / m
    lower = upper = None
    if clusters > 1:
        from scipy.special import stdtrit  # takes time to import

        error = float(np.sqrt(clusters / (clusters - 1) * (off @ off)))
        half = float(stdtrit(clusters - 1, (1 + level) / 2)) * error
        lower, upper = one - other - half, one - other + half
    return Estimated(
        value=one - other, lower=lower, upper=upper, n=int(min(n, m)), clusters=clusters
    )
