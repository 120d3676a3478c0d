"""Who can be compared: the graph of who has scored against whom."""

import numpy as np

from blindarena.ranking.arrays import BoolArray, IntArray
from blindarena.ranking.laplacian import dense, flat_pairs
from blindarena.ranking.pair_counts import PairCounts
from blindarena.ranking.tallies import tally


def is_strongly_connected(counts: PairCounts) -> bool:
    """Say whether from each contestant a chain of wins or ties leads to every other.

    That is so exactly where Bradley-Terry has one finite maximum.

    Source: Ford (1957), American Mathematical Monthly 64(8), 28-33.
    """
    if counts.m < 2:
        return counts.m == 1
    m, first, second = counts.m, counts.first, counts.second
    one_way = dense(m, flat_pairs(m, first, second), counts.wins_first + counts.ties)
    other_way = dense(m, flat_pairs(m, second, first), counts.wins_second + counts.ties)
    beats = one_way + other_way > 0
    return bool(_reached(beats).all() and _reached(beats.T).all())


def strong_components(counts: PairCounts) -> IntArray:
    """Return (m,) the number of the strongly connected component of each contestant."""
    # SciPy's graphs take 0.3 s to import: only those who have an unconnected graph pay for it.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    won = counts.wins_first + counts.ties > 0
    lost = counts.wins_second + counts.ties > 0
    winners = np.concatenate([counts.first[won], counts.second[lost]])
    losers = np.concatenate([counts.second[won], counts.first[lost]])
    edges = np.ones(len(winners), dtype=np.int8)
    graph = coo_array((edges, (winners, losers)), shape=(counts.m, counts.m)).tocsr()
    _, labels = connected_components(graph, directed=True, connection="strong")
    return np.asarray(labels, dtype=np.int64)


def largest_component(counts: PairCounts) -> IntArray:
    """Return the contestants of the largest strongly connected component, ascending.

    Of two of one size it is the one whose contestants have more votes, then the one with the
    smallest index. A contestant that is connected with nobody is no component: the result may be
    empty.
    """
    if counts.m > 1 and is_strongly_connected(counts):
        return np.arange(counts.m)
    if counts.m < 2:
        return np.arange(0)
    labels = strong_components(counts)
    size = np.bincount(labels)
    votes = np.bincount(labels, tally(counts).votes)
    best = max(range(len(size)), key=lambda k: (size[k], votes[k], -int((labels == k).argmax())))
    return np.flatnonzero(labels == best) if size[best] > 1 else np.arange(0)


def _reached(beats: BoolArray) -> BoolArray:
    """Return who is reached from contestant 0 along the rows of a graph."""
    reached = np.zeros(len(beats), dtype=np.bool_)
    reached[0] = True
    newest = reached
    while newest.any() and not reached.all():
        newest = beats[newest].any(axis=0) & ~reached
        reached = reached | newest
    return reached
