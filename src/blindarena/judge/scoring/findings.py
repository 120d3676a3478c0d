"""What speaks against a judge, in plain words; every threshold is the end of an interval.

The rules, with their sources, stand in docs/methods/judges.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from blindarena.analysis.clusters import Share
from blindarena.analysis.coefficient import ChanceCorrected
from blindarena.judge.scoring.behaviour import Behaviour
from blindarena.judge.scoring.several import OwnAnswers

Severity = Literal["broken", "weak", "unsure", "note"]
Standing = Literal["broken", "weak", "unknown", "fine"]
FEWEST = 3
"""Questions without which nothing tells how uncertain a figure is."""
HALF = 0.5
"""A kappa at which half of the agreement that chance leaves open is there."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a reader must know of a judge.

    Attributes:
        severity: "broken": its verdicts cannot be told from those of one that does not read;
            "weak": it follows the answers, and something else as much; "unsure": the questions
            are too few to say which; "note": to be known.
        code: what it is, for programs.
        sentence: in plain words, with the figure.
    """

    severity: Severity
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to think of one judge with one protocol, at a glance.

    Attributes:
        standing: the worst of the findings; "unknown" where the questions are too few.
        sentence: the same in plain words.
        findings: the worst first.
    """

    judge: str
    protocol: str
    standing: Standing
    sentence: str
    findings: tuple[Finding, ...]


def verdict_on(
    behaviour: Behaviour, *, own: OwnAnswers | None = None, half_width: float | None = None
) -> Verdict:
    """Say what speaks against a judge.

    Args:
        behaviour: its figures.
        own: how it rates itself, where it is a contestant and others judge too.
        half_width: of the widest interval of a contestant's result, as a share.
    """
    order: dict[Severity, int] = {"broken": 0, "weak": 1, "unsure": 2, "note": 3}
    found = sorted(_findings(behaviour, own, half_width), key=lambda one: order[one.severity])
    worst = {one.severity for one in found}
    name = behaviour.judge
    standing: Standing = "fine"
    if behaviour.questions < FEWEST:
        standing = "unknown"
        sentence = f"Too few questions to tell anything about {name}: {behaviour.questions}."
    elif "broken" in worst:
        standing = "broken"
        sentence = f"Do not rely on {name} as a judge."
    elif "weak" in worst:
        standing = "weak"
        sentence = f"{name} is a weak judge."
    elif "unsure" in worst:
        standing = "unknown"
        sentence = f"The answers and questions here cannot tell whether {name} can be relied on."
    else:
        sentence = (
            f"{name} follows the answers more than their place or their length."
            if behaviour.orders is not None
            else f"Nothing here speaks against {name}; but graded one by one, its liking for a "
            "place cannot be tested."
        )
    return Verdict(name, behaviour.protocol, standing, sentence, tuple(found))


def _findings(
    behaviour: Behaviour, own: OwnAnswers | None, half_width: float | None
) -> Iterator[Finding]:
    yield from _missing(behaviour, half_width)
    yield from _constant(behaviour)
    yield from _position(behaviour)
    yield from _length(behaviour)
    if own is not None and own.lower is not None and own.lower > 0:
        yield Finding(
            "weak",
            "self_preference",
            f"It favours itself: by its own verdicts it wins {own.own:.0%}, by those of the "
            f"other judges {own.others:.0%} ({own.excess:+.0%}, 95 % interval {own.lower:+.0%} "
            f"to {own.upper or 0:+.0%}).",
        )
    effort = behaviour.effort
    if effort.flagged:
        yield Finding(
            "note",
            "flagged",
            f"{effort.flagged:,} judgments are of answers that hold what looks like a verdict, "
            "with a prompt that does not fence them in: read them.",
        )
    if effort.failed:
        yield Finding(
            "note",
            "failed",
            f"{effort.failed:,} of {effort.calls:,} calls failed and are in no figure; run the "
            "command again to ask for them again.",
        )


def _missing(behaviour: Behaviour, half_width: float | None) -> Iterator[Finding]:
    unparsed = behaviour.effort.unparsed
    if not unparsed.total:
        yield Finding("broken", "silent", "There is not one text of it: every call failed.")
    elif unparsed.count == unparsed.total:
        yield Finding(
            "broken",
            "unparsed",
            f"Not one of its {unparsed.total:,.0f} texts holds a verdict.",
        )
    elif unparsed.count:
        said = (
            f"{unparsed.count:,.0f} of its {unparsed.total:,.0f} texts ({unparsed.value:.1%}) hold "
            "no verdict; these are neither wins nor ties, and are left out"
        )
        if unparsed.lower is not None and unparsed.lower > 0.5:
            yield Finding("broken", "unparsed", f"Most of it is not readable: {said}.")
        elif half_width is not None and unparsed.value is not None and unparsed.value > half_width:
            yield Finding(
                "weak",
                "unparsed",
                f"{said}: what they would have said could move a result by "
                f"more than its interval, {half_width:.1%}.",
            )
        else:
            yield Finding("note", "unparsed", f"{said}.")


def _constant(behaviour: Behaviour) -> Iterator[Finding]:
    ties = behaviour.ties
    if len(behaviour.scores) == 1 and behaviour.answers > 1:
        yield Finding(
            "broken",
            "one_score",
            f"It gives all {behaviour.answers:,} answers the same score, {behaviour.scores[0]:g}.",
        )
    elif ties.total and ties.count == ties.total and not behaviour.scores:
        yield Finding("broken", "ties", f"It always says tie: all {ties.total:,.0f} verdicts.")
    elif ties.lower is not None and ties.lower > 0.5:
        yield Finding("weak", "ties", f"It mostly says tie: {_share(ties)} of the time.")


def _position(behaviour: Behaviour) -> Iterator[Finding]:
    orders = behaviour.orders
    if orders is None or not orders.consistency.consistent.total:
        return
    same, first, kappa = orders.consistency.consistent, orders.first, orders.kappa
    value = kappa.value if kappa is not None else None
    place = ""
    if first.lower is not None and first.upper is not None:
        shown = "first" if first.lower > 0.5 else "second" if first.upper < 0.5 else ""
        if shown and first.value is not None:
            share = first.value if shown == "first" else 1 - first.value
            low, high = (
                (first.lower, first.upper)
                if shown == "first"
                else (1 - first.upper, 1 - first.lower)
            )
            rate = f"{share:.0%} of the time (95 % interval {low:.0%} to {high:.0%})"
            place = f"it picks the answer shown {shown} {rate}"
    agrees = (
        f"its verdicts agree with themselves in only {_share(same)} of the pairs when the order is "
        f"swapped, where one that does not read would reach {orders.by_chance or 0:.0%}"
    )
    tied = behaviour.ties.count == behaviour.ties.total
    told = _beyond_chance(kappa)
    follows = orders.follows.lower
    if told == "no" and not tied:
        text = f"{place}; {agrees}" if place else agrees
        yield Finding(
            "broken",
            "position",
            f"{_upper(text)}: what it says does not depend on the answers, as far as these "
            "questions tell.",
        )
    elif follows is not None and follows <= 0 and not tied and told != "unsure" and value != 1:
        text = (
            f"{agrees}, and it is not shown to name the same contestant more often than the same "
            "place"
        )
        yield Finding("weak", "position", f"{_upper(text)}{'; ' + place if place else ''}.")
    elif told == "unsure" and not tied:
        yield Finding(
            "unsure",
            "consistency",
            f"Its verdicts agree with themselves in {_share(same)} of the pairs when the order is "
            f"swapped, and one that does not read would reach {orders.by_chance or 0:.0%}: more "
            "questions would tell the two apart.",
        )
    else:
        if place:
            yield Finding("note", "position", f"{_upper(place)}.")
        if same.value is not None and same.value < 1:
            yield Finding(
                "note",
                "consistency",
                f"Its verdicts agree with themselves in {_share(same)} of the pairs when the order "
                "is swapped; where they do not, the pair is a tie.",
            )


def _length(behaviour: Behaviour) -> Iterator[Finding]:
    verbosity = behaviour.verbosity
    if verbosity is None or verbosity.longer.lower is None or verbosity.longer.upper is None:
        return
    longer, beyond = verbosity.longer, verbosity.beyond
    if longer.lower is not None and longer.lower > 0.5:
        said = f"It prefers the longer answer {_share(longer)} of the time"
        if not verbosity.varies:
            yield Finding(
                "unsure" if longer.value == 1 else "note",
                "length",
                f"{said}, and the same contestant always has it: whether it likes that one or "
                "the length, these answers cannot tell.",
            )
        elif longer.value == 1:
            yield Finding(
                "broken",
                "length",
                f"{said}, without exception: it cannot be told from one that only counts words.",
            )
        elif _beyond_chance(beyond) == "no":
            yield Finding(
                "broken",
                "length",
                f"{said}, and beyond length its verdicts agree with themselves no more than chance "
                "would have it when the order is swapped, as far as these questions tell.",
            )
        else:
            yield Finding(
                "note",
                "length",
                f"{said}. Length may be a merit: set the length-controlled ratings beside the "
                "plain ones, or people's votes beside both.",
            )
    elif longer.upper is not None and longer.upper < 0.5 and longer.value is not None:
        yield Finding(
            "note",
            "length",
            f"It prefers the shorter answer {1 - longer.value:.0%} of the time (95 % interval "
            f"{1 - longer.upper:.0%} to {1 - (longer.lower or 0):.0%}).",
        )


def _beyond_chance(kappa: ChanceCorrected | None) -> Literal["yes", "no", "unsure"]:
    """Say whether an agreement is shown to be more than chance, or not, or cannot be told.

    It cannot where the interval holds both 0 and more than HALF, or where there is none.
    """
    if kappa is None or kappa.value is None:
        return "unsure"
    if kappa.lower is None or kappa.upper is None:
        return "yes" if kappa.value == 1 else "no" if kappa.value <= 0 else "unsure"
    if kappa.lower > 0:
        return "yes"
    return "unsure" if kappa.upper > HALF else "no"


def _share(share: Share) -> str:
    if share.value is None:
        return "none"
    if share.lower is None or share.upper is None:
        return f"{share.value:.0%}"
    return f"{share.value:.0%} (95 % interval {share.lower:.0%} to {share.upper:.0%})"


def _upper(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
