"""Choose among deployments that are free: the least busy for its weight."""

import math
import random
from collections.abc import Sequence
from typing import Protocol, TypeVar


class Weighted(Protocol):
    """A deployment as the balance sees it."""

    @property
    def weight(self) -> float:
        """Its share beside others, above 0."""
        ...

    @property
    def load(self) -> int:
        """Requests under way."""
        ...


_W = TypeVar("_W", bound=Weighted)


def least_busy(candidates: Sequence[_W], rng: random.Random) -> _W:
    """Return the candidate that would be least busy for its weight with one request more.

    Where several are equal, and where all are idle, the draw goes by weight. Drawing, and not
    taking turns, keeps several gateway processes from sending to the same one in step.

    Args:
        candidates: at least one.
        rng: draws among equals.
    """
    if len(candidates) == 1:
        return candidates[0]
    best = math.inf
    idle = True
    ties: list[_W] = []
    for one in candidates:
        load = one.load
        if load:
            idle = False
        score = (load + 1) / one.weight
        if score < best:
            best, ties = score, [one]
        elif score == best:
            ties.append(one)
    if idle:
        return _drawn(candidates, rng)
    return ties[0] if len(ties) == 1 else _drawn(ties, rng)


def _drawn(candidates: Sequence[_W], rng: random.Random) -> _W:
    total = 0.0
    for one in candidates:
        total += one.weight
    at = rng.random() * total
    for one in candidates:
        at -= one.weight
        if at < 0:
            return one
    return candidates[-1]
