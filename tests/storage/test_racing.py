"""Many at once: two tasks, two processes' worth of connections, one bad vote among good ones."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from blindarena.domain.battles import SIDES
from blindarena.domain.ids import uuid7
from blindarena.errors import DuplicateVoteError, StorageError
from blindarena.storage import Database
from storage.builders import World, answer, record, turn, vote, world


@pytest.fixture
async def second(url: str, stored: Database) -> AsyncIterator[Database]:
    """Give the same database, opened once more, as another process would."""
    opened = await Database.open(url)
    yield opened
    await opened.close()


async def total(w: World) -> int:
    return sum(p.total for p in await w.database.counts.pairs(w.arena.id, population="people"))


async def test_of_two_tasks_one_votes(stored: Database) -> None:
    w = await world(stored)
    battles = [await w.votable() for _ in range(5)]

    results = await asyncio.gather(
        *(record(stored, battle, vote(battle)) for battle in battles for _ in range(4)),
        return_exceptions=True,
    )

    assert results.count(None) == 5
    assert sum(isinstance(r, DuplicateVoteError) for r in results) == 15
    assert await total(w) == 5
    assert len(await stored.votes.recent(w.arena.id, limit=99)) == 5


async def test_of_two_processes_one_votes(stored: Database, second: Database) -> None:
    w = await world(stored)
    battles = [await w.votable() for _ in range(20)]

    results = await asyncio.gather(
        *(record(stored, battle, vote(battle, "tie")) for battle in battles),
        *(record(second, battle, vote(battle, "tie")) for battle in battles[::-1]),
        return_exceptions=True,
    )

    assert results.count(None) == 20
    assert sum(isinstance(r, DuplicateVoteError) for r in results) == 20
    assert await total(w) == 20
    assert len(await second.votes.recent(w.arena.id, limit=99)) == 20


async def test_votes_of_two_processes_all_count(stored: Database, second: Database) -> None:
    w = await world(stored)
    battles = [await w.votable(*pair) for pair in ((0, 1), (1, 2), (0, 2)) for _ in range(10)]
    before = await stored.counts.version(w.arena.id)

    await asyncio.gather(
        *(
            record((stored, second)[n % 2], battle, vote(battle, category="lost"))
            for n, battle in enumerate(battles)
        )
    )

    assert [
        p.total for p in await stored.counts.pairs(w.arena.id, population="people", category="lost")
    ] == [10, 10, 10]
    assert await total(w) == 30
    assert await second.counts.version(w.arena.id) > before


async def test_a_bad_vote_does_not_hurt_those_beside_it(stored: Database) -> None:
    w = await world(stored)
    battles = [await w.votable() for _ in range(6)]
    votes = [vote(battle) for battle in battles]
    votes[1] = replace(votes[1], arena_id=uuid7())  # no such arena: a foreign key
    votes[3] = replace(votes[3], outcome="leftvote")  # type: ignore[arg-type]
    votes[4] = replace(votes[4], created_at=votes[4].created_at.replace(tzinfo=None))

    results = await asyncio.gather(
        *(record(stored, battle, v) for battle, v in zip(battles, votes, strict=True)),
        return_exceptions=True,
    )

    assert [type(r) for r in results] == [
        type(None),
        StorageError,
        type(None),
        StorageError,
        StorageError,
        type(None),
    ]
    assert {v.id for v in await stored.votes.recent(w.arena.id, limit=9)} == {
        votes[n].id for n in (0, 2, 5)
    }
    assert await total(w) == 3
    statuses = []
    for battle in battles:
        found = await stored.battles.get(battle.id)
        assert found is not None
        statuses.append(found.status)
    assert statuses == ["voted", "votable", "voted", "votable", "votable", "voted"]


async def test_a_vote_is_stored_though_its_caller_went_away(url: str, stored: Database) -> None:
    w = await world(stored)
    battle = await w.votable()
    task = asyncio.create_task(record(stored, battle, vote(battle)))
    await asyncio.sleep(0)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await stored.close()

    again = await Database.open(url)
    try:
        assert len(await again.votes.recent(w.arena.id, limit=9)) == 1
    finally:
        await again.close()


async def test_only_one_of_racing_turns_starts(stored: Database, second: Database) -> None:
    w = await world(stored)
    battle = await w.battle()

    started = await asyncio.gather(
        *(
            database.battles.start_turn(turn(battle, number=n))
            for n, database in enumerate([stored, second] * 3)
        )
    )

    assert started.count(True) == 1
    assert len(await stored.battles.turns(battle.id)) == 1


async def test_sums_of_racing_turn_ends_add_up(stored: Database, second: Database) -> None:
    w = await world(stored)
    turns = []
    for n in range(16):
        battle = await w.battle(*((0, 1) if n % 2 else (1, 0)))
        made = turn(battle)
        await stored.battles.start_turn(made)
        turns.append((battle, made))

    await asyncio.gather(
        *(
            (stored, second)[n % 2].battles.end_turn(
                made.id,
                [answer(made, battle, side, cost_usd=0.5) for side in SIDES],
                status="complete",
                battle_status="votable",
            )
            for n, (battle, made) in enumerate(turns)
        )
    )

    stats = await stored.counts.stats(w.arena.id)
    assert [(s.answers, s.cost_sum, s.cost_n) for s in stats] == [(16, 8.0, 16)] * 2


async def test_the_database_itself_refuses_a_second_decisive_vote(stored: Database) -> None:
    """Even where the battle's status were wrong."""
    w = await world(stored)
    battle = await w.votable()
    await record(stored, battle, vote(battle))
    assert await stored.battles.move(battle.id, to="votable", allowed=("voted",))

    with pytest.raises(StorageError, match=r"(?i)unique"):
        await record(stored, battle, vote(battle))

    assert await total(w) == 1
