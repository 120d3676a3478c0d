"""Items that a judge covers and people label in part."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from blindarena.errors import InputError, NothingInCommonError
from blindarena.ranking.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class JudgedItems:
    """Pairs of answers with the judge's score of the first, and people's where they looked.

    Attributes:
        names: (m,) of the contestants.
        first: (n,) contestant.
        second: (n,) the other.
        judge: (n,) score of the first by the judge: 1, 0.5 for a tie, 0, or a mean of these.
        human: (n,) the same by people; NaN where nobody looked.
        share: (n,) chance with which the item was given to people.
        cluster: (n,) number of the item's question, or of the item where items are independent.
    """

    names: tuple[str, ...]
    first: IntArray = field(repr=False)
    second: IntArray = field(repr=False)
    judge: FloatArray = field(repr=False)
    human: FloatArray = field(repr=False)
    share: FloatArray = field(repr=False)
    cluster: IntArray = field(repr=False)

    @property
    def m(self) -> int:
        """Number of contestants."""
        return len(self.names)

    @property
    def labelled(self) -> BoolArray:
        """(n,) whether people looked."""
        return ~np.isnan(self.human)

    @property
    def labels(self) -> int:
        """Items that people looked at."""
        return int(self.labelled.sum())

    @property
    def label_weight(self) -> FloatArray:
        """(n,) how many items each labelled one stands for; 0 for the others; their sum is n.

        One over the chance of being labelled, scaled to the sum n (Hajek), so that a fixed number
        of labels and labels drawn one by one are the same thing.
        """
        raw = np.where(self.labelled, 1 / self.share, 0.0)
        return np.asarray(raw * (len(raw) / raw.sum()))


def judged_items(
    names: Sequence[str],
    first: IntArray,
    second: IntArray,
    *,
    judge: FloatArray,
    human: FloatArray,
    share: FloatArray | None = None,
    cluster: IntArray | None = None,
) -> JudgedItems:
    """Check items and return them.

    Args:
        names: (m,) contestants.
        first: (n,) number of each item's first contestant.
        second: (n,) of its second.
        judge: (n,) score of the first, 0 to 1: the judge covers every item.
        human: (n,) the same by people, NaN where nobody looked. Which items people look at must be
            random; what they say must not change it.
        share: (n,) known chance of being labelled, above 0 and at most 1; None where all items had
            the same: the share of labelled ones.
        cluster: (n,) number of the item's question; None where every item is its own.

    Raises:
        InputError: shapes differ, or an entry is out of range.
        NothingInCommonError: no item is labelled.
    """
    n = len(first)
    arrays = {"second": second, "judge": judge, "human": human, "share": share, "cluster": cluster}
    for name, array in arrays.items():
        if array is not None and np.shape(array) != (n,):
            raise InputError(f"{name} has shape {np.shape(array)}; give one entry per item: {n}")
    both = np.concatenate([first, second])
    if n and (both.min() < 0 or both.max() >= len(names)):
        raise InputError(f"items hold contestants {both.min()} to {both.max()} of {len(names)}")
    if np.any(first == second):
        raise InputError(f"item {int(np.argmax(first == second))} compares a contestant to itself")
    _check_scores("judge", ~((judge >= 0) & (judge <= 1)), judge)
    _check_scores("human", (human < 0) | (human > 1), human)
    labels = int((~np.isnan(human)).sum())
    if not labels:
        raise NothingInCommonError(
            f"none of the {n} judged items has a human label, so nothing tells how far the judge "
            "is off; have people vote on some of them, drawn at random"
        )
    if share is None:
        share = np.full(n, labels / n)
    _check_scores("share", ~((share > 0) & (share <= 1)), share)
    return JudgedItems(
        names=tuple(names),
        first=np.asarray(first, dtype=np.int64),
        second=np.asarray(second, dtype=np.int64),
        judge=np.asarray(judge, dtype=np.float64),
        human=np.asarray(human, dtype=np.float64),
        share=np.asarray(share, dtype=np.float64),
        cluster=np.arange(n) if cluster is None else np.asarray(cluster, dtype=np.int64),
    )


def _check_scores(name: str, wrong: BoolArray, values: FloatArray) -> None:
    if wrong.any():
        at = int(wrong.argmax())
        raise InputError(f"{name}[{at}] is {values[at]}; give a number from 0 to 1")
