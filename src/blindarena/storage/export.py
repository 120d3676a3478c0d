"""Votes as Parquet: one row per vote, read page by page."""

import asyncio
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, Select, Subquery, bindparam, case, func, select

from blindarena.storage.runner import Runner
from blindarena.storage.tables import answers, battles, contestants, prompts, turns, votes

PAGE = 2_000
_SUMS = ("prompt_tokens", "completion_tokens", "cost_usd", "seconds")
_STYLE = ("words", "headers", "bold", "lists")
_PER_SIDE = {
    "prompt_tokens": pa.int64(),
    "completion_tokens": pa.int64(),
    "cost_usd": pa.float64(),
    "seconds": pa.float64(),
    "ttft_s": pa.float64(),
    **dict.fromkeys(_STYLE, pa.int64()),
}
_NAME = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("vote_id", pa.string()),
        ("battle_id", pa.string()),
        ("tstamp", pa.timestamp("us", tz="UTC")),
        ("voter", pa.string()),
        ("model_a", _NAME),
        ("model_b", _NAME),
        ("winner", _NAME),
        ("category", _NAME),
        ("language", _NAME),
        ("reasons", pa.list_(pa.string())),
        ("comment", pa.string()),
        ("excluded", _NAME),
        ("probability", pa.float64()),
        ("policy", _NAME),
        ("turns", pa.int64()),
        *((f"{name}_{side}", kind) for side in ("a", "b") for name, kind in _PER_SIDE.items()),
    ]
)
"""Tokens, cost, seconds and style are summed over the battle's complete turns, and null where one
of them is unknown; `ttft_s` is the mean. `voter` is the arena's pseudonym."""


async def export_votes(runner: Runner, arena_id: UUID, sink: Path | BytesIO) -> int:
    """Write an arena's votes in order of id; return how many.

    Each page is a short read of its own, so no transaction stays open; a vote that arrives
    meanwhile may be in or not.
    """
    rows, last = 0, UUID(int=0)
    with pq.ParquetWriter(sink, SCHEMA, compression="zstd") as writer:
        while True:
            page = await runner.read(lambda c, last=last: _page(c, arena_id, last))  # type: ignore[misc]
            if not page:
                return rows
            await asyncio.to_thread(writer.write_table, pa.Table.from_pylist(page, SCHEMA))
            rows += len(page)
            last = UUID(page[-1]["vote_id"])


def _page(connection: Connection, arena_id: UUID, last: UUID) -> list[dict[str, Any]]:
    values = {"arena_id": arena_id, "last": last, "page": PAGE}
    rows = [dict(row) for row in connection.execute(_QUERY, values).mappings()]
    for row in rows:
        row["vote_id"], row["battle_id"] = str(row["vote_id"]), str(row["battle_id"])
    return rows


def _query() -> Select[Any]:
    page = (
        select(votes)
        .where(
            votes.c.arena_id == bindparam("arena_id"),
            votes.c.points_at.is_(None),
            votes.c.id > bindparam("last"),
        )
        .order_by(votes.c.id)
        .limit(bindparam("page"))
        .cte("page")
    )
    measured = _measured(select(page.c.battle_id))
    a, b = (measured.alias(f"side_{side}") for side in ("a", "b"))
    model_a, model_b = (contestants.alias(f"model_{side}") for side in ("a", "b"))
    return (
        select(
            page.c.id.label("vote_id"),
            page.c.battle_id,
            page.c.created_at.label("tstamp"),
            page.c.voter,
            model_a.c.name.label("model_a"),
            model_b.c.name.label("model_b"),
            page.c.outcome.label("winner"),
            page.c.category,
            func.coalesce(prompts.c.language, "").label("language"),
            page.c.reasons,
            page.c.comment,
            page.c.excluded,
            battles.c.probability,
            battles.c.policy,
            func.coalesce(a.c.turns, b.c.turns, 0).label("turns"),
            *(a.c[name].label(f"{name}_a") for name in _PER_SIDE),
            *(b.c[name].label(f"{name}_b") for name in _PER_SIDE),
        )
        .select_from(page)
        .join(battles, battles.c.id == page.c.battle_id)
        .join(model_a, model_a.c.id == battles.c.contestant_a)
        .join(model_b, model_b.c.id == battles.c.contestant_b)
        .outerjoin(prompts, prompts.c.id == battles.c.prompt_id)
        .outerjoin(a, (a.c.battle_id == page.c.battle_id) & (a.c.side == "a"))
        .outerjoin(b, (b.c.battle_id == page.c.battle_id) & (b.c.side == "b"))
        .order_by(page.c.id)
    )


def _measured(battle_ids: Select[Any]) -> Subquery:
    """Return sums per battle and side over the complete turns."""
    return (
        select(
            turns.c.battle_id,
            answers.c.side,
            func.count().label("turns"),
            *(
                case(
                    (func.count(answers.c[name]) == func.count(), func.sum(answers.c[name]))
                ).label(name)
                for name in _SUMS
            ),
            func.avg(answers.c.ttft_s).label("ttft_s"),
            *(func.sum(answers.c[name]).label(name) for name in _STYLE),
        )
        .join_from(turns, answers)
        .where(turns.c.status == "complete", turns.c.battle_id.in_(battle_ids))
        .group_by(turns.c.battle_id, answers.c.side)
        .subquery()
    )


_QUERY = _query()
