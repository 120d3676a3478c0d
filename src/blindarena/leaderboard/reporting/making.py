"""From what was gathered to a report."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import msgspec

from blindarena import __version__
from blindarena.leaderboard.explained import ALWAYS, INTERVALS, METHODS
from blindarena.leaderboard.live_fit import RANK_SEED
from blindarena.leaderboard.reporting.agreement import agreements
from blindarena.leaderboard.reporting.ballots import comments_of, reasons_of, voters_of
from blindarena.leaderboard.reporting.facts import (
    Report,
    ReportKpi,
    ReportMaking,
    ReportRecommendation,
)
from blindarena.leaderboard.reporting.inputs import Inputs
from blindarena.leaderboard.reporting.kpi import case_of, kpi_of
from blindarena.leaderboard.reporting.limits import by_voter, limits_of
from blindarena.leaderboard.reporting.recommend import recommend
from blindarena.leaderboard.reporting.sections import (
    categories_of,
    contestants_of,
    exclusions_of,
    failures_of,
    prompts_of,
)
from blindarena.leaderboard.reporting.words import difference_of

FORMAT = 1
SHOWN = 16
"""Hex digits of a data hash that are shown."""


def make_report(inputs: Inputs) -> Report:
    """Return the report; everything in it follows from the inputs."""
    arena, view = inputs.arena, inputs.view
    kpi = kpi_of(arena, inputs.kpis[arena.kpi], [ballot.at for ballot in inputs.ballots])
    recommendation = recommend(case_of(view, inputs.kpis, kpi))
    voters = voters_of(inputs.ballots, arena.groups)
    lines, agreement = agreements(inputs.ballots)
    languages = Counter(ballot.language or "unknown" for ballot in inputs.ballots)
    content = inputs.board.content
    return Report(
        report=FORMAT,
        slug=arena.slug,
        title=arena.title,
        question=arena.question,
        owner=arena.owner,
        deadline=arena.deadline,
        made_at=inputs.now,
        data_hash=view.source.data_hash if content is None else content["data_hash"][:SHOWN],
        arena_version=arena.version,
        kpi=kpi,
        recommendation=by_voter(
            inputs,
            replace(recommendation, notes=tuple(_notes(inputs, kpi, recommendation))),
        ),
        contestants=contestants_of(inputs),
        categories=categories_of(inputs),
        agreement=lines,
        agreement_sentence=agreement,
        exclusions=exclusions_of(inputs),
        voters=voters,
        reasons=reasons_of(inputs.ballots, arena.reasons),
        comments=comments_of(inputs.ballots) if inputs.with_comments else None,
        failures=failures_of(inputs),
        prompts=prompts_of(inputs.prompts, arena.prompt_source, languages),
        limits=limits_of(inputs, voters),
        privacy=_privacy(inputs),
        making=_making(inputs),
    )


def json_of(report: Report) -> str:
    """Return a report as JSON."""
    document: dict[str, Any] = msgspec.to_builtins(report)
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _notes(inputs: Inputs, kpi: ReportKpi, found: ReportRecommendation) -> list[str]:
    """Say what qualifies the recommendation."""
    notes = []
    if not kpi.margin_declared:
        notes.append(
            "Nobody declared the smallest difference that matters; "
            f"{difference_of(kpi.margin, kpi.unit)} is taken."
        )
    if kpi.votes_after is not None and kpi.votes_after < kpi.votes:
        before = kpi.votes - kpi.votes_after
        notes.append(
            f"What decides was declared, or changed, when {before:,} of the {kpi.votes:,} votes "
            "had been cast: whoever chose it could have known them. It is not declared beforehand."
        )
    if found.votes_needed is not None and found.verdict == "undecided":
        notes.append(
            "The number of votes is a forecast: if they go on like those so far, the rule to stop "
            "by holds then."
        )
    if found.spend_usd is not None:
        notes.append(f"These votes would cost about {difference_of(found.spend_usd, 'USD')}.")
    if found.left_out:
        notes.append(f"Not compared: {'; '.join(found.left_out)}.")
    if kpi.name != "rating":
        first = next((row for row in inputs.rows if row.rank == 1), None)
        notes.append("The rating below is information; it does not decide.")
        if first is not None and found.leader is not None and first.contestant != found.leader:
            notes.append(f"By rating {first.contestant} is first.")
    return notes


def _privacy(inputs: Inputs) -> tuple[str, ...]:
    said = [
        "This report holds no names, addresses or pseudonyms of voters, and no prompts or answers; "
        "numbers of groups with fewer than three people are left out."
    ]
    if inputs.with_comments:
        said.append("It holds what voters wrote in their own words, which may tell who they are.")
    days = inputs.arena.retention_days
    if days is not None:
        said.append(f"Texts and links to voters are kept for {days} days.")
    return tuple(said)


def _making(inputs: Inputs) -> ReportMaking:
    arena, content = inputs.arena, inputs.board.content
    votes = f"{arena.slug}-votes.parquet"
    commands: tuple[str, ...] = ()
    if inputs.snapshot is not None:
        base = f"/api/arenas/{arena.slug}"
        commands = (
            f"As the owner, save {base}/votes.parquet?version={arena.version} as {votes}",
            f"Save {base}/snapshots/{inputs.snapshot} as snapshot.json",
            f"blindarena rank {votes} --verify snapshot.json",
        )
    return ReportMaking(
        method=inputs.view.fit.method,
        interval=inputs.view.fit.interval,
        seed=RANK_SEED,
        data_hash="none" if content is None else content["data_hash"],
        snapshot=None if inputs.snapshot is None else str(inputs.snapshot),
        versions={"blindarena": __version__} if content is None else dict(content["versions"]),
        explanations=(
            METHODS["bt"],
            INTERVALS["sandwich"],
            ALWAYS,
            "The recommendation follows bounds that hold at every look, for the leader against "
            "all its rivals: one may stop as soon as they allow it. It is wrong in at most 5 % of "
            "cases, where votes are independent.",
        ),
        commands=commands,
    )
