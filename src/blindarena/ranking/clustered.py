"""How uncertain strengths are where the votes of one voter, or on one prompt, hang together."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import BoolArray, FloatArray, IntArray
from blindarena.ranking.cluster_leverage import cluster_cells, leverage
from blindarena.ranking.estimating import Estimate, bread
from blindarena.ranking.intervals import t_interval
from blindarena.ranking.vote_arrays import VoteArrays

Correction = Literal["cr2", "jackknife"]

ENOUGH = 50
"""Effective clusters from which the interval was measured to hold its level."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ClusteredCovariance:
    """Covariance of strengths from the sums of whole clusters.

    Attributes:
        covariance: (m, m) of the log-strengths relative to their centre, nats squared.
        effective: (m,) how many equally heavy clusters would tell as much about each contestant.
        taste: standard deviation, in nats, of a cluster's own taste in one contestant, as the
            variance between clusters suggests; 0 where votes look independent.
        clusters: number of clusters with votes.
        correction: how the residuals' shrinkage was undone.
    """

    covariance: FloatArray = field(repr=False)
    effective: FloatArray
    taste: float
    clusters: int
    correction: Correction

    @property
    def df(self) -> FloatArray:
        """(m,) Satterthwaite's degrees of freedom, at least 1."""
        return np.maximum(self.effective - 1, 1)

    @property
    def warning(self) -> str | None:
        """What to tell people where the clusters are too few for the stated level."""
        least = float(self.effective.min())
        if least >= ENOUGH:
            return None
        return (
            f"only {least:.0f} effective clusters (of {self.clusters}); below {ENOUGH} the "
            "interval may hold less often than it says: cap the heaviest voters or ask more people"
        )

    def interval(self, theta: FloatArray, *, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Return (m,) lower and upper bounds from Student's t."""
        return t_interval(theta, self.covariance.diagonal(), self.df, level=level)


def clustered_covariance(
    estimate: Estimate,
    votes: VoteArrays,
    cluster: IntArray,
    *,
    weights: FloatArray | None = None,
    centre: BoolArray | None = None,
    correction: Correction = "cr2",
) -> ClusteredCovariance:
    """Return the covariance of the strengths when clusters, not votes, are independent.

    The score of each cluster is enlarged for the share of it that the fit itself explains: by
    (I - H_g H^-1)^-1/2 for CR2, unbiased where votes are independent, and by (I - H_g H^-1)^-1 for
    the jackknife, which is one Newton step towards leaving the cluster out. H_g is the cluster's
    part in the information on the strengths.

    Degrees of freedom follow from a working model in which each cluster has tastes of its own; how
    strong they are is estimated from the votes.

    Args:
        estimate: what was fitted to the votes.
        votes: those votes, in the same order.
        cluster: (n,) number of each vote's voter, prompt or other cluster, 0 or more.
        weights: (n,) weights of the votes in the fit; None is 1.
        centre: (m,) whose mean the strengths are relative to, see `sandwich_covariance`.
        correction: see above.

    Raises:
        InputError: the clusters are not one number per vote, or all votes are in one.

    Source: Bell and McCaffrey (2002), Survey Methodology 28, 169-181; Pustejovsky and Tipton
        (2018), Journal of Business & Economic Statistics 36, 672-683; the effective number after
        Carter, Schnepel and Steigerwald (2017), Review of Economics and Statistics 99, 698-709.
    """
    groups, n_groups = _numbered(votes, cluster)
    m = estimate.m
    spread = bread(m, estimate.hessian, centre=centre)
    scores = estimate.scores(groups, n_groups)
    information = (-estimate.hessian[:m, :m]).clip(min=0)
    cells = cluster_cells(votes, groups, n_groups, weights=weights, information=information)
    working = leverage(cells, spread[:m, :m], scores[:, :m], jackknife=correction == "jackknife")
    scores[:, :m] += working.added
    moves = scores @ spread[:m].T
    covariance = moves.T @ moves
    per_vote = _per_vote(estimate, spread[:m], working.independent)
    excess = float(covariance.trace() - per_vote * working.independent.sum())
    taste = max(0.0, excess / float(working.tastes.sum()))
    total = per_vote * working.independent + taste * working.tastes
    squares = (
        per_vote**2 * working.independent_squared
        + 2 * per_vote * taste * working.product
        + taste**2 * working.tastes_squared
    )
    return ClusteredCovariance(
        covariance=covariance,
        effective=total**2 / squares,
        taste=taste**0.5,
        clusters=n_groups,
        correction=correction,
    )


def _numbered(votes: VoteArrays, cluster: IntArray) -> tuple[IntArray, int]:
    """Return clusters without gaps, and how many there are."""
    if cluster.shape != votes.a.shape:
        raise InputError(f"cluster has shape {cluster.shape}; give one number per vote")
    found, groups = np.unique(cluster, return_inverse=True)
    if len(found) < 2:
        raise InputError(
            "all votes are in one cluster, so nothing tells how much clusters differ; choose "
            "another column, or the plain sandwich"
        )
    return groups.astype(np.int64), len(found)


def _per_vote(estimate: Estimate, spread: FloatArray, independent: FloatArray) -> float:
    """Return how a vote's variance compares with that of the model; ties make it smaller."""
    seen = np.einsum("ia,ab,ib->", spread, estimate.meat, spread, optimize=True)
    return float(seen / independent.sum())
