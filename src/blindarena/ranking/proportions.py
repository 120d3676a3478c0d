"""Intervals for shares: of independent answers, and of answers that hang together by voter."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class ClusteredShare:
    """A share of answers that come in clusters.

    Attributes:
        share: successes over answers; NaN without answers.
        lower, upper: of the interval; NaN without answers or with one cluster.
        n: answers.
        clusters: of these, how many have answers.
        effective_n: independent answers that would say as much; at most `n`.
    """

    share: float
    lower: float
    upper: float
    n: float
    clusters: int
    effective_n: float


def wilson_interval(
    successes: FloatArray, n: FloatArray, *, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return lower and upper bounds of shares, by inverting the score test.

    Unlike the textbook interval it stays between 0 and 1 and has a width at 0 and at n successes.

    Args:
        successes: between 0 and n; a tie may count half, which makes the interval a little wider
            than need be.
        n: answers, independent of each other, each the same chance; NaN bounds where it is 0.
        level: how often each interval holds the true share.

    Raises:
        InputError: there are more successes than answers, or fewer than none.

    Source: Wilson (1927), Journal of the American Statistical Association 22, 209-212; method 3
        of Newcombe (1998), Statistics in Medicine 17, 857-872.
    """
    if np.any(successes < 0) or np.any(successes > n):
        raise InputError("successes must be between 0 and the number of answers")
    z = NormalDist().inv_cdf((1 + level) / 2)
    some = np.where(n > 0, n, np.nan)
    centre = (successes + z**2 / 2) / (some + z**2)
    spread = successes * (some - successes) / some + z**2 / 4
    half = z / (some + z**2) * np.sqrt(spread)
    known = np.where(np.isnan(some), np.nan, 1.0)  # the ends themselves are exact
    lower = np.where(successes == 0, 0.0, centre - half) * known
    upper = np.where(successes == n, 1.0, centre + half) * known
    return lower, upper


def clustered_share(successes: FloatArray, n: FloatArray, *, level: float = 0.95) -> ClusteredShare:
    """Return a share with an interval that holds although one voter's answers are alike.

    The share's variance is that of a ratio of sums over clusters; so many independent answers
    would have it too, and these give Wilson's interval, with Student's quantile for the few
    clusters. Where all answers are the same there is no variance to compare, and each answer
    counts as independent.

    Args:
        successes: (g,) by cluster.
        n: (g,) answers by cluster.
        level: how often the interval holds the true share.

    Raises:
        InputError: there are more successes than answers, or fewer than none.

    Source: Korn and Graubard (1998), Survey Methodology 24, 193-201, there with the exact
        interval; with Wilson's, Franco, Little, Louis and Slud (2019), Journal of Survey
        Statistics and Methodology 7, 334-364.
    """
    if np.any(successes < 0) or np.any(successes > n):
        raise InputError("successes must be between 0 and the number of answers")
    some = n > 0
    successes, n = successes[some].astype(np.float64), n[some].astype(np.float64)
    clusters, total = len(n), float(n.sum())
    if not clusters:
        return ClusteredShare(np.nan, np.nan, np.nan, 0.0, 0, 0.0)
    share = float(successes.sum()) / total
    if clusters == 1:
        return ClusteredShare(share, np.nan, np.nan, total, 1, np.nan)
    off = successes - share * n
    variance = clusters / (clusters - 1) * float(off @ off) / total**2
    alone = share * (1 - share) / total
    effective = total if variance == 0 or alone == 0 else min(total, total * alone / variance)
    # SciPy's functions take time to import: only clustered intervals need them.
    from scipy.special import stdtrit

    quantile = NormalDist().inv_cdf((1 + level) / 2) / float(stdtrit(clusters - 1, (1 + level) / 2))
    used = effective * quantile**2
    lower, upper = wilson_interval(np.array([share * used]), np.array([used]), level=level)
    return ClusteredShare(share, float(lower[0]), float(upper[0]), total, clusters, effective)
