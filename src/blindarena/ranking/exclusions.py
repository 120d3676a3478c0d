"""Which votes are left out, and why; every one is counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Exclusions:
    """Votes that stay, and how many do not, by reason.

    Attributes:
        keep: (n,) whether the vote stays.
        counts: votes left out by the first reason that holds for them, in the order of reasons.
    """

    keep: BoolArray = field(repr=False)
    counts: dict[str, int]


def exclude(n: int, reasons: Mapping[str, BoolArray]) -> Exclusions:
    """Leave out the votes for which some reason holds.

    Args:
        n: number of votes.
        reasons: (n,) for each, whether it holds; a vote counts for the first of them.

    Raises:
        InputError: a reason is not one truth per vote.
    """
    keep = np.ones(n, dtype=np.bool_)
    counts = {}
    for name, holds in reasons.items():
        if holds.shape != (n,) or holds.dtype != np.bool_:
            raise InputError(
                f"{name} is {holds.dtype} of shape {holds.shape}; give one bool for each of {n} "
                "votes"
            )
        counts[name] = int((keep & holds).sum())
        keep &= ~holds
    return Exclusions(keep=keep, counts=counts)


def beyond_cap(voter: IntArray, cap: int) -> BoolArray:
    """Return (n,) the votes that come after the first `cap` of their voter.

    Args:
        voter: (n,) number of each vote's voter, in the order the votes were cast.
        cap: votes that count, 1 or more.
    """
    if cap < 1:
        raise InputError(f"the cap is {cap}; give 1 or more votes")
    return _earlier(voter) >= cap


def cap_weights(voter: IntArray, cap: int) -> FloatArray:
    """Return (n,) weights with which no voter counts for more than `cap` votes.

    All votes of a voter are kept and share the cap, so the order plays no part.

    Args:
        voter: (n,) number of each vote's voter, 0 or more.
        cap: weight of a voter at most, 1 or more.
    """
    if cap < 1:
        raise InputError(f"the cap is {cap}; give 1 or more votes")
    _, place, votes = np.unique(voter, return_inverse=True, return_counts=True)
    return np.asarray(np.minimum(1.0, cap / votes[place]))


def too_fast(seconds: FloatArray, least: float) -> BoolArray:
    """Return (n,) the votes cast sooner than `least` seconds after both answers were there.

    NaN, a time that was not measured, is not too fast.
    """
    if not least >= 0:
        raise InputError(f"the least time is {least} s; give 0 or more")
    return np.asarray(seconds < least)


def repeated_prompts(prompt: IntArray, most: int) -> BoolArray:
    """Return (n,) the votes on a prompt that has had `most` before, whoever asked it.

    Args:
        prompt: (n,) number of each vote's prompt, alike where the texts are, in the order the
            votes were cast.
        most: votes on one prompt that count, 1 or more.
    """
    if most < 1:
        raise InputError(f"the most is {most}; give 1 or more votes")
    return _earlier(prompt) >= most


def _earlier(codes: IntArray) -> IntArray:
    """Return (n,) how often each entry's code has come before it."""
    order = np.argsort(codes, kind="stable")
    same = codes[order]
    begins = np.flatnonzero(np.concatenate([[True], same[1:] != same[:-1]])) if len(codes) else same
    start = np.repeat(begins, np.diff(np.append(begins, len(codes))))
    earlier = np.empty(len(codes), dtype=np.int64)
    earlier[order] = np.arange(len(codes)) - start
    return earlier
