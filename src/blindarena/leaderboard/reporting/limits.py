"""What an evaluation cannot tell, in plain words, as far as its own numbers show it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from blindarena.leaderboard.reporting.facts import ReportRecommendation
from blindarena.leaderboard.reporting.inputs import Computed, Inputs
from blindarena.leaderboard.reporting.parts import ReportVoters
from blindarena.leaderboard.reporting.sections import left_out
from blindarena.leaderboard.reporting.words import day, listed, plural
from blindarena.ranking.clustered import ENOUGH

HEAVY = 0.25
"""Share of all votes by one voter that is worth saying."""
WIDER = 1.1
MANY_BAD = 0.2
MANY_EXCLUDED = 0.1


def limits_of(inputs: Inputs, voters: ReportVoters) -> tuple[str, ...]:
    """Return the limits, each a sentence or two."""
    return tuple(
        sentence
        for part in (
            _board(inputs),
            _voters(inputs, voters),
            _prompts(inputs),
            _votes(inputs),
            _always(inputs),
        )
        for sentence in part
    )


def by_voter(inputs: Inputs, found: ReportRecommendation) -> ReportRecommendation:
    """Say what a choice by rating comes to when the votes of one voter hang together.

    Where that is another result, the recommendation itself says so.

    Args:
        inputs: its clustered board is used.
        found: the recommendation, votes being independent.
    """
    content = inputs.clustered.content
    decision = None if content is None else content.get("decision")
    if inputs.arena.kpi != "rating" or not decision or found.verdict not in ("better", "equal"):
        return found
    same = {"better": "better", "practically_equal": "equal"}.get(decision["verdict"])
    if same == found.verdict:
        note = "The result is the same where the votes of one voter are taken together."
        return replace(found, notes=(*found.notes, note))
    said = found.sentence.removesuffix(".")
    return replace(
        found,
        sentence=f"{said}; but where the votes of one voter are taken together, it is not certain.",
        notes=(*found.notes, f"Votes of one voter taken together: {decision['sentence']}"),
    )


def _board(inputs: Inputs) -> Iterator[str]:
    yield from inputs.view.fit.warnings
    if inputs.board.failed and inputs.view.counted.total:
        yield f"Some of this report could not be computed: {inputs.board.failed}"


def _voters(inputs: Inputs, voters: ReportVoters) -> Iterator[str]:
    if not voters.votes:
        return
    if voters.voters < ENOUGH:
        said = (
            f"Only {plural(voters.voters, 'person', 'people')} voted. The intervals above take "
            f"votes as independent; below {ENOUGH} voters even intervals clustered by voter may "
            "hold less often than they say."
        )
        wider = _wider(inputs.board, inputs.clustered)
        if wider is not None and wider > WIDER:
            said += f" Clustered by voter they would be {wider:.1f} times as wide here."
        yield said
    if voters.heaviest_share is not None and voters.heaviest_share > HEAVY:
        yield (
            f"One voter cast {voters.heaviest_share:.0%} of the votes; the result leans on that "
            "voter's taste. A cap on votes per voter would prevent it."
        )
    silent = [group.name for group in voters.groups if group.voters == 0]
    if silent:
        yield f"Nobody of {listed(silent)} voted."


def _wider(plain: Computed, clustered: Computed) -> float | None:
    """Return how much wider clustered intervals are, in the median."""
    if plain.content is None or clustered.content is None:
        return None
    before, after = _widths(plain.content), _widths(clustered.content)
    ratios = sorted(after[name] / before[name] for name in before if after.get(name, 0) > 0)
    return ratios[len(ratios) // 2] if ratios else None


def _widths(content: Mapping[str, Any]) -> dict[str, float]:
    return {
        row["contestant"]: row["upper"] - row["lower"]
        for row in content["rows"]
        if row["lower"] is not None and row["upper"] is not None and row["upper"] > row["lower"]
    }


def _prompts(inputs: Inputs) -> Iterator[str]:
    if inputs.prompts:
        imported = sum(prompt.import_id is not None for prompt in inputs.prompts)
        where = f", {imported:,} of them imported" if imported else ""
        source = f" ({inputs.arena.prompt_source})" if inputs.arena.prompt_source else ""
        yield (
            f"What was asked are {plural(len(inputs.prompts), 'prepared prompt')}{where}{source}: "
            "the result holds for prompts like these, no others."
        )
    elif inputs.ballots:
        yield "Voters wrote their own prompts; what they asked may not be what customers will ask."
    suggested = sum(ballot.origin == "suggested" for ballot in inputs.ballots)
    if suggested:
        yield (
            f"{plural(suggested, 'vote')} began with a prompt that the arena suggests, not with "
            "one of the voter's own."
        )
    seen = Counter(ballot.language for ballot in inputs.ballots if ballot.language)
    missing = [name for name in inputs.arena.languages if not seen[name]]
    if inputs.ballots and missing and seen:
        yield f"No vote is on a prompt in {listed(missing, last='or')}, which the arena names."
    if inputs.ballots and not seen:
        yield "The languages of the prompts are unknown."
    elif len(seen) > 1:
        most, n = seen.most_common(1)[0]
        share = n / sum(seen.values())
        if share > 0.8:
            yield f"{share:.0%} of the votes are on prompts in {most}; of others it tells little."


def _votes(inputs: Inputs) -> Iterator[str]:
    total = inputs.view.counted.total
    if not total:
        return
    bad = int(inputs.view.counted.cells[3].sum())
    if bad / total > MANY_BAD:
        yield (
            f"In {bad / total:.0%} of the votes both answers were bad: the best here need not be "
            "good enough."
        )
    out = sum(left_out(inputs.view.source.excluded).values())
    if out / (total + out) > MANY_EXCLUDED:
        yield f"{out / (total + out):.0%} of the votes were excluded, which is many."
    deadline = inputs.arena.deadline
    if deadline is not None and inputs.now.date() <= deadline:
        yield f"Voting is open until {day(deadline)}; the result may still change."
    if inputs.arena.kpi != "rating":
        how = {one.interval for one in inputs.kpis[inputs.arena.kpi]}
        yield (
            f"The KPI's intervals are {' and '.join(sorted(how))}; answers to the same prompt are "
            "taken as independent."
        )


def _always(inputs: Inputs) -> Iterator[str]:
    yield (
        "Votes tell what people preferred without knowing the author. They do not tell whether an "
        "answer is true, lawful or safe; that needs tests of its own."
    )
    yield (
        "Contestants are compared as they were configured in this version of the arena. A provider "
        "may change a model behind its name."
    )
