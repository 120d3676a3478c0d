"""Whether a judge likes longer answers, or more marked-up ones, more than people do."""

from dataclasses import dataclass

import numpy as np

from blindarena.analysis.agreement import Counts, FloatArray
from blindarena.analysis.clusters import Estimated, Share, difference_of, share_of, sum_by
from blindarena.analysis.verdicts import FIRST, SECOND, Codes, check_counts
from blindarena.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureBias:
    """How far a feature of an answer, as its length, goes with a judge's and people's verdicts.

    Attributes:
        judge: share of the judge's decided verdicts that go to the answer with more of it.
        human: that of people's, on the same items.
        excess: judge - human. Length may be a merit, so the judge's share alone proves nothing;
            what people do not share does.
        agrees_more: how often the judge agrees with a person who prefers the answer with more,
            less how often with one who prefers the answer with less; above 0 it leans to more.
        items: with a difference, a decided verdict of the judge and one of people.
        equal: items that are left out since both answers have as much.
    """

    judge: Share
    human: Share
    excess: Estimated
    agrees_more: Estimated
    items: int
    equal: int


def feature_bias(
    judge: Counts,
    human: Counts,
    difference: FloatArray,
    *,
    question: Codes,
    level: float = 0.95,
) -> FeatureBias:
    """Measure verbosity bias, format bias and their like.

    Args:
        judge: (items, 3) verdicts of the judge.
        human: (items, 3) verdicts of people.
        difference: (items,) how much more of the feature the first answer has than the second: of
            characters for verbosity, of headings, list items and bold words for format.
        question: (items,) number of each item's question.
        level: of the intervals, clustered by question.

    Returns:
        Values None where no item is left.

    Raises:
        InputError: shapes differ, or a difference is not a number.

    Source: the excess is over the same items' human share; `agrees_more` is the equal-opportunity
        measure of Saito et al. (2023), arXiv:2310.10076, in sign and form as said above.
    """
    mine, theirs = check_counts(judge, "judge"), check_counts(human, "human")
    if mine.shape != theirs.shape or difference.shape != (len(mine),):
        raise InputError(
            f"judge {mine.shape}, human {theirs.shape} and difference {difference.shape} differ; "
            "give one row per item in each"
        )
    if np.isnan(difference).any():
        where = int(np.isnan(difference).argmax())
        raise InputError(f"difference[{where}] is not a number; leave such items out")
    both = (mine[:, [FIRST, SECOND]].sum(axis=1) > 0) & (theirs[:, [FIRST, SECOND]].sum(axis=1) > 0)
    kept = both & (difference != 0)
    by_size = difference[kept] > 0
    j, h = _more_and_less(mine[kept], by_size), _more_and_less(theirs[kept], by_size)
    # Pairs of a judge's and a person's decided verdict: agreeing, all; by what the person prefers.
    agree, pairs = j * h, j.sum(axis=1, keepdims=True) * h
    columns = np.column_stack([j[:, 0], j.sum(axis=1), h[:, 0], h.sum(axis=1), agree, pairs])
    sums = sum_by(columns, np.asarray(question)[kept])
    j_more, j_all, h_more, h_all, with_more, with_less, by_more, by_less = sums.T
    return FeatureBias(
        judge=share_of(j_more, j_all, level=level),
        human=share_of(h_more, h_all, level=level),
        excess=difference_of(j_more, j_all, h_more, h_all, level=level),
        agrees_more=difference_of(with_more, by_more, with_less, by_less, level=level),
        items=int(kept.sum()),
        equal=int((both & (difference == 0)).sum()),
    )


def _more_and_less(
    counts: Counts, first_has_more: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> Counts:
    """Return (items, 2) verdicts for the answer with more of the feature, and with less."""
    more = np.where(first_has_more, counts[:, FIRST], counts[:, SECOND])
    less = np.where(first_has_more, counts[:, SECOND], counts[:, FIRST])
    return np.column_stack([more, less])
