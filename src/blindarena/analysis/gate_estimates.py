"""The difference of two contestants from votes that hang together in one way or in two."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log
from statistics import NormalDist
from typing import Literal

import numpy as np

from blindarena.errors import InputError, RankingError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.clustered import clustered_covariance
from blindarena.ranking.logistic import fit_logistic
from blindarena.ranking.proportions import wilson_interval
from blindarena.ranking.scale import ELO_PER_NAT
from blindarena.ranking.vote_arrays import VoteArrays

Unit = Literal["elo", "share"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """The loss that is still acceptable.

    Attributes:
        size: Elo points, or a share of votes from 0 to 0.5; above 0.
        unit: elo, or share: of the votes between the two, a tie counting half.
    """

    size: float
    unit: Unit

    def __post_init__(self) -> None:
        most = 0.5 if self.unit == "share" else 1000.0
        if not 0 < self.size < most:
            shown = "50%" if self.unit == "share" else "1000elo"
            raise InputError(f"the largest loss is {self}; give more than 0 and less than {shown}")

    def __str__(self) -> str:
        return f"{100 * self.size:g}%" if self.unit == "share" else f"{self.size:g}elo"


@dataclass(frozen=True, slots=True)
class Difference:
    """Candidate less baseline, in the margin's unit.

    Attributes:
        estimate: of it.
        lower, upper: one-sided bounds at 1 - alpha each.
        votes: it rests on.
        efficiency: how many independent votes between equals each of them is worth.
        clusters: the fewest of the ways in which votes hang together.
    """

    estimate: float
    lower: float
    upper: float
    votes: int
    efficiency: float
    clusters: int


def by_share(
    won: FloatArray, clusters: Mapping[str, IntArray], margin: Margin, alpha: float
) -> Difference:
    """Return the candidate's share of the votes between the two, less a half, or its log-odds."""
    value, n = float(won.mean()), len(won)
    off = won - value

    def variance(codes: IntArray) -> float:
        place = np.unique(codes, return_inverse=True)[1]
        sums, share = np.bincount(place, off), np.bincount(place) / n
        # The share itself takes up so much of the variance; g / (g - 1) for clusters of one size.
        left = 1 - float(share @ share)
        return float(sums @ sums) / n**2 / left if len(sums) > 1 else np.inf

    fewest = min(len(np.unique(codes)) for codes in clusters.values())
    whole = _two_ways(variance, clusters)
    effective = float(fewest) if whole == 0 else min(n, value * (1 - value) / whole)
    lower, upper = 0.0, 1.0
    if fewest > 1 and effective > 0:
        from scipy.special import stdtrit  # takes time to import

        ratio = NormalDist().inv_cdf(1 - alpha) / float(stdtrit(fewest - 1, 1 - alpha))
        used = np.array([effective * ratio**2])
        ends = wilson_interval(value * used, used, level=1 - 2 * alpha)
        lower, upper = float(ends[0][0]), float(ends[1][0])
    of = _elo if margin.unit == "elo" else (lambda share: share - 0.5)
    return Difference(of(value), of(lower), of(upper), n, max(effective, 1.0) / n, fewest)


def _two_ways(variance: Callable[[IntArray], float], clusters: Mapping[str, IntArray]) -> float:
    """Return the variance where votes hang together in one way or in two.

    Those of both ways are added and that of votes alike in both is taken off, once; it is at least
    that of each way.

    Source: Cameron, Gelbach and Miller (2011), Journal of Business & Economic Statistics 29(2),
        238-249.
    """
    each = [variance(codes) for codes in clusters.values()]
    if len(each) == 1 or np.isinf(max(each)):
        return max(each)
    both = np.unique(np.column_stack(list(clusters.values())), axis=0, return_inverse=True)[1]
    return max(*each, sum(each) - variance(both.ravel().astype(np.int64)))


def _elo(share: float) -> float:
    """Return the difference in Elo points that gives a share, kept finite."""
    kept = min(max(share, 1e-6), 1 - 1e-6)
    return ELO_PER_NAT * log(kept / (1 - kept))


def by_rating(
    votes: VoteArrays,
    baseline: int,
    candidate: int,
    clusters: Mapping[str, IntArray],
    alpha: float,
) -> Difference | None:
    """Return the difference of ratings; None where the votes do not determine it."""
    from scipy.special import stdtrit  # takes time to import

    kept = np.unique(np.concatenate([votes.a, votes.b]))
    if baseline not in kept or candidate not in kept:
        return None
    new = np.full(votes.m, -1)
    new[kept] = np.arange(len(kept))
    among = VoteArrays(len(kept), new[votes.a], new[votes.b], votes.outcome)
    b, c = int(new[baseline]), int(new[candidate])
    fewest = min(len(np.unique(codes)) for codes in clusters.values())
    if fewest < 2:
        return None
    degrees = []
    try:
        fit = fit_logistic(among, np.zeros((len(among), 0)), ())

        def variance(codes: IntArray) -> float:
            found = clustered_covariance(fit, among, codes)
            degrees.append(float(min(found.df[b], found.df[c])))
            s = found.covariance
            return float(s[c, c] + s[b, b] - 2 * s[b, c])

        error = _two_ways(variance, clusters) ** 0.5
    except RankingError:
        return None
    estimate = float(fit.theta[c] - fit.theta[b])
    half = error * float(stdtrit(min(degrees), 1 - alpha))
    # So many direct, independent votes between equals would have this error.
    efficiency = 4 / error**2 / len(among)
    lower, upper = estimate - half, estimate + half
    elo = [ELO_PER_NAT * x for x in (estimate, lower, upper)]
    return Difference(elo[0], elo[1], elo[2], len(among), efficiency, fewest)
