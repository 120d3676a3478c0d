"""The audit log page by page and only growing; what moderation did; what failures were."""

from importlib import import_module

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, text

from blindarena.domain.repeats import PROMPT_KEY, prompt_mark
from blindarena.errors import StorageError
from blindarena.storage import Database
from storage.builders import later, vote, world
from storage.builders import record as store
from storage.conftest import AnyDatabase


async def test_the_audit_log_goes_page_by_page(database: AnyDatabase) -> None:
    for n in range(5):
        await database.audit.add(at=later(), who="Owner", what=f"Did {n}", detail="50 %_")
    await database.audit.add(at=later(), who="Server", what="Erased", detail="all")

    first = await database.audit.page(limit=2)
    second = await database.audit.page(limit=9, before=first[-1].id)
    assert [line.what for line in first] == ["Erased", "Did 4"]
    assert [line.what for line in second] == ["Did 3", "Did 2", "Did 1", "Did 0"]

    assert [line.who for line in await database.audit.page(limit=9, what="eraseD")] == ["Server"]
    assert len(await database.audit.page(limit=9, what="%_", who="own")) == 5
    assert await database.audit.page(limit=9, what="5_ %") == []


async def test_the_audit_log_only_grows(stored: Database) -> None:
    await stored.audit.add(at=later(), who="Owner", what="Logged in", detail="abc")

    for statement in (
        "DELETE FROM audit_log",
        "UPDATE audit_log SET what = 'nothing'",
        "UPDATE audit_log SET \"at\" = '2020-01-01 00:00:00'",
    ):
        with pytest.raises(StorageError, match="audit log only grows"):
            await stored._runner.write(lambda c, s=statement: c.execute(text(s)).close())  # type: ignore[misc]

    # Whoever erases a voter takes the pseudonym out of the detail.
    erase = text("UPDATE audit_log SET detail = 'erased'")
    await stored._runner.write(lambda c: c.execute(erase).close())
    [line] = await stored.audit.page(limit=5)
    assert (line.what, line.detail) == ("Logged in", "erased")


async def test_moderation_is_counted_and_answers_are_marked(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.battle()
    made = await w.turn(battle)
    book = database.moderation
    assert await book.counts(w.arena.id) == {}

    await book.count(w.arena.id, "messages-refused")
    await book.count(w.arena.id, "messages-refused", n=2)
    await book.count(w.arena.id, "answers-flagged")
    await book.flag(made.id, "b")

    assert await book.counts(w.arena.id) == {"messages-refused": 3, "answers-flagged": 1}
    [record] = await database.battles.turns(battle.id)
    assert {side: one.flagged for side, one in record.answers.items()} == {"a": False, "b": True}


async def test_refusals_and_timeouts_are_some_of_the_errors(database: AnyDatabase) -> None:
    w = await world(database)
    for given in (
        {},
        {"fault": "declined", "finish_reason": "content_filter"},
        {"fault": "empty", "finish_reason": "content_filter"},
        {"fault": "timeout"},
        {"fault": "server"},
    ):
        await w.turn(await w.battle(), end="failed" if given else "complete", **given)

    stats = (await database.counts.stats(w.arena.id))[0]

    assert (stats.answers, stats.errors, stats.refusals, stats.timeouts) == (5, 4, 2, 1)


async def test_an_older_database_gets_marks_and_kinds_of_failures(stored: Database) -> None:
    """What the migration fills in is what would have been stored."""
    migration = import_module("blindarena.storage.migrations.versions.0010_abuse_and_health")
    w = await world(stored)
    said = []
    for voter, content in (("ann", "A?"), ("ann", " a? "), ("ben", "A?")):
        battle = await w.battle(voter=voter)
        await w.turn(battle, content=content)
        await w.turn(battle, content="And then?")
        said.append(vote(battle))
        await store(stored, battle, said[-1])
    await w.turn(await w.battle(), end="failed", fault="timeout")
    await w.turn(await w.battle(), end="failed", fault="empty", finish_reason="content_filter")
    before = await stored.counts.stats(w.arena.id)

    def again(connection: Connection) -> None:
        for name in ("keeps", "stays", *(() if stored.kind == "sqlite" else ("keeps_all",))):
            on = "" if stored.kind == "sqlite" else " ON audit_log"
            connection.execute(text(f"DROP TRIGGER audit_log_{name}{on}"))
        if stored.kind != "sqlite":
            connection.execute(text("DROP FUNCTION audit_log_grows()"))
        connection.execute(text("DROP TABLE moderation_counts"))
        connection.execute(text("DROP INDEX ix_votes_arena_id_voter_prompt_mark"))
        for table, column in (
            ("votes", "prompt_mark"),
            ("answers", "flagged"),
            ("contestant_stats", "refusals"),
            ("contestant_stats", "timeouts"),
        ):
            connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
        with Operations.context(MigrationContext.configure(connection)):
            migration.upgrade()

    await stored._runner.write(again)

    assert await stored.counts.stats(w.arena.id) == before
    key = bytes.fromhex(await stored.vault.get(PROMPT_KEY) or "")
    marks = {one.id: one.prompt_mark for one in await stored.votes.recent(w.arena.id, limit=9)}
    assert [marks[one.id] for one in said] == [
        prompt_mark(key, arena_id=w.arena.id, voter=one.voter, content="a?") for one in said
    ]
    assert len(set(marks.values())) == 2
