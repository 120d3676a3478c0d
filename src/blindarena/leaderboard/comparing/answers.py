"""The first screen: may the judge replace people, do two evaluations agree on the order."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from blindarena.analysis.comparison.comparing import Comparison
from blindarena.analysis.comparison.item_level import ItemAgreement
from blindarena.analysis.comparison.model_level import ModelAgreement
from blindarena.leaderboard.comparing.words import number, percent, trust_of

Standing = Literal["fine", "weak", "broken", "unknown"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One plain answer.

    Attributes:
        about: which evaluations.
        standing: how good the news is: fine, weak, broken, or unknown.
        sentence: the answer.
        findings: what it rests on, and where it does not hold.
    """

    about: str
    standing: Standing
    sentence: str
    findings: tuple[str, ...]


def answers_of(found: Comparison) -> tuple[Answer, ...]:
    """Return the answers: on judges first, then on orders of contestants."""
    judged = [_replacing(pair, found) for pair in found.items if pair.replacement is not None]
    about = {(answer.about) for answer in judged}
    models = [_order(pair) for pair in found.models]
    return (*judged, *(answer for answer in models if answer.about not in about or not judged))


def _replacing(pair: ItemAgreement, found: Comparison) -> Answer:
    test = pair.replacement
    if test is None:
        raise ValueError("only a judge and people are tested")
    judge, people = pair.one, pair.other
    standing: Standing
    if test.may_replace:
        standing = "fine"
        sentence = f"{judge} may replace people here ({people})."
    elif test.verdict == "failed":
        standing = "broken"
        sentence = f"It is not shown that {judge} may replace people here ({people})."
    else:
        standing = "unknown"
        sentence = f"Nobody can say yet whether {judge} may replace people here ({people})."
    return Answer(f"{judge} and {people}", standing, sentence, tuple(_reasons(pair, found)))


def _reasons(pair: ItemAgreement, found: Comparison) -> Iterator[str]:
    test = pair.replacement
    if test is not None and test.winning_rate is not None:
        wins = sum(one.judge_wins for one in test.annotators)
        yield (
            f"Alternative Annotator Test, epsilon {test.epsilon:g}: shown to be as close to the "
            f"other people as {wins} of {len(test.annotators)} annotators; half of them are needed."
        )
    if test is not None and test.verdict == "too few annotators":
        yield (
            f"The test needs {test.min_annotators} people who rated {test.min_items} items each "
            f"that somebody else rated too; there are {len(test.annotators)}."
        )
    with_ties, without = pair.setups
    yield (
        f"It says what a person says in {percent(with_ties.share.value)} of cases, ties "
        f"included ({with_ties.share.total:,.0f} pairs of ratings), and in "
        f"{percent(without.share.value)} where both decide; rolling dice gives "
        f"{percent(with_ties.random)} and {percent(without.random)}."
    )
    for beside in pair.beside[:1]:
        if beside.judge_human.value is not None and beside.human_human.value is not None:
            yield (
                f"On the {beside.items:,} items that several people rated, it agrees with a person "
                f"in {percent(beside.judge_human.value)}, another person in "
                f"{percent(beside.human_human.value)}."
            )
    worse = [part for part in pair.parts if _below(part.setups, pair)]
    if worse:
        listed = ", ".join(f"{part.name} ({part.by})" for part in worse)
        yield f"Where it agrees less than elsewhere: {listed}."
    for named in pair.biases:
        excess = named.bias.excess
        if excess.value is not None and excess.lower is not None and excess.lower > 0:
            yield (
                f"It prefers answers with more {named.feature} than people do, by "
                f"{100 * excess.value:.1f} points."
            )
    for one in found.combinations:
        if (one.judge, one.people) == (pair.one, pair.other):
            yield one.sentence


def _below(setups: object, pair: ItemAgreement) -> bool:
    """Say whether a part's agreement lies surely below that of all items."""
    if not isinstance(setups, tuple):
        return False
    part, whole = setups[0].share, pair.setups[0].share
    return part.upper is not None and whole.value is not None and part.upper < whole.value


def _order(pair: ModelAgreement) -> Answer:
    kinds = {one.kind: one for one in pair.correlations}
    spearman = kinds["spearman"]
    n = spearman.n
    sure = (
        spearman.interval.lower > 0
        if spearman.interval is not None
        else (spearman.p_value is not None and spearman.p_value < 0.05 and spearman.value > 0)
    )
    sentence = (
        f"{pair.one} and {pair.other} rank {n} contestants "
        + (
            "alike, surely more than by chance"
            if sure
            else "no more alike than chance may make them"
        )
        + f": Spearman {number(spearman.value)} ({trust_of(spearman)}, n = {n})."
    )
    findings = [f"They put {percent(pair.same_order)} of the pairs in the same order."]
    confident = pair.confident
    if confident is not None:
        findings.append(
            f"Of the {confident.pairs:,} pairs that {pair.other} tells apart, {pair.one} tells "
            f"{confident.agree:,} apart in the same order, {confident.disagree:,} in the other."
        )
    if pair.influences is not None and pair.influences.contestants:
        first = pair.influences.contestants[0]
        if first.influence is not None and first.influence < -0.01:
            findings.append(
                f"{pair.names[first.contestant]} drives them apart most: without it Spearman is "
                f"{number(first.without)}."
            )
    return Answer(
        f"{pair.one} and {pair.other}", "weak" if not sure else "fine", sentence, tuple(findings)
    )
