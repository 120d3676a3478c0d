"""How far voters agree on the same prompt and the same two contestants."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from blindarena.analysis.agreement import (
    Counts,
    alpha_between,
    alpha_interval,
    krippendorff_alpha,
    share_equal,
    share_equal_between,
)
from blindarena.leaderboard.reporting.ballots import FEWEST, Ballot
from blindarena.leaderboard.reporting.parts import ReportAgreement, ReportEstimate
from blindarena.leaderboard.reporting.words import plural

FEW_ITEMS = 20
"""Items below which agreement is told with a warning."""
SEED = 0


def agreements(ballots: Sequence[Ballot]) -> tuple[tuple[ReportAgreement, ...], str]:
    """Return agreement among all voters, within and between groups, and it in a sentence.

    An item is a prompt with an unordered pair; its categories are who won, a tie and both bad. A
    voter who judged one twice counts with the last vote.
    """
    items, latest = _latest(ballots)
    everyone = _line("all voters", _counts(latest, len(items)))
    if everyone.share is None:
        return (), (
            "Nobody knows how far voters agree: no two of them judged the same two contestants on "
            "the same prompt. A review queue with overlap would tell."
        )
    people = Counter(group for group, _ in {(b.group, b.voter) for b in ballots})
    groups = sorted(name for name, number in people.items() if name and number >= FEWEST)
    of = {name: _counts([one for one in latest if one[2] == name], len(items)) for name in groups}
    lines = [everyone, *(_line(f"within {name}", of[name]) for name in groups)]
    lines += [_between(one, two, of[one], of[two]) for one, two in combinations(groups, 2)]
    said = (
        f"Two voters who judged the same two contestants on the same prompt said the same in "
        f"{everyone.share:.0%} of cases ({plural(everyone.pairs, 'pair')} of votes on "
        f"{plural(everyone.items, 'item')})."
    )
    if everyone.items < FEW_ITEMS:
        said += f" With fewer than {FEW_ITEMS} items this is a rough figure."
    return tuple(line for line in lines if line.pairs), said


_Said = tuple[int, int, str]
"""Item, category and group of one voter's last vote on an item."""


def _latest(ballots: Sequence[Ballot]) -> tuple[list[tuple[str, str, str]], list[_Said]]:
    """Return the items, and what each voter said of each last."""
    items: dict[tuple[str, str, str], int] = {}
    found: dict[tuple[int, str], _Said] = {}
    for ballot in sorted(ballots, key=lambda one: one.at):
        if ballot.prompt is None:
            continue
        first, second = sorted((ballot.a, ballot.b))
        item = items.setdefault((ballot.prompt, first, second), len(items))
        category = {"tie": 2, "both_bad": 3}.get(ballot.outcome)
        if category is None:
            category = int((ballot.a if ballot.outcome == "model_a" else ballot.b) == second)
        found[item, ballot.voter] = (item, category, ballot.group)
    return list(items), list(found.values())


def _counts(said: Sequence[_Said], items: int) -> Counts:
    counts = np.zeros((items, 4), dtype=np.int64)
    for item, category, _ in said:
        counts[item, category] += 1
    return counts


def _line(who: str, counts: Counts) -> ReportAgreement:
    n = counts.sum(axis=1)
    interval = alpha_interval(counts, seed=SEED)
    return ReportAgreement(
        who=who,
        items=int((n > 1).sum()),
        pairs=int((n * (n - 1) // 2).sum()),
        share=share_equal(counts),
        alpha=ReportEstimate(
            krippendorff_alpha(counts),
            None if interval is None else interval.lower,
            None if interval is None else interval.upper,
        ),
    )


def _between(one: str, two: str, left: Counts, right: Counts) -> ReportAgreement:
    pairs = left.sum(axis=1) * right.sum(axis=1)
    return ReportAgreement(
        who=f"between {one} and {two}",
        items=int((pairs > 0).sum()),
        pairs=int(pairs.sum()),
        share=share_equal_between(left, right),
        alpha=ReportEstimate(alpha_between(left, right), None, None),
    )
