"""What a report tells of the judges: consistency, biases, repeats, failures, cost."""

from collections.abc import Iterator
from typing import Final

from blindarena.judge.reporting.words import (
    PROTOCOLS,
    UNKNOWN,
    count,
    grade,
    percent,
    percent_interval,
    usd,
)
from blindarena.judge.scoring.summary import ProtocolScores, RunScores
from blindarena.printing.section import Section

_INTERVAL: Final = "95 % interval"


def judge_sections(scores: RunScores) -> Iterator[Section]:
    """Yield the tables on the judges, of all protocols together."""
    if any(one.orders for protocol in scores.protocols for one in protocol.behaviour):
        yield _orders(scores)
    yield _leanings(scores)
    if any(protocol.own for protocol in scores.protocols):
        yield _own(scores)
    if any(protocol.disagreement for protocol in scores.protocols):
        yield _disagreement(scores)
    if any(protocol.repeats for protocol in scores.protocols):
        yield _repeats(scores)
    yield _effort(scores)


def _title(protocol: ProtocolScores) -> str:
    return PROTOCOLS[protocol.protocol].lower()


def _orders(scores: RunScores) -> Section:
    rows = []
    for protocol in scores.protocols:
        for one in protocol.behaviour:
            if one.orders is None:
                continue
            found, kappa = one.orders.consistency, one.orders.kappa
            rows.append(
                (
                    one.judge,
                    _title(protocol),
                    percent(found.consistent.value),
                    percent_interval(found.consistent),
                    percent(one.orders.by_chance),
                    UNKNOWN if kappa is None or kappa.value is None else f"{kappa.value:.2f}",
                    f"{found.first_both:,}",
                    f"{found.second_both:,}",
                    f"{found.tie_in_one_order:,}",
                    percent(one.orders.first.value),
                    percent_interval(one.orders.first),
                )
            )
    return Section(
        title="Both orders",
        caption="Consistent: the judge says the same when the two answers change places; by "
        "chance: how often it would if it did not read them, but liked a place and ties as much. "
        "Kappa is 0 at chance and 1 where it always says the same. First wins: how often the "
        "answer that was shown first wins, among verdicts that are no tie; at 50 % there is no "
        "liking for a place.",
        head=(
            "Judge",
            "Of",
            "Consistent",
            _INTERVAL,
            "By chance",
            "Kappa",
            "First in both",
            "Second in both",
            "Tie in one",
            "First wins",
            _INTERVAL,
        ),
        rows=tuple(rows),
        words=2,
    )


def _leanings(scores: RunScores) -> Section:
    rows = []
    for protocol in scores.protocols:
        for one in protocol.behaviour:
            verbosity = one.verbosity
            beyond = verbosity.beyond if verbosity is not None else None
            rows.append(
                (
                    one.judge,
                    _title(protocol),
                    percent(one.ties.value),
                    percent_interval(one.ties),
                    percent(verbosity.longer.value) if verbosity else UNKNOWN,
                    percent_interval(verbosity.longer) if verbosity else UNKNOWN,
                    UNKNOWN if beyond is None or beyond.value is None else f"{beyond.value:.2f}",
                )
            )
    return Section(
        title="Ties and length",
        caption="Ties: verdicts that name nobody; of grades, pairs of answers with the same one. "
        "Longer wins: how often the longer of two answers wins, among verdicts that are no tie. "
        "Kappa beyond: how far the judge's two orders agree beyond what length and place foretell; "
        "0 says not at all.",
        head=("Judge", "Of", "Ties", _INTERVAL, "Longer wins", _INTERVAL, "Kappa beyond"),
        rows=tuple(rows),
        words=2,
    )


def _own(scores: RunScores) -> Section:
    return Section(
        title="Judges that are contestants",
        caption="A judge's own win rate by its verdicts, a tie counting half, beside the mean of "
        "the other judges'; a judge may still be right, and the others wrong.",
        head=("Judge", "By itself", "By the others", "More", _INTERVAL, "Verdicts"),
        rows=tuple(
            (
                one.judge,
                percent(one.own),
                percent(one.others),
                f"{one.excess:+.1%}",
                UNKNOWN
                if one.lower is None or one.upper is None
                else f"{one.lower:+.1%} to {one.upper:+.1%}",
                f"{one.verdicts:,}",
            )
            for protocol in scores.protocols
            for one in protocol.own
        ),
    )


def _disagreement(scores: RunScores) -> Section:
    rows = []
    for protocol in scores.protocols:
        one = protocol.disagreement
        if one is None:
            continue
        rows.append(
            (
                ", ".join(one.judges),
                _title(protocol),
                f"{one.items:,}",
                percent(one.same),
                UNKNOWN if one.alpha is None else f"{one.alpha:.2f}",
                UNKNOWN if one.kappa is None else f"{one.kappa:.2f}",
                UNKNOWN if one.spread is None else grade(one.spread.value),
            )
        )
    return Section(
        title="Disagreement of the judges",
        caption="Of what several judged: how often two of them say the same, and beyond chance "
        "(Krippendorff's alpha, Cohen's kappa of two); for grades, the standard deviation of "
        "the judges' grades of one answer.",
        head=("Judges", "Of", "Items", "Same", "Alpha", "Kappa", "Spread of grades"),
        rows=tuple(rows),
        words=2,
    )


def _repeats(scores: RunScores) -> Section:
    return Section(
        title="Asked again",
        caption="How often a judge says the same when it is asked the same again, and the standard "
        "deviation of its grades of one answer.",
        head=("Judge", "Of", "Asked up to", "Items", "Same", "Spread of grades"),
        rows=tuple(
            (
                one.judge,
                _title(protocol),
                f"{one.repeats} times",
                f"{one.items:,}",
                percent(one.same),
                UNKNOWN if one.spread is None else grade(one.spread.value),
            )
            for protocol in scores.protocols
            for one in protocol.repeats
        ),
        words=2,
    )


def _effort(scores: RunScores) -> Section:
    rows = []
    for protocol in scores.protocols:
        for one in protocol.behaviour:
            effort = one.effort
            known = effort.costs_known
            cost = usd(effort.cost_usd)
            if known and known < effort.calls:
                cost += f" of {known:,} calls"
            rows.append(
                (
                    one.judge,
                    _title(protocol),
                    count(effort.calls),
                    count(effort.failed),
                    percent(effort.unparsed.value),
                    percent_interval(effort.unparsed),
                    count(effort.flagged),
                    cost,
                    "unknown" if effort.seconds is None else f"{effort.seconds:.1f} s",
                    count(effort.prompt_tokens),
                    count(effort.completion_tokens),
                )
            )
    return Section(
        title="Calls, cost and time",
        caption="Unparsed: of the texts, those without a verdict; they are neither wins nor ties. "
        "Flagged: judgments of answers that hold what looks like a verdict, with a prompt that "
        "does not fence them in.",
        head=(
            "Judge",
            "Of",
            "Calls",
            "Failed",
            "Unparsed",
            _INTERVAL,
            "Flagged",
            "Cost",
            "Per call",
            "Tokens in",
            "Tokens out",
        ),
        rows=tuple(rows),
        words=2,
    )
