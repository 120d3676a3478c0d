"""Exclusions: what counts, what does not, and that the counts say the same as the votes."""

import asyncio
from datetime import timedelta
from itertools import count

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blindarena.domain.battles import VoterVote
from blindarena.domain.exclusions import VoteRules
from blindarena.storage import Database
from blindarena.storage.exclusions import _TESTED
from blindarena.testing.memory import MemoryDatabase
from storage.builders import START, World, later, record, vote, world
from storage.conftest import AnyDatabase


async def totals(w: World, *, category: str = "", with_excluded: bool = False) -> int:
    pairs = await w.database.counts.pairs(
        w.arena.id, population="people", category=category, with_excluded=with_excluded
    )
    assert all(pair.total > 0 for pair in pairs)
    return sum(pair.total for pair in pairs)


async def reasons_of(w: World) -> list[str | None]:
    """Return why each vote does not count, the oldest vote first."""
    return [v.excluded for v in await w.database.votes.recent(w.arena.id, limit=99)][::-1]


async def test_a_vote_is_excluded_and_counts_again(database: AnyDatabase) -> None:
    w = await world(database)
    cast = [await w.record(await w.votable(), "model_a", category="lost") for _ in range(3)]
    before = await database.counts.pairs(w.arena.id, population="people", category="lost")
    version = await database.counts.version(w.arena.id)

    ids = [cast[0].id, cast[2].id]
    out = database.exclusions
    assert await out.set_votes(w.arena.id, ids, reason="a test of ours", at=later()) == 2

    assert await reasons_of(w) == ["a test of ours", None, "a test of ours"]
    assert (await totals(w), await totals(w, category="lost")) == (1, 1)
    assert await totals(w, with_excluded=True) == 3
    assert await totals(w, category="lost", with_excluded=True) == 3
    assert await database.counts.excluded(w.arena.id) == {"a test of ours": 2}
    assert await out.by_reason(w.arena.id) == {"a test of ours": 2}
    assert await database.counts.version(w.arena.id) > version

    assert await out.set_votes(w.arena.id, ids, reason=None, at=later()) == 2
    assert await reasons_of(w) == [None] * 3
    assert await database.counts.pairs(w.arena.id, population="people", category="lost") == before
    assert await database.counts.excluded(w.arena.id) == {}


async def test_again_the_same_changes_nothing(database: AnyDatabase) -> None:
    w, other = await world(database, slug="one"), await world(database, slug="two")
    mine = await w.record(await w.votable())
    out, at = database.exclusions, later()

    assert await out.set_votes(w.arena.id, [mine.id], reason=None, at=at) == 0
    assert await out.set_votes(other.arena.id, [mine.id], reason="x", at=at) == 0
    assert await out.set_votes(w.arena.id, [mine.id], reason="x", at=at) == 1
    assert await out.set_votes(w.arena.id, [mine.id], reason="x", at=at) == 0
    assert await out.set_votes(w.arena.id, [mine.id], reason="y", at=at) == 1
    assert await out.set_votes(w.arena.id, [mine.id], reason=None, at=at) == 1
    assert await out.set_votes(w.arena.id, [mine.id], reason="z", at=at - timedelta(days=1)) == 1

    assert await reasons_of(w) == ["z"], "the order of the owner's acts decides, not the clock"
    assert await database.counts.excluded(w.arena.id) == {"z": 1}
    assert await database.votes.count_of_voter(w.arena.id, "ann") == 1


async def test_the_last_vote_of_a_category_leaves_no_category(database: AnyDatabase) -> None:
    w = await world(database)
    mine = await w.record(await w.votable(), category="lost")
    await database.exclusions.set_votes(w.arena.id, [mine.id], reason="x", at=later())

    assert await database.counts.categories(w.arena.id, population="people") == []


async def test_an_excluded_voters_later_votes_do_not_count_either(database: AnyDatabase) -> None:
    w = await world(database)
    for voter in ("ann", "ben", "ann"):
        await w.record(await w.votable(voter=voter))
    leaked = await w.record(await w.votable(), excluded="identity-leak")
    out = database.exclusions
    at = later()

    assert await out.exclude_voter(w.arena.id, "ann", reason="clicks at random", at=at) == 2
    assert await out.exclude_voter(w.arena.id, "ann", reason="clicks at random", at=later()) == 0
    after = vote(battle := await w.votable(), "tie")
    assert await record(database, battle, after) == "clicks at random"
    assert await record(database, other := await w.votable(voter="ben"), vote(other)) is None

    assert await reasons_of(w) == [
        "clicks at random",
        None,
        "clicks at random",
        "identity-leak",
        "clicks at random",
        None,
    ]
    assert (await totals(w), await totals(w, with_excluded=True)) == (2, 6)
    [one] = await out.voters(w.arena.id)
    assert (one.voter, one.reason, one.at) == ("ann", "clicks at random", at)
    shown = await database.votes.of_voter(w.arena.id, "ann", limit=9)
    assert [v.excluded for v in shown if v.id not in (leaked.id, after.id)] == [None, None]


async def test_a_reinstated_voters_votes_count_but_for_the_rules(database: AnyDatabase) -> None:
    w = await world(database)
    first = await w.record(await w.votable())
    await w.record(await w.votable(), excluded="too-fast")
    single = await w.record(await w.votable())
    out = database.exclusions
    await out.set_votes(w.arena.id, [single.id], reason="a slip", at=later())
    await out.exclude_voter(w.arena.id, "ann", reason="a robot", at=later())
    await out.exclude_voter(w.arena.id, "ann", reason="a clicker", at=later())
    await w.record(await w.votable())
    assert await reasons_of(w) == ["a clicker", "too-fast", "a slip", "a clicker"]

    assert await out.reinstate_voter(w.arena.id, "ann", at=later()) == 2
    assert await out.reinstate_voter(w.arena.id, "ann", at=later()) == 0
    assert await out.reinstate_voter(w.arena.id, "nobody", at=later()) == 0
    await w.record(await w.votable())

    assert await reasons_of(w) == [None, "too-fast", "a slip", None, None]
    assert await out.voters(w.arena.id) == []
    assert await out.exclude_voter(w.arena.id, "ann", reason="again", at=START) == 3
    assert (await out.voters(w.arena.id))[0].reason == "again"
    assert (await reasons_of(w))[0] == "again"
    assert first.excluded is None


async def test_exclusion_is_of_one_arena(database: AnyDatabase) -> None:
    one, two = await world(database, slug="one"), await world(database, slug="two")
    await database.exclusions.exclude_voter(one.arena.id, "ann", reason="x", at=later())

    battle = await two.votable()
    assert await record(database, battle, vote(battle)) is None
    assert await database.exclusions.voters(two.arena.id) == []


async def test_votes_beyond_the_cap_do_not_count(database: AnyDatabase) -> None:
    w = await world(database)
    rules = VoteRules(max_votes_per_voter=2)
    found = []
    for voter in ("ann", "ben", "ann", "ann", "ben", "ben"):
        battle = await w.votable(voter=voter)
        found.append(await record(database, battle, vote(battle), rules=rules))

    assert found == [None, None, None, "vote-cap", None, "vote-cap"]
    assert await database.counts.excluded(w.arena.id) == {"vote-cap": 2}
    assert await totals(w) == 4


async def test_votes_beside_each_other_share_the_cap_too(database: AnyDatabase) -> None:
    w = await world(database)
    rules = VoteRules(max_votes_per_voter=3, duplicate_prompts=2)
    battles = [await w.votable() for _ in range(6)]

    found = await asyncio.gather(
        *(
            record(database, battle, vote(battle, prompt_mark="same"), rules=rules)
            for battle in battles
        )
    )

    assert sorted(found, key=str) == [None, None, "duplicate-prompt", *["vote-cap"] * 3]
    assert await totals(w) == 2


async def test_the_same_prompt_of_the_same_voter_counts_once(database: AnyDatabase) -> None:
    w = await world(database)
    rules = VoteRules(duplicate_prompts=1)
    found = []
    said = (("ann", "A"), ("ann", "B"), ("ben", "A"), ("ann", "A"), ("ann", None), ("ann", "B"))
    for voter, mark in said:
        battle = await w.votable(voter=voter)
        found.append(await record(database, battle, vote(battle, prompt_mark=mark), rules=rules))

    assert found == [None, None, None, "duplicate-prompt", None, "duplicate-prompt"]


async def test_pseudonyms_are_found_by_their_beginning(database: AnyDatabase) -> None:
    w = await world(database)
    for voter in ("abc1", "abc2", "abc3", "b%c", "b%c"):
        await w.record(await w.votable(voter=voter))
    like = database.exclusions.voters_like

    assert await like(w.arena.id, "abc1") == ["abc1"]
    assert len(await like(w.arena.id, "abc")) == 2
    assert await like(w.arena.id, "b%") == ["b%c"]
    assert await like(w.arena.id, "bbc") == []


async def test_what_is_tested_holds_excluded_voters_but_no_rules(
    database: AnyDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blindarena.storage.exclusions._TESTED", _TESTED.limit(1))
    w = await world(database)
    await w.record(await w.votable(1, 2), "tie")
    await w.record(await w.votable(), excluded="identity-leak")
    await database.exclusions.exclude_voter(w.arena.id, "ann", reason="x", at=later())
    await w.record(await w.votable(), "model_b")

    rows = [row async for page in database.exclusions.voter_votes(w.arena.id) for row in page]

    zero, one, two = (contestant.id for contestant in w.contestants)
    assert rows == [VoterVote("ann", one, two, "tie"), VoterVote("ann", zero, one, "model_b")]


async def test_the_export_says_what_does_not_count_now(stored: Database, tmp_path) -> None:
    w = await world(stored)
    cast = [await w.record(await w.votable(voter=name), seconds=2.5) for name in ("ann", "ben")]
    await stored.exclusions.exclude_voter(w.arena.id, "ben", reason="a robot", at=later())

    assert await stored.export_votes(w.arena.id, tmp_path / "votes.parquet") == 2

    rows = {row["vote_id"]: row for row in pq.read_table(tmp_path / "votes.parquet").to_pylist()}
    assert [rows[str(v.id)]["excluded"] for v in cast] == [None, "a robot"]
    assert rows[str(cast[0].id)]["seconds_to_vote"] == 2.5


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("vote"), st.sampled_from(["ann", "ben"]), st.integers(0, 1)),
        st.tuples(st.just("votes"), st.sampled_from([None, "x", "y"]), st.integers(0, 3)),
        st.tuples(st.just("voter"), st.sampled_from(["ann", "ben"]), st.sampled_from(["x", "z"])),
        st.tuples(st.just("back"), st.sampled_from(["ann", "ben"]), st.none()),
    ),
    max_size=12,
)


async def play(database: AnyDatabase, acts: list, *, slug: str) -> tuple:
    """Carry out votes and acts of the owner; return all that one can see afterwards."""
    w = await world(database, slug=slug)
    cast = []
    rules = VoteRules(max_votes_per_voter=3)
    for what, one, other in acts:
        if what == "vote":
            made = vote(battle := await w.votable(other, 2, voter=one))
            await record(database, battle, made, rules=rules)
            cast.append(made.id)
        elif what == "votes":
            await database.exclusions.set_votes(
                w.arena.id, cast[other : other + 2], reason=one, at=later()
            )
        elif what == "voter":
            await database.exclusions.exclude_voter(w.arena.id, one, reason=other, at=later())
        else:
            await database.exclusions.reinstate_voter(w.arena.id, one, at=later())
    places = {contestant.id: place for place, contestant in enumerate(w.contestants)}
    everyone = await database.counts.pairs(w.arena.id, population="people", with_excluded=True)
    counting = await database.counts.pairs(w.arena.id, population="people")
    reasons = await reasons_of(w)
    by_reason = await database.counts.excluded(w.arena.id)
    assert by_reason == {r: reasons.count(r) for r in reasons if r is not None}
    assert sum(p.total for p in counting) == reasons.count(None)
    assert sum(p.total for p in everyone) == len(cast)
    boards = [
        [(places[p.first], places[p.second], p.total) for p in b] for b in (everyone, counting)
    ]
    return (
        reasons,
        by_reason,
        boards,
        [v.voter for v in await database.exclusions.voters(w.arena.id)],
    )


def test_counts_say_what_votes_say_whatever_is_done() -> None:
    slugs = count()
    with asyncio.Runner() as runner:
        stored = runner.run(Database.open("sqlite:///:memory:"))
        runner.run(stored.migrate())

        @settings(max_examples=8, deadline=None)
        @given(acts=ACTS)
        def agree(acts: list) -> None:
            slug = f"s{next(slugs)}"
            seen = runner.run(play(stored, acts, slug=slug))
            assert seen == runner.run(play(MemoryDatabase(), acts, slug=slug))

        try:
            agree()
        finally:
            runner.run(stored.close())


async def test_nobody_lets_a_vote_that_was_not_blind_count(database: AnyDatabase) -> None:
    w = await world(database)
    named = await w.record(await w.votable(mode="side_by_side"), excluded="not-blind")
    blind = await w.record(await w.votable())

    await database.exclusions.set_votes(w.arena.id, [named.id, blind.id], reason="odd", at=later())
    await database.exclusions.set_votes(w.arena.id, [named.id, blind.id], reason=None, at=later())

    assert await database.exclusions.by_reason(w.arena.id) == {"not-blind": 1}
    for also_excluded in (False, True):
        counts = await database.counts.pairs(
            w.arena.id, population="people", with_excluded=also_excluded
        )
        assert sum(pair.total for pair in counts) == 1
