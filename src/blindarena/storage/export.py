"""Votes as Parquet: one row per vote, read page by page."""

import asyncio
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, select

from blindarena.storage.effective import EXCLUDED_NOW
from blindarena.storage.image_table import images
from blindarena.storage.runner import Runner
from blindarena.storage.tables import answers, battles, contestants, prompts, turns, votes
from blindarena.storage.usable_tables import usable_votes

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
        ("prompt_id", _NAME),
        ("reasons", pa.list_(pa.string())),
        ("comment", pa.string()),
        ("excluded", _NAME),
        ("seconds_to_vote", pa.float64()),
        ("probability", pa.float64()),
        ("policy", _NAME),
        ("version", pa.int64()),
        ("mode", _NAME),
        ("voter_group", _NAME),
        ("origin", _NAME),
        ("replaced", pa.int64()),
        ("turns", pa.int64()),
        ("images", pa.int64()),
        ("send_a", _NAME),
        ("send_b", _NAME),
        ("breaks_policy_a", pa.bool_()),
        ("breaks_policy_b", pa.bool_()),
        *((f"{name}_{side}", kind) for side in ("a", "b") for name, kind in _PER_SIDE.items()),
    ]
)
"""Tokens, cost, seconds and style are summed over the battle's complete turns, and null where one
of them is unknown; `ttft_s` is the mean. `voter` is the arena's pseudonym. What would be sent is
null in votes that were not asked. `origin` is that of the first message: typed, suggested or
prepared. `replaced` counts the messages that were answered again,
`images` the pictures that were sent, also those that were deleted since."""


async def export_votes(
    runner: Runner, arena_id: UUID, sink: Path | BytesIO, *, version: int | None = None
) -> int:
    """Write an arena's votes in order of id, of one version or of all; return how many.

    Each page is a short read of its own, so no transaction stays open; a vote that arrives
    meanwhile may be in or not.
    """
    rows, last = 0, UUID(int=0)
    with pq.ParquetWriter(sink, SCHEMA, compression="zstd") as writer:
        while True:
            page = await runner.read(lambda c, last=last: _page(c, arena_id, last, version))  # type: ignore[misc]
            if not page:
                return rows
            await asyncio.to_thread(writer.write_table, pa.Table.from_pylist(page, SCHEMA))
            rows += len(page)
            last = UUID(page[-1]["vote_id"])


def _page(
    connection: Connection, arena_id: UUID, last: UUID, version: int | None
) -> list[dict[str, Any]]:
    values = {"arena_id": arena_id, "last": last, "page": PAGE}
    page = _PAGE
    if version is not None:
        page = page.where(votes.c.version == bindparam("version"))
        values["version"] = version
    rows = [dict(row) for row in connection.execute(page, values).mappings()]
    ids = [row["battle_id"] for row in rows]
    sides = {
        (side["battle_id"], side["side"]): side
        for side in connection.execute(_SIDES, {"ids": ids}).mappings()
    }
    pictures = {row.battle_id: row.n for row in connection.execute(_IMAGES, {"ids": ids})}
    messages = {m["battle_id"]: m for m in connection.execute(_MESSAGES, {"ids": ids}).mappings()}
    said = {
        (use.vote_id, use.side): use
        for use in connection.execute(_USABLE, {"votes": [row["vote_id"] for row in rows]})
    }
    for row in rows:
        row["turns"], row["images"] = 0, pictures.get(row["battle_id"], 0)
        sent = messages.get(row["battle_id"])
        row["origin"], row["replaced"] = (sent["origin"], sent["replaced"]) if sent else (None, 0)
        for side in ("a", "b"):
            if measured := sides.get((row["battle_id"], side)):
                row["turns"] = measured["turns"]
                row |= {f"{name}_{side}": measured[name] for name in _PER_SIDE}
            if use := said.get((row["vote_id"], side)):
                row |= {f"send_{side}": use.send, f"breaks_policy_{side}": use.breaks_policy}
        row["vote_id"], row["battle_id"] = str(row["vote_id"]), str(row["battle_id"])
        row["prompt_id"] = None if row["prompt_id"] is None else str(row["prompt_id"])
    return rows


_MODEL_A, _MODEL_B = contestants.alias("model_a"), contestants.alias("model_b")
_PAGE = (
    select(
        votes.c.id.label("vote_id"),
        votes.c.battle_id,
        votes.c.created_at.label("tstamp"),
        votes.c.voter,
        _MODEL_A.c.name.label("model_a"),
        _MODEL_B.c.name.label("model_b"),
        votes.c.outcome.label("winner"),
        votes.c.category,
        func.coalesce(prompts.c.language, "").label("language"),
        battles.c.prompt_id,
        votes.c.reasons,
        votes.c.comment,
        EXCLUDED_NOW.label("excluded"),
        votes.c.seconds.label("seconds_to_vote"),
        battles.c.probability,
        battles.c.policy,
        votes.c.version,
        battles.c.mode,
        battles.c.voter_group,
    )
    .join_from(votes, battles, battles.c.id == votes.c.battle_id)
    .join(_MODEL_A, _MODEL_A.c.id == battles.c.contestant_a)
    .join(_MODEL_B, _MODEL_B.c.id == battles.c.contestant_b)
    .outerjoin(prompts, prompts.c.id == battles.c.prompt_id)
    .where(
        votes.c.arena_id == bindparam("arena_id"),
        votes.c.points_at.is_(None),
        votes.c.id > bindparam("last"),
    )
    .order_by(votes.c.id)
    .limit(bindparam("page"))
)


_USABLE = select(usable_votes).where(usable_votes.c.vote_id.in_(bindparam("votes", expanding=True)))


def _whole_sum(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Sum a column, or null where one of its values is unknown."""
    return case((func.count(column) == func.count(), func.sum(column))).label(column.key)


_SIDES = (  # apart from _PAGE: without statistics PostgreSQL plans the two together quadratically
    select(
        turns.c.battle_id,
        answers.c.side,
        func.count().label("turns"),
        *(_whole_sum(answers.c[name]) for name in _SUMS),
        func.avg(answers.c.ttft_s).label("ttft_s"),
        *(func.sum(answers.c[name]).label(name) for name in _STYLE),
    )
    .join_from(turns, answers)
    .where(
        turns.c.status == "complete",
        turns.c.battle_id.in_(bindparam("ids", expanding=True)),
    )
    .group_by(turns.c.battle_id, answers.c.side)
)
_FIRST = and_(turns.c.number == 1, turns.c.status == "complete")
_MESSAGES = (
    select(
        turns.c.battle_id,
        func.max(case((_FIRST, turns.c.origin))).label("origin"),
        func.sum(case((turns.c.status == "replaced", 1), else_=0)).label("replaced"),
    )
    .where(
        turns.c.status.in_(("complete", "replaced")),
        turns.c.battle_id.in_(bindparam("ids", expanding=True)),
    )
    .group_by(turns.c.battle_id)
)
_IMAGES = (
    select(images.c.battle_id, func.count().label("n"))
    .where(images.c.battle_id.in_(bindparam("ids", expanding=True)))
    .group_by(images.c.battle_id)
)
