"""When a model with a parameter for ties has one finite maximum."""

import numpy as np

from blindarena.errors import NotIdentifiedError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.vote_cells import VoteCells


def check_ties(cells: VoteCells, tied: FloatArray, *, strengths_are_free: bool) -> None:
    """Raise NotIdentifiedError unless the tie parameter has a finite estimate.

    Besides a strongly connected graph that takes a tie, and a cycle of contestants in which each
    beat or tied with the next, with more wins than ties. Otherwise strengths d_i exist with
    d_i - d_j >= 1 for every win and |d_i - d_j| <= 1 for every tie, and moving along them while
    ties become likelier never lowers the likelihood.

    Args:
        cells: the votes.
        tied: (pairs,) votes that count as ties.
        strengths_are_free: whether they have no prior; with one, any win will do.
    """
    if not (tied > 0).any():
        raise NotIdentifiedError(
            "there are no ties, so the tie parameter has no finite estimate; use Bradley-Terry"
        )
    won, lost = cells.weight[0] > 0, cells.weight[1] > 0
    if not (won | lost).any():
        raise NotIdentifiedError(
            "all votes are ties, so the tie parameter has no finite estimate; use Bradley-Terry"
        )
    if not strengths_are_free or (won & lost).any():
        return
    drawn = tied > 0
    winners = np.concatenate([cells.first[won], cells.second[lost]])
    losers = np.concatenate([cells.second[won], cells.first[lost]])
    tail = np.concatenate([winners, cells.first[drawn], cells.second[drawn]])
    head = np.concatenate([losers, cells.second[drawn], cells.first[drawn]])
    length = np.where(np.arange(len(tail)) < len(winners), -1, 1)
    if not _has_negative_cycle(cells.m, tail, head, length):
        raise NotIdentifiedError(
            "no wins contradict each other more than ties excuse, so ever likelier ties fit ever "
            "better: no finite estimate; use Bradley-Terry or state a prior for the strengths"
        )


def _has_negative_cycle(m: int, tail: IntArray, head: IntArray, length: IntArray) -> bool:
    """Say whether some cycle of edges has a negative sum of lengths (Bellman 1958, Ford 1956)."""
    distance = np.zeros(m, dtype=np.int64)
    for _ in range(m):
        shorter = distance.copy()
        np.minimum.at(shorter, head, distance[tail] + length)
        if (shorter == distance).all():
            return False
        distance = shorter
    return True
