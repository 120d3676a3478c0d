"""Judge-human agreement beside human-human agreement, on the same items."""

from dataclasses import dataclass

import numpy as np

from blindarena.analysis.agreement import Counts
from blindarena.analysis.clusters import Estimated, mean_of
from blindarena.analysis.verdicts import Codes, Setup, in_setup
from blindarena.errors import InputError, NothingInCommonError


@dataclass(frozen=True, slots=True, kw_only=True)
class BesideHumans:
    """How a judge agrees with people where people can be seen to agree with each other.

    Attributes:
        setup: S1 with ties, S2 without.
        judge_human: mean over items of the share of human ratings that the judge's equals.
        human_human: mean over the same items of the share of pairs of human ratings that are equal.
        difference: the former less the latter; an interval above 0 says that the judge agrees with
            a person more than another person does.
        items: with a rating of the judge and two of people, in this setup.
    """

    setup: Setup
    judge_human: Estimated
    human_human: Estimated
    difference: Estimated
    items: int


def beside_humans(
    judge: Counts, human: Counts, *, question: Codes, setup: Setup, level: float = 0.95
) -> BesideHumans:
    """Compare judge-human with human-human agreement, each item weighing the same.

    Counting pairs instead would weigh an item with k people k times in the one and k (k - 1) / 2
    times in the other, so the two would not be of the same items.

    Args:
        judge: (items, 3) verdicts of the judge.
        human: (items, 3) verdicts of people.
        question: (items,) number of each item's question.
        setup: S1 or S2; in S2 items are left out whose judge says tie or that have fewer than two
            decided people.
        level: of the intervals.

    Returns:
        values None where the setup leaves no item.

    Raises:
        NothingInCommonError: no item has a rating of the judge and two of people.
        InputError: shapes differ.
    """
    mine, theirs = in_setup(judge, setup), in_setup(human, setup)
    if mine.shape != theirs.shape:
        raise InputError(f"judge has {len(mine)} items, human {len(theirs)}; give the same items")
    if not np.any((judge.sum(axis=1) > 0) & (human.sum(axis=1) > 1)):
        raise NothingInCommonError(
            "no item has a verdict of the judge and two of people, so the judge cannot be put "
            "beside people; have some of its items rated twice"
        )
    judges, people = mine.sum(axis=1), theirs.sum(axis=1)
    both = (judges > 0) & (people > 1)
    n, k, where = judges[both], people[both], np.asarray(question)[both]
    with_judge = (mine * theirs).sum(axis=1)[both] / (n * k)
    among = (theirs * (theirs - 1)).sum(axis=1)[both] / (k * (k - 1))
    return BesideHumans(
        setup=setup,
        judge_human=mean_of(with_judge, where, level=level),
        human_human=mean_of(among, where, level=level),
        difference=mean_of(with_judge - among, where, level=level),
        items=int(both.sum()),
    )
