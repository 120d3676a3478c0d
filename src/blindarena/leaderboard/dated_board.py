"""From the document of a kept board to a board as the API has it."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.boards import ContestantStats
from blindarena.leaderboard.board import Board, Row, StyleCoefficient
from blindarena.leaderboard.row_boards import Ask
from blindarena.leaderboard.rows import measured

SHOWN = 16
"""Hex digits of a data hash that a board shows."""
_WARNS = ("Only", "Without a rating", "Not enough data", "No ", "Nobody")
"""How notes begin that say what not to trust."""


def board_from(
    content: Mapping[str, Any],
    arena: Arena,
    ask: Ask,
    contestants: Mapping[str, Contestant],
    stats: Mapping[UUID, ContestantStats],
    *,
    category: str,
    categories: tuple[str, ...],
    snapshot_id: str | None,
) -> Board:
    """Return the board of a document, or of one of its categories.

    Args:
        content: the document, read.
        arena: whose.
        ask: how it was computed.
        contestants: by name, for their descriptions.
        stats: by contestant, for cost and speed.
        category: "" is all votes.
        categories: that have votes now.
        snapshot_id: under which it is kept.
    """
    computed_at = datetime.fromisoformat(content["computed_at"])
    part = content
    if category:
        parts = [one for one in content["boards"] if one["category"] == category]
        if not parts:
            said = f"No vote has the category {category!r}."
            return no_board(arena, ask, category, categories, computed_at, failed=said)
        part = parts[0]
    rows = tuple(_row(row, contestants, stats) for row in part["rows"])
    anchor = content["options"]["anchor"]
    has_sets = any(row.rank_low is not None for row in rows)
    notes = tuple(part["notes"])
    return Board(
        arena=arena.slug,
        method=part["method"],
        n=part["n"],
        computed_at=computed_at,
        rows=rows,
        category=category,
        population="people",
        categories=categories,
        interval=part["interval"],
        anchor=None if anchor is None else f"{anchor[0]} = {anchor[1]:g}",
        excluded=content["excluded"],
        data_hash=part["data_hash"][:SHOWN],
        thinned_from=None,
        seed=None,
        min_votes=arena.min_votes,
        method_key=ask.method,
        dated=True,
        status="ready",
        snapshot_id=snapshot_id,
        style_coefficients=tuple(
            StyleCoefficient(one["name"], one["value"], one["lower"], one["upper"])
            for one in part["coefficients"]
        ),
        rank_sets="ready" if has_sets else "none",
        rank_seed=part["seed"] if has_sets else None,
        margin=arena.margin,
        warnings=tuple(note for note in notes if note.startswith(_WARNS)),
        notes=tuple(note for note in notes if not note.startswith(_WARNS)),
    )


def no_board(
    arena: Arena,
    ask: Ask,
    category: str,
    categories: tuple[str, ...],
    now: datetime,
    *,
    failed: str | None,
    population: Any = "people",
) -> Board:
    """Return a board without rows: computed for the first time, or not to be computed.

    Args:
        arena: whose.
        ask: how it would be computed.
        category: of it.
        categories: that have votes.
        now: the time.
        failed: why there is none; None where it is being computed.
        population: whose votes.
    """
    return Board(
        arena=arena.slug,
        method=ask.method,
        n=0,
        computed_at=now,
        rows=(),
        category=category,
        population=population,
        categories=categories,
        interval="none",
        anchor=None,
        excluded={},
        data_hash="",
        thinned_from=None,
        seed=None,
        min_votes=arena.min_votes,
        method_key=ask.method,
        dated=True,
        status="computing" if failed is None else "none",
        rank_sets="none",
        margin=arena.margin,
        warnings=() if failed is None else (failed,),
    )


def _row(
    row: Mapping[str, Any],
    contestants: Mapping[str, Contestant],
    stats: Mapping[UUID, ContestantStats],
) -> Row:
    """Return a row with what the arena knows of its contestant; a file of votes knows the name."""
    values: dict[str, Any] = {field.name: row.get(field.name) for field in fields(Row)}
    contestant = contestants.get(row["contestant"])
    if contestant is not None:
        values |= {
            "description": contestant.description,
            "organization": contestant.organization,
            "license": contestant.license,
            **measured(stats.get(contestant.id)),
        }
    return Row(**values)
