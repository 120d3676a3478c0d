"""Counts that are set from outside, and the counts kept while votes arrive."""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blindarena.domain.battles import OUTCOMES
from blindarena.domain.boards import PairCount
from blindarena.domain.ids import uuid7
from storage.builders import World, world
from storage.conftest import AnyDatabase


def count(w: World, a: int, b: int, *numbers: int) -> PairCount:
    return PairCount(w.contestants[a].id, w.contestants[b].id, *numbers)


async def test_added_counts_add_up(database: AnyDatabase) -> None:
    w = await world(database)
    board = {"population": "simulated"}
    await database.counts.add(w.arena.id, [count(w, 1, 2, 1, 2, 3, 4), count(w, 0, 1, 5)], **board)
    await database.counts.add(w.arena.id, [count(w, 1, 2, 10, 20, 30, 40)], **board)

    assert await database.counts.pairs(w.arena.id, **board) == [
        count(w, 0, 1, 5),
        count(w, 1, 2, 11, 22, 33, 44),
    ]


async def test_the_same_pair_twice_in_one_call_adds_up(database: AnyDatabase) -> None:
    w = await world(database)
    await database.counts.add(
        w.arena.id, [count(w, 0, 1, 1), count(w, 0, 1, 2)], population="simulated"
    )

    found = await database.counts.pairs(w.arena.id, population="simulated")
    assert found == [count(w, 0, 1, 3)]


async def test_boards_are_apart(database: AnyDatabase) -> None:
    w = await world(database)
    await database.counts.add(w.arena.id, [count(w, 0, 1, 1)], population="simulated")
    await database.counts.add(
        w.arena.id, [count(w, 0, 1, 2)], population="simulated", category="lost"
    )
    await database.counts.add(w.arena.id, [count(w, 0, 1, 3)], population="published")

    assert await database.counts.pairs(w.arena.id, population="people") == []
    assert await database.counts.pairs(w.arena.id, population="simulated") == [count(w, 0, 1, 1)]
    assert await database.counts.pairs(uuid7(), population="simulated") == []
    lost = await database.counts.pairs(w.arena.id, population="simulated", category="lost")
    assert lost == [count(w, 0, 1, 2)]


async def test_replacing_removes_the_old_counts_of_that_board_only(database: AnyDatabase) -> None:
    w = await world(database)
    for population in ("published", "simulated"):
        await database.counts.add(w.arena.id, [count(w, 0, 1, 1)], population=population)

    await database.counts.replace(w.arena.id, [count(w, 1, 2, 7)], population="published")

    assert await database.counts.pairs(w.arena.id, population="published") == [count(w, 1, 2, 7)]
    assert await database.counts.pairs(w.arena.id, population="simulated") == [count(w, 0, 1, 1)]

    await database.counts.replace(w.arena.id, [], population="published")

    assert await database.counts.pairs(w.arena.id, population="published") == []


async def test_the_version_grows_with_every_change_of_its_arena(database: AnyDatabase) -> None:
    w, other = await world(database), await world(database, slug="other")
    seen = [await database.counts.version(w.arena.id)]

    async def changed() -> None:
        seen.append(await database.counts.version(w.arena.id))

    await database.counts.add(w.arena.id, [count(w, 0, 1, 1)], population="simulated")
    await changed()
    await database.counts.replace(w.arena.id, [], population="simulated")
    await changed()
    battle = await w.votable()  # its turn ended: sums
    await changed()
    await w.record(battle)
    await changed()

    assert seen == sorted(set(seen))
    assert await database.counts.version(other.arena.id) == 0
    assert await database.counts.version(uuid7()) == 0


async def test_putting_the_arena_again_keeps_its_version(database: AnyDatabase) -> None:
    w = await world(database)
    await database.counts.add(w.arena.id, [count(w, 0, 1, 1)], population="simulated")

    await database.arenas.put(w.arena, w.contestants, w.prompts)

    assert await database.counts.version(w.arena.id) == 1


async def test_categories_are_sorted_and_of_one_population(database: AnyDatabase) -> None:
    w = await world(database)
    for category, population in (
        ("b", "people"),
        ("B", "people"),
        ("ä", "people"),
        ("a", "people"),
        ("", "people"),
        ("x", "simulated"),
    ):
        await database.counts.add(
            w.arena.id, [count(w, 0, 1, 1)], population=population, category=category
        )

    assert await database.counts.categories(w.arena.id, population="people") == list("Babä")
    assert await database.counts.categories(w.arena.id, population="simulated") == ["x"]


votes = st.tuples(
    st.sampled_from([(0, 1), (1, 0), (0, 2), (2, 1)]),
    st.sampled_from(OUTCOMES),
    st.sampled_from(["", "lost", "late"]),
    st.sampled_from([None, None, "robot"]),
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cast=st.lists(votes, max_size=12))
async def test_counts_equal_a_recount_of_the_votes(database: AnyDatabase, cast: list) -> None:
    w = await world(database, slug=uuid7().hex)
    sides = {}
    for (a, b), outcome, category, excluded in cast:
        battle = await w.votable(a, b)
        sides[battle.id] = (battle.contestant_a, battle.contestant_b)
        await w.record(battle, outcome, category=category, excluded=excluded)

    stored = await database.votes.recent(w.arena.id, limit=99)
    assert len(stored) == len(cast)
    for board in ("", "lost", "late"):
        recount: Counter[tuple[UUID, UUID, str]] = Counter()
        for vote in stored:
            if vote.excluded is None and board in ("", vote.category):
                first, second = sorted(sides[vote.battle_id])
                recount[first, second, kind(vote.outcome, sides[vote.battle_id])] += 1
        counts = await database.counts.pairs(w.arena.id, population="people", category=board)
        assert flat(counts) == recount


def kind(outcome: str, sides: tuple[UUID, UUID]) -> str:
    if outcome not in ("model_a", "model_b"):
        return outcome
    winner = sides[outcome == "model_b"]
    return "first" if winner == min(sides) else "second"


def flat(counts: list[PairCount]) -> Mapping[tuple[UUID, UUID, str], int]:
    numbers = {
        (c.first, c.second, name): n
        for c in counts
        for name, n in (
            ("first", c.wins_first),
            ("second", c.wins_second),
            ("tie", c.ties),
            ("both_bad", c.both_bad),
        )
    }
    return {key: n for key, n in numbers.items() if n}
