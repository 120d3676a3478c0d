"""Verdicts on items: which of two answers is better, as codes of raters or as counts per item.

An item is a question, a turn and an unordered pair of contestants. The caller gives each item one
orientation, the contestants by name, whatever the order in which a rater saw the answers: *first*
and *second* are of that orientation. Shares of agreement do not depend on it; kappas do, since a
kappa asks how often each rater says "first" at all.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from blindarena.analysis.agreement import Counts
from blindarena.errors import InputError

Codes = NDArray[np.int64]
Setup = Literal["S1", "S2"]
"""MT-Bench's: S1 counts ties and inconsistent verdicts as one verdict of their own, "tie"; S2 keeps
only pairs of ratings of which neither is a tie."""

FIRST, TIE, SECOND = 0, 1, 2
"""Codes of verdicts and columns of counts: in this order they are ordinal."""
MISSING = -1
"""Code of a verdict that was not given or could not be parsed: never a tie."""
KINDS = 3

_KEPT: dict[Setup, list[int]] = {"S1": [FIRST, TIE, SECOND], "S2": [FIRST, SECOND]}


def check_verdicts(verdict: Codes, name: str = "verdict") -> Codes:
    """Return the codes as int64.

    Raises:
        InputError: an entry is none of FIRST, TIE, SECOND, MISSING.
    """
    codes = np.asarray(verdict)
    wrong = np.argwhere((codes < MISSING) | (codes >= KINDS) | (codes != np.floor(codes)))
    if len(wrong):
        place = tuple(int(i) for i in wrong[0])
        raise InputError(
            f"{name}{list(place)} is {codes[place]}; give 0 (first), 1 (tie), 2 (second) or -1 "
            "(missing)"
        )
    return codes.astype(np.int64)


def check_counts(counts: Counts, name: str = "counts") -> Counts:
    """Return (items, 3) counts as int64.

    Raises:
        InputError: another shape, or an entry is negative or not whole.
    """
    found = np.asarray(counts)
    if found.ndim != 2 or found.shape[1] != KINDS:
        raise InputError(f"{name} has shape {found.shape}; give (items, 3): first, tie, second")
    wrong = np.argwhere(~(found >= 0) | (found != np.floor(found)))
    if len(wrong):
        row, column = (int(i) for i in wrong[0])
        raise InputError(f"{name}[{row}, {column}] is {found[row, column]}; give a count")
    return found.astype(np.int64)


def count_verdicts(item: Codes, verdict: Codes, *, items: int) -> Counts:
    """Return (items, 3) how often each verdict was given on each item.

    Args:
        item: (n,) the item of each rating, 0 to items - 1.
        verdict: (n,) FIRST, TIE, SECOND, or MISSING, which is not counted.
        items: how many items there are.

    Raises:
        InputError: shapes differ, or a code is out of range.
    """
    codes = check_verdicts(verdict)
    place = np.asarray(item)
    if place.shape != codes.shape or codes.ndim != 1:
        raise InputError(f"item has shape {place.shape} and verdict {codes.shape}; give (n,) both")
    if len(place) and (place.min() < 0 or place.max() >= items):
        raise InputError(f"item holds {place.min()} to {place.max()}; give 0 to {items - 1}")
    given = codes != MISSING
    flat = place[given] * KINDS + codes[given]
    return np.bincount(flat, minlength=items * KINDS).reshape(items, KINDS).astype(np.int64)


def flip(verdict: Codes) -> Codes:
    """Return the verdicts as they are when the two answers change places."""
    return np.where(verdict == MISSING, MISSING, SECOND - verdict)


def in_setup(counts: Counts, setup: Setup) -> Counts:
    """Return the columns that the setup compares: (items, 3) for S1, (items, 2) for S2."""
    return check_counts(counts)[:, _KEPT[setup]]


def majority(counts: Counts) -> Codes:
    """Return (items,) the most frequent verdict; TIE where no single one is, MISSING without any.

    Source: the rule of the MT-Bench kappas, over all votes of an item.
    """
    found = check_counts(counts)
    alone = (found == found.max(axis=1, keepdims=True)).sum(axis=1) == 1
    most = np.where(alone, found.argmax(axis=1), TIE)
    return np.where(found.sum(axis=1) > 0, most, MISSING).astype(np.int64)


def both_orders(shown: Codes, swapped: Codes) -> Codes:
    """Return one verdict from two orders: what both say, TIE where they differ.

    Args:
        shown: (n,) verdicts, FIRST being the answer that was shown first.
        swapped: (n,) the same with the answers' places exchanged, FIRST again being what was shown
            first then.

    Returns:
        (n,) in the orientation of `shown`; MISSING where one of the two is.

    Source: MT-Bench: inconsistent verdicts count as a tie.
    """
    one, other = check_verdicts(shown, "shown"), flip(check_verdicts(swapped, "swapped"))
    verdict = np.where(one == other, one, TIE)
    return np.where((one == MISSING) | (other == MISSING), MISSING, verdict).astype(np.int64)
