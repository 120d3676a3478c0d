"""Kept boards come back as they were, newest first, of one arena."""

from datetime import timedelta
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, text

from blindarena.domain.ids import uuid7
from blindarena.domain.snapshots import SnapshotHead, StoredSnapshot
from blindarena.storage import Database
from storage.builders import START, World, world
from storage.conftest import AnyDatabase


def kept(w: World, day: int = 0, **given: Any) -> StoredSnapshot:
    values: dict[str, Any] = {
        "id": uuid7(),
        "arena_id": w.arena.id,
        "created_at": START + timedelta(days=day),
        "origin": "daily",
        "method": "bt",
        "options": {"method": "bt", "anchor": ["model 0", 1114.0], "margin": None},
        "population": "people",
        "category": "",
        "data_hash": "ab" * 32,
        "n": 12,
        "seed": 2**40,
        "versions": {"blindarena": "0.1.0"},
    }
    return StoredSnapshot(SnapshotHead(**(values | given)), '{"snapshot": 1, "n": 1.0}\n')


async def test_a_kept_board_comes_back_to_the_byte(database: AnyDatabase) -> None:
    w = await world(database)
    one = kept(w, category="refunds")
    await database.snapshots.add(one)

    assert await database.snapshots.get(w.arena.id, one.head.id) == one
    assert await database.snapshots.heads(w.arena.id, limit=5) == [one.head]


async def test_the_newest_come_first_and_only_so_many(database: AnyDatabase) -> None:
    w = await world(database)
    all_of_them = [kept(w, day) for day in (2, 0, 1)]
    for one in all_of_them:
        await database.snapshots.add(one)

    found = await database.snapshots.heads(w.arena.id, limit=2)

    assert found == [all_of_them[0].head, all_of_them[2].head]


async def test_another_arena_has_its_own(database: AnyDatabase) -> None:
    one, two = await world(database, slug="one"), await world(database, slug="two")
    mine = kept(one)
    await database.snapshots.add(mine)

    assert await database.snapshots.get(two.arena.id, mine.head.id) is None
    assert await database.snapshots.heads(two.arena.id, limit=5) == []
    assert await database.snapshots.get(one.arena.id, uuid7()) is None


async def test_an_older_databases_answers_are_in_the_new_sums(stored: Database) -> None:
    """The statements of the migration give what is added answer by answer."""
    migration = import_module("blindarena.storage.migrations.versions.0002_snapshots")
    w = await world(stored)
    measured = {"completion_tokens": 30, "ttft_s": 0.5, "seconds": 2.0, "cost_usd": 0.25}
    battle = await w.battle()
    await w.turn(battle, **measured)
    await w.turn(battle, **(measured | {"completion_tokens": 10, "seconds": None}))
    other = await w.battle()
    await w.turn(other, end="failed", **(measured | {"fault": "reset"}))
    await w.turn(await w.battle(), end="interrupted", **measured)
    before = await stored.counts.stats(w.arena.id)
    assert any(one.tokens_seconds for one in before)

    def fill(connection: Connection) -> None:
        for name in migration.SUMS:
            connection.execute(text(f"UPDATE contestant_stats SET {name} = 7"))
        for statement in migration.fill():
            connection.execute(text(statement))

    await stored._runner.write(fill)

    assert await stored.counts.stats(w.arena.id) == before
