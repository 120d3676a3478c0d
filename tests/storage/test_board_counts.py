"""What boards are computed from holds nothing of a battle that may still get its vote."""

from dataclasses import astuple, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from blindarena.domain.ids import uuid7
from blindarena.storage import Database
from storage.builders import World, world

_MS = 80
"""Bits of a UUIDv7 behind its milliseconds."""

ANSWERS: tuple[dict[str, Any], ...] = (
    {"cost_usd": 0.01, "ttft_s": 0.5, "seconds": 2.0, "completion_tokens": 70},
    {"cost_usd": None, "ttft_s": 0.25, "seconds": 0.25, "completion_tokens": 4},
    {"cost_usd": 0.3, "ttft_s": None, "seconds": 9.0, "completion_tokens": 11},
    {"cost_usd": 0.07, "ttft_s": 0.1, "seconds": None, "completion_tokens": None},
    {"fault": "timeout", "finish_reason": "error", "cost_usd": 0.5},
    {"fault": "declined", "finish_reason": "error"},
    {"fault": "unavailable", "finish_reason": "content_filter"},
)


async def begun(w: World, before: timedelta) -> UUID:
    """Store a votable battle that began so long ago; return its id."""
    battle = await w.battle()
    ago = int(before.total_seconds() * 1000) << _MS
    old = replace(battle, id=UUID(int=uuid7().int - ago))
    await w.database.battles.add(old)
    for given in ANSWERS:
        await w.turn(old, **given)
    return old.id


@pytest.mark.parametrize("days", [0, 2, 400])
async def test_an_open_battle_is_in_no_sum_however_old(stored: Database, days: int) -> None:
    w = await world(stored)
    decided = await w.battle()
    await w.turn(decided, cost_usd=0.02, ttft_s=0.25)
    await w.record(decided)
    before = await stored.board_counts.stats(w.arena.id)

    late = await begun(w, timedelta(days=days))

    assert await stored.board_counts.stats(w.arena.id) == before
    assert {one.answers for one in before} == {1}
    assert await stored.battles.move(late, to="skipped", allowed=("votable",))
    after = await stored.board_counts.stats(w.arena.id)
    for shown, summed in zip(after, await stored.counts.stats(w.arena.id), strict=True):
        assert astuple(shown)[1:] == pytest.approx(astuple(summed)[1:])
    told = {(one.answers, one.errors, one.refusals, one.timeouts, one.speed_n) for one in after}
    assert told == {(8, 3, 2, 1, 1)}


async def test_open_battles_are_found_by_their_index(stored: Database) -> None:
    if stored.kind != "sqlite":
        pytest.skip("PostgreSQL plans by what is in the table")
    asked = "EXPLAIN QUERY PLAN SELECT id FROM battles WHERE arena_id = ? AND battles.status IN "
    asked += "('waiting', 'streaming', 'votable')"
    plan = await stored.counts._run.read(lambda c: str(c.exec_driver_sql(asked, (b"",)).fetchall()))
    assert "ix_battles_open" in plan
