"""Opening, what it guarantees, and what a person reads when it fails."""

import asyncio
import inspect
import socket
import sqlite3
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from blindarena.arena import ports as arena_ports
from blindarena.errors import StorageError
from blindarena.leaderboard import ports as leaderboard_ports
from blindarena.storage import Database
from blindarena.storage.sqlite import SqliteRunner
from postgres import PostgresServer
from storage.builders import session, world
from storage.conftest import AnyDatabase


@pytest.mark.parametrize(
    ("port", "name"),
    [
        (arena_ports.Arenas, "arenas"),
        (arena_ports.Sessions, "sessions"),
        (arena_ports.Battles, "battles"),
        (arena_ports.Votes, "votes"),
        (arena_ports.Vault, "vault"),
        (arena_ports.AuditLog, "audit"),
        (leaderboard_ports.Counts, "counts"),
        (leaderboard_ports.Snapshots, "snapshots"),
    ],
)
async def test_every_database_has_the_ports_methods(
    database: AnyDatabase, port: type, name: str
) -> None:
    methods = {n: f for n, f in vars(port).items() if not n.startswith("_")}
    assert methods
    for method, asked in methods.items():
        given = getattr(type(getattr(database, name)), method)
        assert parameters(given) == parameters(asked), method


def parameters(method: Callable[..., object]) -> list[tuple[str, object, object]]:
    found = inspect.signature(method).parameters.values()
    return [(p.name, p.kind, p.default) for p in found]


async def test_a_commit_on_sqlite_is_on_disk(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite:///{tmp_path / 'a.db'}")
    runner = database._runner
    assert isinstance(runner, SqliteRunner)
    try:
        settings = await runner.write(
            lambda c: {
                name: c.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("synchronous", "journal_mode", "foreign_keys", "busy_timeout")
            }
        )
        reading = await runner.read(lambda c: c.exec_driver_sql("PRAGMA query_only").scalar())
    finally:
        await database.close()

    assert settings == {
        "synchronous": 2,  # FULL
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }
    assert reading == 1


@pytest.mark.postgres
async def test_a_commit_on_postgresql_is_on_disk(postgres_url: str) -> None:
    database = await Database.open(postgres_url)
    try:
        setting = await database._runner.write(
            lambda c: c.exec_driver_sql("SHOW synchronous_commit").scalar()
        )
    finally:
        await database.close()

    assert setting == "on"


async def test_reads_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database = await Database.open(f"sqlite:///{path}")
    await database.migrate()
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        assert await database.arenas.all() == []
        assert time.monotonic() - started < 2
    finally:
        other.close()
        await database.close()


async def test_stored_things_are_there_after_opening_again(url: str, stored: Database) -> None:
    w = await world(stored)
    vote = await w.record(await w.votable())
    await stored.close()

    again = await Database.open(url)
    try:
        assert await again.votes.recent(w.arena.id, limit=9) == [vote]
    finally:
        await again.close()


async def test_a_database_in_memory_is_gone_afterwards() -> None:
    for _ in range(2):
        database = await Database.open("sqlite:///:memory:")
        await database.migrate()
        assert await database.arenas.all() == []
        await world(database)
        await database.close()


async def test_text_that_a_database_cannot_keep_is_replaced(stored: Database) -> None:
    w = await world(stored)
    battle = await w.votable()
    await w.record(battle, comment="nul\0 and half \ud83d", reasons=("half \ud83d", "nul\0"))

    [found] = await stored.votes.recent(w.arena.id, limit=1)
    assert found.comment == "nul\ufffd and half \ufffd"
    assert found.reasons == ("half \ufffd", "nul\0")


async def test_a_reference_to_nothing_is_refused(stored: Database) -> None:
    w = await world(stored)

    with pytest.raises(StorageError, match=r"(?i)foreign key"):
        await w.battle(prompt_id=w.arena.id)


async def test_a_failed_write_says_why_in_one_line_and_the_next_one_works(
    stored: Database,
) -> None:
    given = session()
    await stored.sessions.add(given)

    with pytest.raises(StorageError, match=r"(?i)unique") as caught:
        await stored.sessions.add(given)
    other = session()
    await stored.sessions.add(other)

    assert "\n" not in str(caught.value)
    assert "INSERT" not in str(caught.value)
    assert await stored.sessions.by_secret_hash(other.secret_hash) == other


async def test_a_health_check_answers(stored: Database) -> None:
    await stored.check()


async def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere.*must exist and be writable") as caught:
        await Database.open(f"sqlite:///{tmp_path / 'nowhere' / 'a.db'}")

    assert "\n" not in str(caught.value)


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Shopping list. " * 100)

    with pytest.raises(StorageError, match=r"notes\.txt: file is not a database"):
        await Database.open(f"sqlite:///{path}")

    assert path.read_text().startswith("Shopping")


async def test_a_file_is_not_made_where_that_was_not_asked(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"no SQLite file .*a\.db"):
        await Database.open(f"sqlite:///{tmp_path / 'a.db'}", create=False)

    assert not (tmp_path / "a.db").exists()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://x/y", "postgresql://h:port/x"])
async def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(StorageError, match="give sqlite:///path or postgresql://"):
        await Database.open(url)


async def test_an_unreachable_server_is_named_without_the_password() -> None:
    with socket.socket() as taken:  # bound but not listening: refused at once
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(StorageError, match="is the server running") as caught:
            await Database.open(f"postgresql://ann:secret@127.0.0.1:{port}/arena")

    assert f"127.0.0.1:{port}/arena" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.postgres
async def test_an_unknown_database_of_a_server(postgres_server: PostgresServer) -> None:
    with pytest.raises(StorageError, match='"nobodys" does not exist'):
        await Database.open(postgres_server.url("nobodys"))


@pytest.mark.postgres
async def test_ssl_is_asked_for_in_libpqs_words(postgres_url: str) -> None:
    """A hosted server's address ends so; a Unix socket has no TLS, which `prefer` accepts."""
    database = await Database.open(f"{postgres_url}&sslmode=prefer")
    try:
        await database.check()
    finally:
        await database.close()


@pytest.mark.postgres
async def test_the_next_request_works_after_the_server_dropped_all_connections(
    postgres_url: str, postgres_server: PostgresServer
) -> None:
    database = await Database.open(postgres_url)
    try:
        w = await world(database)
        battle = await w.votable()
        for _ in range(2):
            postgres_server.server.psql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname LIKE 'test%' AND pid <> pg_backend_pid()"
            )
            assert await database.battles.get(battle.id) == (await database.battles.get(battle.id))
            given = session()
            await database.sessions.add(given)
            assert await database.sessions.by_secret_hash(given.secret_hash) == given
        await w.record(battle)
        [count] = await database.counts.pairs(w.arena.id, population="people")
        assert count.total == 1
    finally:
        await database.close()


@pytest.mark.postgres
async def test_a_work_is_not_repeated_where_its_own_fault_ended_it(postgres_url: str) -> None:
    database = await Database.open(postgres_url)
    tries = []

    def work(connection: Connection) -> None:
        tries.append(1)
        connection.execute(text("SELECT 1/0"))

    try:
        with pytest.raises(StorageError, match="division by zero"):
            await database._runner.write(work)
    finally:
        await database.close()

    assert tries == [1]


@pytest.mark.postgres
async def test_a_read_that_was_given_up_leaves_no_trace(postgres_url: str) -> None:
    database = await Database.open(postgres_url)
    try:
        slow = asyncio.create_task(
            database._runner.read(lambda c: c.exec_driver_sql("SELECT pg_sleep(30)").all())
        )
        await asyncio.sleep(0.2)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        answers = await asyncio.gather(
            *(
                database._runner.read(lambda c, n=n: c.exec_driver_sql(f"SELECT {n}").scalar())
                for n in range(30)
            )
        )
    finally:
        await database.close()

    assert answers == list(range(30))


async def test_a_failed_statement_quotes_nothing_that_people_wrote(stored: Database) -> None:
    w = await world(stored)
    battle = await w.battle(policy="words of a voter")

    with pytest.raises(StorageError) as failed:
        await stored.battles.add(battle)

    assert "words of a voter" not in "".join(traceback.format_exception(failed.value))
