"""What the votes say about sending the answers: rows, counts, and that the two say the same."""

import asyncio
from io import BytesIO
from itertools import count
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blindarena.domain.exclusions import VoteRules
from blindarena.domain.usable import SENDS, SideUse, UsableCount, judged_sides
from blindarena.errors import DuplicateVoteError
from blindarena.storage import Database
from blindarena.testing.memory import MemoryDatabase
from storage.builders import World, later, record, vote, world
from storage.conftest import AnyDatabase

GOOD, EDITED = SideUse("as_is"), SideUse("after_edits")
NEVER, BREACH = SideUse("never"), SideUse("never", breaks_policy=True)


async def cast(
    w: World, a: SideUse = GOOD, b: SideUse = BREACH, *, rules: VoteRules | None = None, **more: str
) -> str:
    """Cast a vote on contestants 0 and 1; return its id."""
    battle = await w.votable(voter=more.get("voter", "ann"))
    made = vote(battle, "model_a", **more)
    said = judged_sides({"a": a, "b": b}, battle)
    await record(w.database, battle, made, usable=said, rules=rules or VoteRules())
    return str(made.id)


async def counts(w: World, **more: object) -> list[tuple[int, int, int, int]]:
    """Return as is, after edits, never and breaches of contestants 0 and 1."""
    found = await w.database.usable.counts(w.arena.id, population="people", **more)
    by_id = {one.contestant_id: one for one in found}
    none = [by_id.get(c.id, UsableCount(c.id)) for c in w.contestants[:2]]
    return [(one.as_is, one.after_edits, one.never, one.breaches) for one in none]


async def test_both_sides_are_counted_with_the_vote(database: AnyDatabase) -> None:
    w = await world(database)
    await cast(w, GOOD, BREACH, category="lost")
    await cast(w, SideUse("after_edits", breaks_policy=True), NEVER)

    assert await counts(w) == [(1, 1, 0, 1), (0, 0, 2, 1)]
    assert await counts(w, category="lost") == [(1, 0, 0, 0), (0, 0, 1, 1)]
    assert await counts(w, category="late") == [(0, 0, 0, 0)] * 2
    assert await counts(w, version=2) == [(0, 0, 0, 0)] * 2
    assert await database.usable.counts(w.arena.id, population="simulated") == []


async def test_a_vote_that_was_not_asked_counts_nowhere(database: AnyDatabase) -> None:
    w = await world(database)
    await w.record(await w.votable())

    assert await database.usable.counts(w.arena.id, population="people") == []
    assert await database.usable.by_voter(w.arena.id) == []


async def test_an_excluded_vote_leaves_the_counts_and_comes_back(database: AnyDatabase) -> None:
    w = await world(database)
    first = await cast(w, GOOD, NEVER, category="lost")
    await cast(w, EDITED, GOOD, category="lost")
    latest = (await database.votes.recent(w.arena.id, limit=2))[-1]
    assert str(latest.id) == first
    version = await database.counts.version(w.arena.id)

    out = database.exclusions
    assert await out.set_votes(w.arena.id, [latest.id], reason="a test", at=later()) == 1

    assert await counts(w) == await counts(w, category="lost") == [(0, 1, 0, 0), (1, 0, 0, 0)]
    assert await counts(w, with_excluded=True) == [(1, 1, 0, 0), (1, 0, 1, 0)]
    assert await database.counts.version(w.arena.id) > version
    assert [count.n for _, count in await database.usable.by_voter(w.arena.id)] == [1, 1]

    assert await out.set_votes(w.arena.id, [latest.id], reason="another", at=later()) == 1
    assert await counts(w, with_excluded=True) == [(1, 1, 0, 0), (1, 0, 1, 0)]
    assert await out.set_votes(w.arena.id, [latest.id], reason=None, at=later()) == 1
    assert await counts(w) == [(1, 1, 0, 0), (1, 0, 1, 0)]


async def test_the_votes_of_an_excluded_voter_go_and_return_together(database: AnyDatabase) -> None:
    w = await world(database)
    for voter in ("ann", "ann", "bob"):
        await cast(w, GOOD, NEVER, voter=voter)

    await database.exclusions.exclude_voter(w.arena.id, "ann", reason="test", at=later())
    await cast(w, GOOD, NEVER, voter="ann")

    assert await counts(w) == [(1, 0, 0, 0), (0, 0, 1, 0)]
    assert await counts(w, with_excluded=True) == [(4, 0, 0, 0), (0, 0, 4, 0)]
    await database.exclusions.reinstate_voter(w.arena.id, "ann", at=later())
    assert await counts(w) == [(4, 0, 0, 0), (0, 0, 4, 0)]


async def test_a_vote_that_a_rule_leaves_out_is_not_among_those_that_count(
    database: AnyDatabase,
) -> None:
    w = await world(database)
    for _ in range(3):
        await cast(w, rules=VoteRules(max_votes_per_voter=1))

    assert await counts(w) == [(1, 0, 0, 0), (0, 0, 1, 1)]
    assert await counts(w, with_excluded=True) == [(3, 0, 0, 0), (0, 0, 3, 3)]


async def test_by_voter_and_category(database: AnyDatabase) -> None:
    w = await world(database)
    for voter, a, category in (
        ("ann", GOOD, "lost"),
        ("ann", NEVER, "late"),
        ("bob", GOOD, "late"),
    ):
        await cast(w, a, EDITED, voter=voter, category=category)

    everything = await database.usable.by_voter(w.arena.id)
    late = await database.usable.by_voter(w.arena.id, category="late")

    first = w.contestants[0].id
    assert [(who, c.sendable, c.n) for who, c in everything if c.contestant_id == first] == [
        ("ann", 1, 2),
        ("bob", 1, 1),
    ]
    assert [(who, c.sendable, c.n) for who, c in late if c.contestant_id == first] == [
        ("ann", 0, 1),
        ("bob", 1, 1),
    ]


async def test_a_refused_vote_says_nothing(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.votable()
    said = judged_sides({"a": GOOD, "b": GOOD}, battle)
    await record(database, battle, vote(battle), usable=said)

    with pytest.raises(DuplicateVoteError):
        await record(database, battle, vote(battle), usable=said)

    assert await counts(w) == [(1, 0, 0, 0), (1, 0, 0, 0)]


async def test_votes_of_one_commit_are_counted_together(stored: Database) -> None:
    w = await world(stored)
    await asyncio.gather(*(cast(w, GOOD, EDITED) for _ in range(12)))

    assert await counts(w) == [(12, 0, 0, 0), (0, 12, 0, 0)]


async def test_the_export_has_a_column_for_each(stored: Database) -> None:
    w = await world(stored)
    await cast(w, EDITED, BREACH)
    await w.record(await w.votable())

    rows = pq.read_table(BytesIO(await stored.votes_parquet(w.arena.id))).to_pylist()

    said = [(r["send_a"], r["breaks_policy_a"], r["send_b"], r["breaks_policy_b"]) for r in rows]
    assert said == [("after_edits", False, "never", True), (None, None, None, None)]


USES = st.builds(SideUse, st.sampled_from(SENDS), st.booleans())
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("vote"), USES, USES, st.sampled_from(["", "lost"])),
        st.tuples(st.just("exclude"), st.integers(0, 5), st.sampled_from([None, "x", "y"])),
    ),
    max_size=9,
)


async def play(database: AnyDatabase, acts: list[tuple[Any, ...]], *, slug: str) -> list[Any]:
    """Do as the acts say; return the counts."""
    w = await world(database, slug=slug)
    ids: list[UUID] = []
    for act in acts:
        if act[0] == "vote":
            ids.append(UUID(await cast(w, act[1], act[2], category=act[3])))
        elif ids:
            chosen = [ids[act[1] % len(ids)]]
            await database.exclusions.set_votes(w.arena.id, chosen, reason=act[2], at=later())
    return [
        await counts(w),
        await counts(w, category="lost"),
        await counts(w, with_excluded=True),
    ]


def test_counts_are_those_of_the_rows_whatever_happens() -> None:
    """SQL keeps them while votes come and go; in memory they are counted anew."""
    slugs = count()
    with asyncio.Runner() as runner:
        stored = runner.run(Database.open("sqlite:///:memory:"))
        runner.run(stored.migrate())

        @settings(max_examples=8, deadline=None)
        @given(acts=ACTS)
        def agree(acts: list[tuple[Any, ...]]) -> None:
            slug = f"s{next(slugs)}"
            seen = runner.run(play(stored, acts, slug=slug))
            assert seen == runner.run(play(MemoryDatabase(), acts, slug=slug))

        try:
            agree()
        finally:
            runner.run(stored.close())
