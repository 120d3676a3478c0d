"""The parts of a report beside its recommendation: tables from boards and counts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from blindarena.domain.arenas import Prompt
from blindarena.domain.boards import ContestantStats
from blindarena.domain.exclusions import NEVER_COUNTED, RETRACTED
from blindarena.leaderboard.categories_fit import categories_fit_of
from blindarena.leaderboard.dated import Found
from blindarena.leaderboard.kpis import KpiValue
from blindarena.leaderboard.options import Options
from blindarena.leaderboard.reporting.facts import ReportContestant
from blindarena.leaderboard.reporting.inputs import Inputs
from blindarena.leaderboard.reporting.parts import (
    ReportCategories,
    ReportCategory,
    ReportCategoryRow,
    ReportEstimate,
    ReportExclusions,
    ReportFailures,
    ReportPrompts,
    ReportWithout,
)
from blindarena.leaderboard.reporting.words import listed, plural


def contestants_of(inputs: Inputs) -> tuple[ReportContestant, ...]:
    """Return a line for each contestant of the board, in its order."""
    kpis = {name: {one.contestant: one for one in found} for name, found in inputs.kpis.items()}
    asked = inputs.arena.usable_answer
    lines = []
    for row in inputs.rows:
        found = {name: _estimate(each.get(row.contestant)) for name, each in kpis.items()}
        lines.append(
            ReportContestant(
                name=row.contestant,
                description=row.description,
                organization=row.organization,
                rating=ReportEstimate(row.rating, row.lower, row.upper),
                rank=row.rank,
                rank_low=row.rank_low,
                rank_high=row.rank_high,
                votes=row.votes,
                wins=row.wins,
                losses=row.losses,
                ties=row.ties,
                both_bad=row.both_bad,
                win_rate=row.win_rate,
                kpi=found[inputs.arena.kpi],
                sendable=found["sendable_rate"] if asked else None,
                as_is=found["as_is_rate"] if asked else None,
                breaches=found["breach_rate"] if asked else None,
                cost_per_sendable_usd=found["cost_per_sendable"] if asked else None,
                cost_usd=found["cost_per_answer"],
                ttft_s=found["ttft"],
                tokens_per_s=row.tokens_per_s,
                error_rate=row.error_rate,
                preliminary=row.preliminary,
                needs_votes=row.needs_votes,
                not_connected=row.not_connected,
            )
        )
    return tuple(lines)


def _estimate(found: KpiValue | None) -> ReportEstimate:
    if found is None:
        return ReportEstimate(None, None, None)
    return ReportEstimate(found.value, found.lower, found.upper)


def categories_of(inputs: Inputs) -> ReportCategories:
    """Return the boards of the categories, and whether one ranking suffices."""
    content = inputs.board.content
    if not inputs.view.source.categories:
        return ReportCategories("No vote has a category.", None, ())
    if content is None:
        return ReportCategories(f"Not enough data: {inputs.board.failed}", None, ())
    found = Found(0, inputs.now, Options(), content=dict(content))
    fit = categories_fit_of(found)
    boards = {board["category"]: board for board in content["boards"]}
    return ReportCategories(
        fit.sentence,
        fit.one_ranking_suffices,
        tuple(
            ReportCategory(
                one.category,
                one.n,
                one.enough,
                _category_rows(boards[one.category]) if one.enough else (),
            )
            for one in fit.categories
        ),
    )


def _category_rows(board: Mapping[str, Any]) -> tuple[ReportCategoryRow, ...]:
    return tuple(
        ReportCategoryRow(
            row["contestant"],
            row["rank"],
            ReportEstimate(row["rating"], row["lower"], row["upper"]),
            row["votes"],
        )
        for row in board["rows"]
    )


def exclusions_of(inputs: Inputs) -> ReportExclusions:
    """Compare the board with one that counts the excluded votes too."""
    by_reason = left_out(inputs.view.source.excluded)
    counted, out = inputs.view.counted.total, sum(by_reason.values())
    changed = inputs.view.source.excluded.get(RETRACTED, 0)
    again = f" {plural(changed, 'vote')} gave way to a later one of the same voter." * bool(changed)
    if not out:
        return ReportExclusions(counted, {}, (), f"No vote is excluded.{again}")
    with_them = {row.contestant: row for row in inputs.rows_with}
    rows = []
    for row in inputs.rows:
        other = with_them.get(row.contestant)
        rows.append(
            ReportWithout(
                row.contestant,
                row.rank,
                None if other is None else other.rank,
                row.rating,
                None if other is None else other.rating,
            )
        )
    moved = [row.name for row in rows if row.rank != row.rank_with]
    said = (
        f"{plural(out, 'vote')} of {counted + out:,} "
        f"{'does' if out == 1 else 'do'} not count. With them "
    )
    said += f"the rank of {listed(moved)} would be another." if moved else "no rank would change."
    return ReportExclusions(counted, by_reason, tuple(rows), said + again)


def left_out(excluded: Mapping[str, int]) -> dict[str, int]:
    """Return the votes that would count but for a reason, by that reason.

    A vote that its voter replaced, or that was not blind, would never count.
    """
    return {reason: n for reason, n in excluded.items() if reason not in NEVER_COUNTED}


def failures_of(inputs: Inputs) -> tuple[ReportFailures, ...]:
    """Count failed answers, in the order of the board."""
    stats = inputs.view.source.stats
    ids = {one.name: one.id for one in reversed(inputs.view.source.contestants)}
    found = []
    for row in inputs.rows:
        known = stats.get(ids[row.contestant], ContestantStats(ids[row.contestant]))
        found.append(
            ReportFailures(
                contestant=row.contestant,
                answers=known.answers,
                failed=known.errors,
                refusals=known.refusals,
                timeouts=known.timeouts,
                errors=known.errors - known.refusals - known.timeouts,
            )
        )
    return tuple(found)


def prompts_of(prompts: Sequence[Prompt], source: str, languages: Counter[str]) -> ReportPrompts:
    """Count the prepared prompts and the languages that were voted in."""
    imported = sum(prompt.import_id is not None for prompt in prompts)
    return ReportPrompts(len(prompts), imported, source, dict(sorted(languages.items())))
