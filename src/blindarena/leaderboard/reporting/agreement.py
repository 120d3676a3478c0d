"""How far voters agree on the same prompt and the same two contestants."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from blindarena.leaderboard.reporting.ballots import FEWEST, Ballot
from blindarena.leaderboard.reporting.facts import ReportAgreement
from blindarena.leaderboard.reporting.words import plural

FEW_ITEMS = 20
"""Items below which agreement is told with a warning."""

Answer = str
"""Who won, by name, or "tie" or "both_bad" with a leading blank, which no name has."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one voter said of an item."""

    group: str
    answer: Answer


Items = Sequence[Sequence[Said]]


def items_of(ballots: Sequence[Ballot]) -> list[list[Said]]:
    """Return what was said of each prompt and unordered pair that two voters or more judged.

    A voter who judged one twice counts with the last vote.
    """
    found: dict[tuple[str, str, str], dict[str, Said]] = {}
    for ballot in sorted(ballots, key=lambda one: one.at):
        if ballot.prompt is None:
            continue
        first, second = sorted((ballot.a, ballot.b))
        winner = {"model_a": ballot.a, "model_b": ballot.b}.get(ballot.outcome)
        said = Said(ballot.group, f" {ballot.outcome}" if winner is None else winner)
        found.setdefault((ballot.prompt, first, second), {})[ballot.voter] = said
    return [list(each.values()) for each in found.values() if len(each) > 1]


def agreements(ballots: Sequence[Ballot]) -> tuple[tuple[ReportAgreement, ...], str]:
    """Return agreement among all voters, within and between groups, and it in a sentence."""
    items = items_of(ballots)
    everyone = _line("all voters", items)
    if not everyone.pairs or everyone.share is None:
        return (), (
            "Nobody knows how far voters agree: no two of them judged the same two contestants on "
            "the same prompt. A review queue with overlap would tell."
        )
    lines = [everyone]
    people = Counter(group for group, _ in {(b.group, b.voter) for b in ballots})
    groups = sorted(name for name, number in people.items() if name and number >= FEWEST)
    for name in groups:
        inside = [[one for one in item if one.group == name] for item in items]
        lines.append(_line(f"within {name}", [item for item in inside if len(item) > 1]))
    for one, two in combinations(groups, 2):
        lines.append(_between(one, two, items))
    said = (
        f"Two voters who judged the same two answers said the same in {everyone.share:.0%} of "
        f"cases ({plural(everyone.pairs, 'pair')} of votes on {plural(everyone.items, 'item')})."
    )
    if everyone.items < FEW_ITEMS:
        said += f" With fewer than {FEW_ITEMS} items this is a rough figure."
    return tuple(line for line in lines if line.pairs), said


def _line(who: str, items: Items) -> ReportAgreement:
    pairs = same = 0
    for item in items:
        pairs += len(item) * (len(item) - 1) // 2
        same += sum(n * (n - 1) // 2 for n in Counter(one.answer for one in item).values())
    alpha = nominal_alpha([[one.answer for one in item] for item in items])
    return ReportAgreement(who, len(items), pairs, same / pairs if pairs else None, alpha)


def nominal_alpha(items: Sequence[Sequence[str]]) -> float | None:
    """Return Krippendorff's alpha for nominal values; None where nothing varies.

    Args:
        items: values of each item by its raters, two or more.

    Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.
    """
    total: Counter[str] = Counter()
    observed = 0.0
    for item in items:
        counts = Counter(item)
        total.update(counts)
        n = len(item)
        observed += (n * n - sum(k * k for k in counts.values())) / (n - 1)
    n = sum(total.values())
    expected = n * n - sum(k * k for k in total.values())
    return 1 - (n - 1) * observed / expected if expected else None


def _between(one: str, two: str, items: Items) -> ReportAgreement:
    """Return the agreement between two groups.

    Source of its alpha: Wong, Paritosh and Aroyo (2021), Cross-replication Reliability, ACL.
    """
    shared = pairs = same = 0
    sides: Mapping[str, Counter[str]] = {one: Counter(), two: Counter()}
    for item in items:
        left, right = ([said.answer for said in item if said.group == name] for name in (one, two))
        if not left or not right:
            continue
        shared += 1
        pairs += len(left) * len(right)
        same += sum(a == b for a, b in product(left, right))
        sides[one].update(left)
        sides[two].update(right)
    all_pairs = sides[one].total() * sides[two].total()
    by_chance = sum(sides[one][answer] * sides[two][answer] for answer in sides[one])
    alpha = None
    if pairs and by_chance < all_pairs:
        alpha = 1 - (1 - same / pairs) / (1 - by_chance / all_pairs)
    share = same / pairs if pairs else None
    return ReportAgreement(f"between {one} and {two}", shared, pairs, share, alpha)
