"""Links to battles: found by their hash until they are withdrawn, all at once."""

from blindarena.domain.shares import Share
from storage.builders import START, later, world
from storage.conftest import AnyDatabase


async def test_a_link_is_found_by_its_hash_alone(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.votable()
    made = Share("ab" * 32, battle.id, START)
    await database.shares.add(made)

    assert await database.shares.by_hash("ab" * 32) == made
    assert await database.shares.by_hash("cd" * 32) is None
    assert await database.shares.count(battle.id) == 1


async def test_withdrawing_closes_all_links_of_one_battle(database: AnyDatabase) -> None:
    w = await world(database)
    mine, other = await w.votable(), await w.votable()
    for n, battle in enumerate((mine, mine, other)):
        await database.shares.add(Share(f"{n}", battle.id, START))

    assert await database.shares.withdraw(mine.id, at=later()) == 2
    assert await database.shares.withdraw(mine.id, at=later()) == 0

    assert await database.shares.by_hash("0") is None
    assert await database.shares.by_hash("1") is None
    assert await database.shares.by_hash("2") is not None
    assert await database.shares.count(mine.id) == 0
