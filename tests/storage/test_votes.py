from collections.abc import Sequence

import pytest

from blindarena.domain.battles import OUTCOMES, Outcome
from blindarena.domain.boards import PairCount
from blindarena.domain.ids import uuid7
from blindarena.errors import BattleStateError, DuplicateVoteError, NotFoundError
from storage.builders import later, record, vote, world
from storage.conftest import AnyDatabase


async def test_a_vote_comes_back_as_it_was_cast(database: AnyDatabase) -> None:
    w = await world(database)
    given = await w.record(
        await w.votable(),
        "both_bad",
        category="lost",
        reasons=("too long", "breaks policy, badly"),
        comment="Nein: ☂ \n twice",
        excluded="identity-leak",
    )

    assert await database.votes.recent(w.arena.id, limit=5) == [given]
    assert await database.votes.of_voter(w.arena.id, "ann", limit=5) == [given]


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_a_vote_adds_to_its_pair_on_both_boards(
    database: AnyDatabase, outcome: Outcome, swapped: bool
) -> None:
    w = await world(database)
    battle = await w.votable(*((1, 0) if swapped else (0, 1)))
    await w.record(battle, outcome, category="lost")

    first_won = outcome == ("model_b" if swapped else "model_a")
    decisive = outcome in ("model_a", "model_b")
    expected = PairCount(
        w.contestants[0].id,
        w.contestants[1].id,
        wins_first=int(decisive and first_won),
        wins_second=int(decisive and not first_won),
        ties=int(outcome == "tie"),
        both_bad=int(outcome == "both_bad"),
    )
    for category in ("", "lost"):
        counts = await pairs(database, w.arena.id, category=category)
        assert counts == [expected]
    assert expected.total == 1
    assert await database.counts.categories(w.arena.id, population="people") == ["lost"]


async def test_a_vote_without_category_counts_once(database: AnyDatabase) -> None:
    w = await world(database)
    await w.record(await w.votable())

    [count] = await pairs(database, w.arena.id)
    assert count.total == 1
    assert await database.counts.categories(w.arena.id, population="people") == []


async def test_people_only_grow_the_board_of_people(database: AnyDatabase) -> None:
    w = await world(database)
    await w.record(await w.votable())

    assert await database.counts.pairs(w.arena.id, population="simulated") == []
    assert await database.counts.pairs(w.arena.id, population="published") == []


async def test_an_excluded_vote_is_kept_but_not_counted(database: AnyDatabase) -> None:
    w = await world(database)
    version = await database.counts.version(w.arena.id)
    for reason in ("identity-leak", "robot", "identity-leak"):
        await w.record(await w.votable(), excluded=reason, category="lost")

    assert await pairs(database, w.arena.id) == []
    assert await database.counts.categories(w.arena.id, population="people") == []
    assert await database.counts.excluded(w.arena.id) == {"identity-leak": 2, "robot": 1}
    assert await database.counts.excluded(uuid7()) == {}
    assert await database.votes.count_of_voter(w.arena.id, "ann") == 3
    assert await database.counts.version(w.arena.id) > version


async def test_a_second_vote_is_refused_and_changes_nothing(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.votable()
    given = await w.record(battle)
    version = await database.counts.version(w.arena.id)

    for again in (given, vote(battle, "tie")):
        with pytest.raises(DuplicateVoteError, match="already"):
            await record(database, battle, again)

    assert await database.votes.recent(w.arena.id, limit=9) == [given]
    [count] = await pairs(database, w.arena.id)
    assert count.total == 1
    assert await database.counts.version(w.arena.id) == version


@pytest.mark.parametrize("status", ["waiting", "streaming", "failed", "skipped"])
async def test_a_battle_that_is_not_votable_takes_no_vote(
    database: AnyDatabase, status: str
) -> None:
    w = await world(database)
    battle = await w.battle(status=status)

    with pytest.raises(BattleStateError, match=status) as caught:
        await w.record(battle)

    assert not isinstance(caught.value, DuplicateVoteError)
    assert await database.votes.recent(w.arena.id, limit=9) == []
    assert await pairs(database, w.arena.id) == []
    found = await database.battles.get(battle.id)
    assert found is not None
    assert found.status == status


async def test_a_vote_on_an_unknown_battle_is_refused(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.votable()
    unknown = vote(battle)
    object.__setattr__(unknown, "battle_id", uuid7())

    with pytest.raises(NotFoundError):
        await record(database, battle, unknown)

    assert await database.votes.recent(w.arena.id, limit=9) == []


async def test_the_battle_is_voted_afterwards(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.votable()
    await w.record(battle)

    found = await database.battles.get(battle.id)
    assert found is not None
    assert found.status == "voted"


async def test_lists_are_newest_first_limited_and_of_one_arena(database: AnyDatabase) -> None:
    one, two = await world(database, slug="one"), await world(database, slug="two")
    ann = [await one.record(await one.votable()) for _ in range(3)]
    ben = [await one.record(await one.votable(voter="ben")) for _ in range(2)]
    old = await one.record(await one.votable(), created_at=ann[0].created_at.replace(year=2020))
    other = await two.record(await two.votable())

    newest = [*ben[::-1], *ann[::-1], old]
    assert await database.votes.recent(one.arena.id, limit=99) == newest
    assert await database.votes.recent(one.arena.id, limit=2) == newest[:2]
    assert await database.votes.of_voter(one.arena.id, "ann", limit=2) == ann[:0:-1]
    assert await database.votes.of_voter(one.arena.id, "ben", limit=9) == ben[::-1]
    assert await database.votes.of_voter(two.arena.id, "ann", limit=9) == [other]
    assert await database.votes.of_voter(two.arena.id, "ben", limit=9) == []


async def test_a_voters_votes_are_counted_per_arena(database: AnyDatabase) -> None:
    one, two = await world(database, slug="one"), await world(database, slug="two")
    for excluded in (None, None, "robot"):
        await one.record(await one.votable(), excluded=excluded)
    await two.record(await two.votable())

    assert await database.votes.count_of_voter(one.arena.id, "ann") == 3
    assert await database.votes.count_of_voter(two.arena.id, "ann") == 1
    assert await database.votes.count_of_voter(one.arena.id, "ben") == 0


async def test_times_keep_their_microseconds(database: AnyDatabase) -> None:
    w = await world(database)
    at = later().replace(microsecond=123_456)
    await w.record(await w.votable(), created_at=at)

    [found] = await database.votes.recent(w.arena.id, limit=1)
    assert found.created_at == at


async def pairs(database: AnyDatabase, arena_id: object, category: str = "") -> Sequence[PairCount]:
    return await database.counts.pairs(arena_id, population="people", category=category)  # type: ignore[arg-type]
