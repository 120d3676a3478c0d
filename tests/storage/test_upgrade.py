"""A database of the first schema, with votes in it, becomes one of the newest schema."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, MetaData, Table, select

from blindarena.domain.exclusions import RULES
from blindarena.storage import Database
from blindarena.storage.schema import HEAD, _config
from blindarena.storage.tables import metadata

from .builders import later, record, vote, world
from .conftest import POSTGRES


@pytest.fixture(params=["sqlite", POSTGRES])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a database without any table on each of the two."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


def _to_first_schema(connection: Connection) -> list[str]:
    """Make the first schema; return its tables, those that others refer to first."""
    from alembic import command

    with _config() as config:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    there = MetaData()
    there.reflect(connection)
    return [table.name for table in there.sorted_tables if table.name != "alembic_version"]


def _columns(connection: Connection, table: Table) -> list[str]:
    there = Table(table.name, MetaData(), autoload_with=connection)
    return [column.name for column in there.columns]


async def test_votes_of_the_first_schema_count_on(empty_url: str, tmp_path: Path) -> None:
    source = await Database.open(f"sqlite:///{tmp_path / 'source.db'}")
    await source.migrate()
    w = await world(source)
    for outcome in ("model_a", "tie", "both_bad"):
        battle = await w.battle(status="votable")
        await record(source, battle, vote(battle, outcome, category="late"))
    leaked = await w.battle(status="votable")
    await record(source, leaked, vote(leaked, excluded=RULES[2]))
    open_one = await w.battle(status="votable")

    old = await Database.open(empty_url)
    assert await old.schema_version() is None
    names = await old._runner.migrate(_to_first_schema)
    for name in names:
        table = metadata.tables[name]
        kept = await old._runner.read(lambda c, t=table: _columns(c, t))
        query = select(*(table.c[column] for column in kept))
        rows = await source._runner.read(
            lambda c, q=query: [dict(r._mapping) for r in c.execute(q)]
        )
        if name == "pair_counts":  # the first schema counted none that were left out
            rows = [row for row in rows if row["population"] == "people"]
        if rows:
            await old._runner.write(lambda c, t=table, r=rows: c.execute(t.insert(), r).close())

    assert await old.migrate() == HEAD

    for database in (source, old):
        arena_id = w.arena.id
        (count,) = await database.counts.pairs(arena_id, population="people")
        assert (count.total, count.ties, count.both_bad) == (3, 1, 1)
        assert await database.counts.categories(arena_id, population="people") == ["late"]
        assert await database.counts.excluded(arena_id) == {RULES[2]: 1}
        assert await database.votes.count_of_voter(arena_id, "ann") == 4
        assert await record(database, open_one, vote(open_one)) is None
        (count,) = await database.counts.pairs(arena_id, population="people")
        assert count.total == 4
        assert await database.exclusions.exclude_voter(
            arena_id, "ann", reason="test run", at=later()
        ) == 4  # fmt: skip
        assert await database.counts.pairs(arena_id, population="people") == []
        await database.close()
