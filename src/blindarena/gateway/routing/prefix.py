"""Requests that begin alike go to the same deployment, as long as it is not much busier."""

import hashlib
import math
from collections.abc import Sequence
from typing import Protocol, TypeVar

from blindarena.gateway.routing.balance import Weighted

C = 1.25
"""The bound: nobody has more than C times its share of the requests under way, rounded up."""
_MASK = (1 << 64) - 1


class Hashed(Weighted, Protocol):
    """A deployment as the prefix hash sees it."""

    @property
    def seed(self) -> int:
        """64 bits that follow from its name alone."""
        ...


_H = TypeVar("_H", bound=Hashed)


def hash64(data: bytes) -> int:
    """Return 64 bits of a hash that is the same in every process."""
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def by_prefix(candidates: Sequence[_H], prefix: bytes, *, c: float = C) -> _H:
    """Return the candidate that this prefix prefers among those that are within the bound.

    Each prefix has its own order of all deployments (weighted rendezvous hashing): it takes part
    in proportion to weight, and when a deployment leaves only its own prefixes move.

    Args:
        candidates: at least one.
        prefix: what the requests share.
        c: at least 1; 1 is an even load and no memory of prefixes, more is the other way.

    Source: Mirrokni, Thorup, Zadimoghaddam (2018), Consistent hashing with bounded loads, SODA;
    arXiv 1608.01350 (2016). Thaler, Ravishankar (1998) for the order.
    """
    if len(candidates) == 1:
        return candidates[0]
    key = hash64(prefix)
    total, weights = 1, 0.0
    for one in candidates:
        total += one.load
        weights += one.weight
    per_weight = c * total / weights
    best, found = -math.inf, candidates[0]
    for one in candidates:
        # The capacities add up to at least c (m + 1) > m: one of them is not reached.
        if one.load < math.ceil(per_weight * one.weight):
            score = one.weight / -math.log(_unit(key ^ one.seed))
            if score > best:
                best, found = score, one
    return found


def _unit(x: int) -> float:
    """Mix 64 bits (the last step of splitmix64) into a number in (0, 1)."""
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return (((x ^ (x >> 31)) >> 11) + 0.5) * 2.0**-53
