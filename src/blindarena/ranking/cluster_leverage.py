"""How much of the information on the strengths each cluster of votes holds."""

from dataclasses import dataclass

import numpy as np

from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.laplacian import flat_pairs, laplacian
from blindarena.ranking.vote_arrays import VoteArrays

ALONE = 0.99
"""A cluster that holds more than this share of a direction is taken to hold this much."""

CHUNK = 2_000_000
"""Numbers in a work array at most."""


@dataclass(frozen=True, slots=True, eq=False)
class ClusterCells:
    """The information of each cluster on each pair that it has met, sorted by cluster.

    Attributes:
        first, second: (cells,) contestants of the pair.
        weight: (cells,) the information; that of all clusters adds up to the Hessian's.
        start: (clusters + 1,) where the cells of each cluster begin.
    """

    first: IntArray
    second: IntArray
    weight: FloatArray
    start: IntArray


def cluster_cells(
    votes: VoteArrays,
    groups: IntArray,
    n_groups: int,
    *,
    weights: FloatArray | None,
    information: FloatArray,
) -> ClusterCells:
    """Give each cluster its share, by votes, in the information on each pair.

    Args:
        votes: the votes.
        groups: (n,) cluster of each, all from 0 to n_groups - 1.
        n_groups: how many clusters there are.
        weights: (n,) weight of each vote; None is 1.
        information: (m, m) of each pair, symmetric.
    """
    m = votes.m
    low, high = np.minimum(votes.a, votes.b), np.maximum(votes.a, votes.b)
    each = np.ones(len(votes)) if votes.count is None else votes.count.astype(np.float64)
    if weights is not None:
        each = each * weights
    keys, place = np.unique(
        groups * (m * m) + flat_pairs(m, low.astype(np.int64), high), return_inverse=True
    )
    share = np.bincount(place, each, minlength=len(keys))
    pair = keys % (m * m)
    total = np.bincount(pair, share, minlength=m * m)[pair]
    return ClusterCells(
        first=pair // m,
        second=pair % m,
        weight=information.ravel()[pair] * np.divide(share, total, where=total > 0, out=0 * share),
        start=np.searchsorted(keys, np.arange(n_groups + 1) * (m * m)),
    )


class Leverage:
    """What `leverage` adds up.

    Attributes:
        added: (clusters, m) by how much the correction enlarges the scores.
        independent, tastes: (m,) sum over clusters of the variance of a strength's move, if votes
            were independent and if each cluster had tastes of variance 1 of its own.
        independent_squared, tastes_squared, product: (m,) sums of their squares and product.
    """

    def __init__(self, n_groups: int, m: int) -> None:
        self.added = np.zeros((n_groups, m))
        self.independent, self.tastes = np.zeros(m), np.zeros(m)
        self.independent_squared, self.tastes_squared = np.zeros(m), np.zeros(m)
        self.product = np.zeros(m)

    def include(self, independent: FloatArray, tastes: FloatArray) -> None:
        """Add (clusters, m) variances."""
        self.independent += independent.sum(axis=0)
        self.tastes += tastes.sum(axis=0)
        self.independent_squared += (independent**2).sum(axis=0)
        self.tastes_squared += (tastes**2).sum(axis=0)
        self.product += (independent * tastes).sum(axis=0)


def leverage(
    cells: ClusterCells, spread: FloatArray, scores: FloatArray, *, jackknife: bool
) -> Leverage:
    """Work out the corrections and the working variances of all clusters.

    With x_k = e_first - e_second and the weights w_k of a cluster's cells, H_g is the sum of
    w_k x_k x_k^T, and f(H_g A) s = s + X^T W^1/2 phi(K) W^1/2 X A s, where
    K = W^1/2 X A X^T W^1/2 is no larger than the cluster's number of pairs.

    Args:
        cells: the clusters' information.
        spread: (m, m) the inverse A of all information, see `bread`.
        scores: (clusters, m) sums of the votes' scores.
        jackknife: enlarge by 1 / (1 - share) instead of its square root.
    """
    n_groups, m = scores.shape
    result = Leverage(n_groups, m)
    reach = scores @ spread.T
    met = np.diff(cells.start)
    for k in np.unique(met[met < m]):
        same = np.flatnonzero(met == k)
        for part in np.array_split(same, 1 + len(same) * k * max(k, m) // CHUNK):
            at = cells.start[part][:, np.newaxis] + np.arange(k)
            first, second = cells.first[at], cells.second[at]
            rows = np.zeros((len(part), k, m))
            np.put_along_axis(rows, first[:, :, np.newaxis], 1.0, axis=2)
            np.put_along_axis(rows, second[:, :, np.newaxis], -1.0, axis=2)
            moves = spread.T[first] - spread.T[second]
            _work(result, part, rows, moves, cells.weight[at], reach, jackknife)
    for group in np.flatnonzero(met >= m):
        inside = slice(cells.start[group], cells.start[group + 1])
        pairs = flat_pairs(m, cells.first[inside], cells.second[inside])
        weight, vectors = np.linalg.eigh(laplacian(m, pairs, cells.weight[inside]))
        rows = vectors.T[np.newaxis]
        weight = weight.clip(min=0)[np.newaxis]
        _work(result, np.array([group]), rows, rows @ spread.T, weight, reach, jackknife)
    return result


def _work(
    result: Leverage,
    part: IntArray,
    rows: FloatArray,
    moves: FloatArray,
    weight: FloatArray,
    reach: FloatArray,
    jackknife: bool,
) -> None:
    """Work out some clusters: (g, k, m) rows x_k and A x_k, (g, k) weights."""
    root = np.sqrt(weight)[:, :, np.newaxis]
    back = rows.transpose(0, 2, 1)
    share = root * (moves @ back) * root.transpose(0, 2, 1)
    values, vectors = np.linalg.eigh((share + share.transpose(0, 2, 1)) / 2)
    rest = 1 - values.clip(0, ALONE)
    gain = 1 / rest if jackknife else 1 / (np.sqrt(rest) * (1 + np.sqrt(rest)))
    seen = root * (rows @ reach[part][:, :, np.newaxis])
    turned = gain[:, :, np.newaxis] * (vectors.transpose(0, 2, 1) @ seen)
    result.added[part] = (back @ (root * (vectors @ turned)))[:, :, 0]
    pulled = weight[:, :, np.newaxis] * moves
    tastes = (pulled * ((rows @ back) @ pulled)).sum(axis=1)
    result.include((pulled * moves).sum(axis=1), tastes.clip(min=0))
