"""The review queue: contract of the three stores, and races on the two databases."""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest

from blindarena.domain.battles import Battle, Outcome
from blindarena.domain.exclusions import RETRACTED, VoteRules
from blindarena.domain.ids import uuid7
from blindarena.domain.imports import PreparedAnswer
from blindarena.domain.queue import (
    Invite,
    Member,
    QueuePair,
    QueueTotals,
    RaterStanding,
    Rating,
    Take,
    Wish,
)
from blindarena.domain.style import style_of
from blindarena.domain.usable import SideUse, judged_sides
from blindarena.errors import BattleStateError, DuplicateVoteError
from blindarena.storage import Database

from .builders import START, World, later, record, vote, world
from .conftest import AnyDatabase

LASTS = timedelta(minutes=20)


@dataclass
class Line:
    """A queue in a store, and people who ask for pairs."""

    w: World
    version: int = 1

    @property
    def queue(self) -> Any:
        return self.w.database.queue

    @property
    def playing(self) -> frozenset[UUID]:
        return frozenset(c.id for c in self.w.contestants)

    def wish(self, voter: str, at: datetime, **given: Any) -> Wish:
        def battle_of(pair: QueuePair) -> Battle:
            return Battle(
                id=uuid7(),
                arena_id=self.w.arena.id,
                session_id=uuid7(),
                voter=voter,
                contestant_a=pair.second,
                contestant_b=pair.first,
                probability=pair.probability,
                policy="queue",
                consent_version="1",
                created_at=at,
                status="votable",
                mode="queue",
                prompt_id=pair.prompt_id,
                version=self.version,
                voter_group="night",
            )

        values: dict[str, Any] = {
            "version": self.version,
            "group": "night",
            "playing": self.playing,
            "lasts": LASTS,
            "order": lambda pair_id: pair_id.int,
        }
        return Wish(
            arena_id=self.w.arena.id, voter=voter, at=at, battle_of=battle_of, **(values | given)
        )

    async def take(self, voter: str, at: datetime = START, **given: Any) -> Take | None:
        taken: Take | None = await self.queue.take(self.wish(voter, at, **given))
        return taken

    async def must_take(self, voter: str, at: datetime = START, **given: Any) -> Take:
        taken = await self.take(voter, at, **given)
        assert taken is not None
        return taken

    async def rate(self, take: Take, outcome: Outcome = "model_a", **more: Any) -> str | None:
        battle = await self.w.database.battles.get(take.battle_id)
        return await record(self.w.database, battle, vote(battle, outcome), **more)

    async def left(self, voter: str, at: datetime = START) -> tuple[int, int]:
        found = await self.standing(voter, at)
        return found.free, found.waiting

    async def standing(self, voter: str, at: datetime = START) -> RaterStanding:
        found: RaterStanding = await self.queue.standing(
            self.w.arena.id, self.version, voter, playing=self.playing, at=at, lasts=LASTS
        )
        return found

    async def totals(self) -> QueueTotals:
        found: QueueTotals = await self.queue.totals(self.w.arena.id, self.version, self.playing)
        return found


async def line(
    database: AnyDatabase, *, prompts: int = 2, wanted: int = 1, slug: str = "s"
) -> Line:
    """Store prepared answers of three contestants and a plan of all pairs."""
    w = await world(database, prompts=prompts, slug=slug)
    for prompt in w.prompts:
        for contestant in w.contestants:
            text = f"{contestant.name} on {prompt.text}"
            await database.prepared.put(
                PreparedAnswer(
                    prompt_id=prompt.id,
                    contestant_id=contestant.id,
                    arena_id=w.arena.id,
                    source="generated",
                    text=text,
                    style=style_of(text),
                    created_at=START,
                    cost_usd=0.01,
                    seconds=2.0,
                )
            )
    await database.queue.add_pairs(pairs_of(w, wanted=wanted))
    return Line(w)


def pairs_of(w: World, *, wanted: int = 1, version: int = 1) -> list[QueuePair]:
    return [
        QueuePair(
            id=uuid7(),
            arena_id=w.arena.id,
            version=version,
            prompt_id=prompt.id,
            first=first.id,
            second=second.id,
            block=block,
            wanted=wanted,
            probability=1 / 3,
        )
        for block, prompt in enumerate(w.prompts)
        for first, second in combinations(w.contestants, 2)
    ]


async def test_a_taken_pair_is_a_battle_that_can_be_voted_on(database: AnyDatabase) -> None:
    one = await line(database)
    take = await one.must_take("ann")

    battle = await database.battles.get(take.battle_id)
    (record_,) = await database.battles.turns(take.battle_id)

    assert battle is not None
    assert (battle.mode, battle.status, battle.voter_group) == ("queue", "votable", "night")
    assert (record_.turn.content, record_.turn.origin) == ("Ticket 0", "prepared")
    names = {c.id: c.name for c in one.w.contestants}
    for side in ("a", "b"):
        assert record_.answers[side].text == f"{names[battle.contestant(side)]} on Ticket 0"
    assert (take.number, take.seat, take.state, take.group) == (1, 0, "open", "night")
    assert take.expires_at == START + LASTS
    assert await database.queue.get(take.battle_id) == take
    assert await database.queue.get(uuid7()) is None


async def test_blocks_come_one_after_the_other_in_the_raters_order(database: AnyDatabase) -> None:
    one = await line(database)
    backwards = [await one.must_take("ann", order=lambda i: -i.int) for _ in range(6)]

    plan = await database.queue.planned(one.w.arena.id, 1)
    place = {pair.id: number for number, pair in enumerate(plan)}
    assert [place[take.pair_id] for take in backwards] == [2, 1, 0, 5, 4, 3]
    assert [take.number for take in backwards] == [1, 2, 3, 4, 5, 6]
    assert await database.queue.takes(one.w.arena.id, 1, "ann") == backwards
    assert await one.take("ann") is None


async def test_nobody_gets_what_another_holds_until_that_has_expired(
    database: AnyDatabase,
) -> None:
    one = await line(database, prompts=1)
    held = [await one.must_take("ann") for _ in range(3)]
    assert await one.take("bob") is None
    assert await one.left("bob") == (0, 3)

    at = START + LASTS / 2
    renewed = await database.queue.renew(held[0].battle_id, at=at, lasts=LASTS)
    assert renewed is not None
    assert renewed.generation > held[2].generation
    assert renewed.expires_at == at + LASTS

    after = START + LASTS
    assert await one.left("bob", after) == (2, 1)
    taken = [await one.must_take("bob", after) for _ in range(2)]
    assert {take.pair_id for take in taken} == {held[1].pair_id, held[2].pair_id}
    assert await one.take("bob", after) is None
    lost = await database.queue.get(held[1].battle_id)
    assert lost is not None
    assert (lost.seat, lost.state) == (None, "open")
    again = await database.queue.renew(held[1].battle_id, at=after, lasts=LASTS)
    assert again is not None
    assert again.seat is None


async def test_the_one_who_was_seen_longest_ago_loses_the_place(database: AnyDatabase) -> None:
    """All reservations end at once, as when the clock jumps ahead: those at work keep theirs."""
    one = await line(database, prompts=1)
    ann, bob, eve = [await one.must_take(name) for name in ("ann", "bob", "eve")]
    await database.queue.renew(ann.battle_id, at=START, lasts=LASTS)

    jumped = START + timedelta(days=400)
    taken = await one.must_take("joe", jumped)

    assert taken.pair_id == bob.pair_id
    kept = await database.queue.get(eve.battle_id)
    assert kept is not None
    assert kept.seat == 0


async def test_a_clock_that_is_put_back_holds_no_pair_for_ever(database: AnyDatabase) -> None:
    one = await line(database, prompts=1)
    for _ in range(3):
        await one.must_take("ann")

    a_little, much = START - timedelta(seconds=5), START - timedelta(days=1)
    assert await one.take("bob", a_little) is None
    assert (await one.must_take("bob", much)).seat == 0


async def test_a_vote_after_the_place_was_taken_counts_as_overlap(database: AnyDatabase) -> None:
    one = await line(database, prompts=1)
    ann = await one.must_take("ann")
    await one.must_take("ann")
    await one.must_take("ann")
    bob = await one.must_take("bob", START + LASTS)
    assert bob.pair_id == ann.pair_id

    assert await one.rate(ann, "model_a") is None
    assert await one.rate(bob, "tie") is None

    assert [(r.voter, r.choice) for r in await database.queue.ratings(one.w.arena.id, 1)] == [
        ("ann", "second"),
        ("bob", "tie"),
    ]
    by = {r.voter: r for r in await database.queue.raters(one.w.arena.id, 1)}
    assert (by["ann"].voted, by["ann"].late, by["ann"].open) == (1, 1, 2)
    assert (by["bob"].voted, by["bob"].late, by["bob"].open) == (1, 0, 0)
    assert await one.totals() == QueueTotals(pairs=3, pairs_done=1, overlap=0, wanted=3, done=1)


async def test_an_expired_pair_that_nobody_took_is_voted_on_as_ever(
    database: AnyDatabase,
) -> None:
    one = await line(database)
    take = await one.must_take("ann")

    assert await one.rate(take) is None

    voted = await database.queue.get(take.battle_id)
    assert voted is not None
    assert (voted.state, voted.late, voted.seat) == ("voted", False, 0)
    assert await database.queue.renew(take.battle_id, at=later(), lasts=LASTS) == voted
    assert await database.queue.release(take.battle_id) == voted
    with pytest.raises(DuplicateVoteError):
        await one.rate(take)
    assert (await one.totals()).done == 1


async def test_a_skipped_pair_goes_to_others_and_still_takes_a_vote(
    database: AnyDatabase,
) -> None:
    one = await line(database, prompts=1)
    for _ in range(3):
        skipped = await database.queue.release((await one.must_take("ann")).battle_id)
        assert skipped is not None
        assert (skipped.state, skipped.seat) == ("skipped", None)
    assert await one.take("ann") is None
    assert await one.left("bob") == (3, 0)

    assert await one.rate(skipped) is None
    assert await one.left("bob") == (2, 0)
    after = await database.queue.get(skipped.battle_id)
    assert after is not None
    assert (after.state, after.late) == ("voted", False)


async def test_two_rate_an_overlapping_pair_and_no_third(database: AnyDatabase) -> None:
    one = await line(database, prompts=1, wanted=2)
    ann = await one.must_take("ann")
    bob = await one.must_take("bob")
    assert (ann.pair_id, {ann.seat, bob.seat}) == (bob.pair_id, {0, 1})
    assert (await one.must_take("eve")).pair_id != ann.pair_id

    await one.rate(ann, "model_a")
    await one.rate(bob, "model_b")
    ratings = await database.queue.ratings(one.w.arena.id, 1)
    assert ratings == [
        Rating(ann.pair_id, "ann", "night", "second"),
        Rating(ann.pair_id, "bob", "night", "first"),
    ]
    assert await one.totals() == QueueTotals(pairs=3, pairs_done=1, overlap=3, wanted=6, done=2)


async def test_what_is_switched_off_failed_or_withdrawn_waits(database: AnyDatabase) -> None:
    one = await line(database)
    first, second, third = (c.id for c in one.w.contestants)
    both = await one.must_take("ann", playing=frozenset({first, third}))
    battle = await database.battles.get(both.battle_id)
    assert battle is not None
    assert {battle.contestant_a, battle.contestant_b} == {first, third}

    prompt = one.w.prompts[0]
    (old, *_) = [
        a for a in await database.prepared.of_prompt(prompt.id) if a.contestant_id == second
    ]
    await database.prepared.put(replace(old, fault="timeout"))
    taken = [await one.must_take("ann") for _ in range(3)]
    turns = [(await database.battles.turns(take.battle_id))[0].turn.content for take in taken]
    assert turns == ["Ticket 1"] * 3
    assert await database.queue.answered(one.w.arena.id) == 5

    await database.arenas.put(one.w.arena, one.w.contestants, one.w.prompts[:1])
    assert (await one.totals()).pairs == 3


async def test_an_answer_joins_the_sums_once_however_many_see_it(database: AnyDatabase) -> None:
    one = await line(database, prompts=1, wanted=2)
    given = [await one.must_take(voter) for voter in ("ann", "bob") for _ in range(3)]
    # A mean that moves when a pair is given would tell who is in it.
    assert await database.counts.stats(one.w.arena.id) == []

    for take in given:
        await database.queue.count_answers(take.battle_id)

    stats = await database.counts.stats(one.w.arena.id)

    assert [s.answers for s in stats] == [1, 1, 1]
    assert [s.cost_sum for s in stats] == pytest.approx([0.01] * 3)


async def test_another_version_closes_what_was_open_and_its_return_opens_it(
    database: AnyDatabase,
) -> None:
    one = await line(database, prompts=1)
    voted, opened = await one.must_take("ann"), await one.must_take("ann")
    await one.rate(voted)
    await database.queue.add_pairs(pairs_of(one.w, version=2))

    assert await database.queue.turn_to(one.w.arena.id, 2) == 1
    closed = await database.queue.get(opened.battle_id)
    assert closed is not None
    assert (closed.state, closed.seat) == ("closed", None)
    new = Line(one.w, version=2)
    assert (await new.must_take("ann")).number == 1
    assert await new.left("bob") == (2, 1)

    assert await database.queue.turn_to(one.w.arena.id, 1) == 1
    again = await database.queue.renew(opened.battle_id, at=START, lasts=LASTS)
    assert again is not None
    assert (again.state, again.seat, again.number) == ("open", 0, 2)
    assert await database.queue.renew(voted.battle_id, at=START, lasts=LASTS) == (
        await database.queue.get(voted.battle_id)
    )


async def test_pairs_are_planned_once(database: AnyDatabase) -> None:
    one = await line(database)
    before = await database.queue.planned(one.w.arena.id, 1)

    await database.queue.add_pairs(pairs_of(one.w, wanted=2))
    await database.queue.add_pairs([])

    assert await database.queue.planned(one.w.arena.id, 1) == before
    assert [pair.wanted for pair in before] == [1] * 6


async def test_a_changed_vote_keeps_the_old_one_and_counts_once(database: AnyDatabase) -> None:
    one = await line(database)
    take = await one.must_take("ann")
    await one.rate(take, "model_a")
    battle = await database.battles.get(take.battle_id)
    assert battle is not None
    first, second = sorted((battle.contestant_a, battle.contestant_b))
    for outcome in ("both_bad", "model_b"):
        said = vote(battle, outcome, reasons=("short",))
        assert await database.vote_changes.change(
            said, first=first, second=second, wins_first=outcome == "model_b"
        ) is None  # fmt: skip

    (count,) = await database.counts.pairs(one.w.arena.id, population="people")
    assert (count.wins_first, count.total) == (1, 1)
    assert await database.counts.excluded(one.w.arena.id) == {RETRACTED: 2}
    latest = await database.vote_changes.latest(battle.id)
    assert latest is not None
    assert (latest.outcome, latest.revision, latest.reasons) == ("model_b", 2, ("short",))
    assert await database.votes.count_of_voter(one.w.arena.id, "ann") == 1
    assert [v.id for v in await database.votes.of_voter(one.w.arena.id, "ann", limit=9)] == [
        latest.id
    ]
    everything = await database.counts.pairs(
        one.w.arena.id, population="people", with_excluded=True
    )
    assert [pair.total for pair in everything] == [1]
    tested = [v async for page in database.exclusions.voter_votes(one.w.arena.id) for v in page]
    assert [v.outcome for v in tested] == ["model_b"]


async def test_a_retracted_vote_cannot_be_let_count_again(database: AnyDatabase) -> None:
    one = await line(database)
    take = await one.must_take("ann")
    await one.rate(take, "model_a")
    old = await database.vote_changes.latest(take.battle_id)
    battle = await database.battles.get(take.battle_id)
    assert old is not None
    assert battle is not None
    first, second = sorted((battle.contestant_a, battle.contestant_b))
    change = {"first": first, "second": second, "wins_first": False}
    await database.vote_changes.change(vote(battle, "tie"), **change)
    arena_id = one.w.arena.id

    for reason in ("owner says so", None):
        at = later()
        assert await database.exclusions.set_votes(arena_id, [old.id], reason=reason, at=at) == 0
    assert await database.counts.excluded(arena_id) == {RETRACTED: 1}

    await database.exclusions.exclude_voter(arena_id, "ann", reason="test run", at=later())
    assert await database.vote_changes.change(vote(battle, "model_b"), **change) == "test run"
    assert await database.counts.pairs(arena_id, population="people") == []
    assert await database.exclusions.reinstate_voter(arena_id, "ann", at=later()) == 1
    (count,) = await database.counts.pairs(arena_id, population="people")
    assert count.total == 1


async def test_a_hasty_vote_may_be_thought_over_and_changes_cost_no_votes(
    database: AnyDatabase,
) -> None:
    one = await line(database)
    rules = VoteRules(max_votes_per_voter=2, min_seconds=2.0)
    take = await one.must_take("ann")
    battle = await database.battles.get(take.battle_id)
    assert battle is not None
    first, second = sorted((battle.contestant_a, battle.contestant_b))
    change = {"first": first, "second": second, "wins_first": False}
    hasty = await record(database, battle, vote(battle, excluded="too-fast"), rules=rules)
    assert hasty == "too-fast"
    assert await database.vote_changes.change(vote(battle, "tie"), **change) is None

    assert await one.rate(await one.must_take("ann"), rules=rules) is None
    assert await one.rate(await one.must_take("ann"), rules=rules) == "vote-cap"


async def test_an_excluded_voter_cannot_think_a_hasty_vote_back_in(database: AnyDatabase) -> None:
    one = await line(database)
    take = await one.must_take("ann")
    battle = await database.battles.get(take.battle_id)
    assert battle is not None
    first, second = sorted((battle.contestant_a, battle.contestant_b))
    change = {"first": first, "second": second, "wins_first": False}
    await record(database, battle, vote(battle, excluded="too-fast"))
    arena_id = one.w.arena.id
    await database.exclusions.exclude_voter(arena_id, "ann", reason="test run", at=later())

    assert await database.vote_changes.change(vote(battle, "tie"), **change) == "test run"
    assert await database.counts.pairs(arena_id, population="people") == []
    assert await database.exclusions.reinstate_voter(arena_id, "ann", at=later()) == 1
    (count,) = await database.counts.pairs(arena_id, population="people")
    assert (count.ties, count.total) == (1, 1)


async def test_a_change_takes_along_what_is_said_of_sending(database: AnyDatabase) -> None:
    one = await line(database)
    take = await one.must_take("ann")
    battle = await database.battles.get(take.battle_id)
    assert battle is not None
    first, second = sorted((battle.contestant_a, battle.contestant_b))
    good = judged_sides({"a": SideUse("as_is"), "b": SideUse("never", True)}, battle)
    bad = judged_sides({"a": SideUse("never"), "b": SideUse("as_is")}, battle)
    await record(database, battle, vote(battle), usable=good)
    changed = vote(battle, "tie")
    await database.vote_changes.change(
        changed, first=first, second=second, wins_first=False, usable=bad
    )

    assert await database.vote_changes.usable_of(changed.id) == bad
    counts = await database.usable.counts(one.w.arena.id, population="people")
    assert {c.contestant_id: (c.as_is, c.never) for c in counts} == {
        battle.contestant_a: (0, 1),
        battle.contestant_b: (1, 0),
    }


async def test_without_a_vote_there_is_nothing_to_change(database: AnyDatabase) -> None:
    one = await line(database)
    take = await one.must_take("ann")
    battle = await database.battles.get(take.battle_id)
    assert battle is not None
    first, second = sorted((battle.contestant_a, battle.contestant_b))

    with pytest.raises(BattleStateError, match="no vote"):
        await database.vote_changes.change(
            vote(battle), first=first, second=second, wins_first=True
        )
    assert await database.vote_changes.latest(battle.id) is None


async def test_times_of_the_latest_votes(database: AnyDatabase) -> None:
    one = await line(database)
    for seconds in (3.0, None, 8.0):
        take = await one.must_take("ann")
        battle = await database.battles.get(take.battle_id)
        await record(database, battle, vote(battle, seconds=seconds))

    assert sorted(await database.vote_changes.seconds(one.w.arena.id, 1, "ann")) == [3.0, 8.0]
    assert await database.vote_changes.seconds(one.w.arena.id, 1, "bob") == []


async def test_invites_and_members(database: AnyDatabase) -> None:
    w = await world(database)
    old = Invite(uuid7(), w.arena.id, "hash one", later(), "day")
    new = Invite(uuid7(), w.arena.id, "hash two", later(), "night", expires_at=later())
    for invite in (old, new):
        await database.invites.add(invite)
    ann = Member(w.arena.id, "ann", later(), "day", old.id)
    await database.invites.join(ann)
    await database.invites.join(Member(w.arena.id, "bob", later()))

    assert await database.invites.of_token("hash two") == new
    assert await database.invites.of_token("hash") is None
    assert await database.invites.of_arena(w.arena.id) == [(new, 0), (old, 1)]
    await database.invites.join(replace(ann, group="night", invite_id=new.id, joined_at=later()))
    moved = await database.invites.member(w.arena.id, "ann")
    assert moved == replace(ann, group="night", invite_id=new.id)
    assert [m.voter for m in await database.invites.members(w.arena.id)] == ["ann", "bob"]
    assert await database.invites.of_arena(w.arena.id) == [(new, 1), (old, 0)]

    at = later()
    assert await database.invites.withdraw(w.arena.id, old.id, at)
    assert not await database.invites.withdraw(w.arena.id, old.id, later())
    assert not await database.invites.withdraw(uuid7(), new.id, later())
    assert await database.invites.of_token("hash one") == replace(old, withdrawn_at=at)


async def test_many_at_once_get_each_pair_once(stored: Database) -> None:
    one = await line(stored, prompts=4)

    async def work(voter: str) -> list[Take]:
        done = []
        while take := await one.take(voter):
            await one.rate(take)
            done.append(take)
        return done

    found = await asyncio.gather(*(work(f"voter {n}") for n in range(6)))

    taken = Counter(take.pair_id for takes in found for take in takes)
    assert len(taken) == 12
    assert set(taken.values()) == {1}
    assert await one.totals() == QueueTotals(12, 12, 0, 12, 12)
    pairs = await stored.counts.pairs(one.w.arena.id, population="people")
    assert sum(pair.total for pair in pairs) == 12


async def test_a_rater_who_goes_on_meanwhile_never_seems_to_have_fewer_pairs(
    stored: Database,
) -> None:
    one = await line(stored, prompts=4)
    seen: list[int] = []
    at_work = True

    async def work() -> None:
        while take := await one.take("ann"):
            await one.rate(take)

    async def look() -> None:
        while at_work:
            now = await one.standing("ann")
            seen.append(now.done + now.open + now.free)

    looking = [asyncio.create_task(look()) for _ in range(3)]
    await work()
    at_work = False
    await asyncio.gather(*looking)

    assert set(seen) == {12}
    assert await one.standing("ann") == RaterStanding(done=12)


async def test_one_rater_who_asks_twice_at_once_meets_no_pair_twice(stored: Database) -> None:
    one = await line(stored, prompts=2)

    taken = await asyncio.gather(*(one.take("ann") for _ in range(8)))

    found = [take for take in taken if take is not None]
    assert len({take.pair_id for take in found}) == len(found) == 6
    assert sorted(take.number for take in found) == [1, 2, 3, 4, 5, 6]


async def test_votes_and_takeovers_race_without_a_double_or_a_lost_vote(stored: Database) -> None:
    one = await line(stored, prompts=2)
    held = [await one.must_take("ann") for _ in range(6)]
    after = START + LASTS

    async def bob() -> list[Take]:
        return [take for _ in range(6) if (take := await one.take("bob", after))]

    voted = asyncio.gather(*(one.rate(take) for take in held))
    taken, reasons = await asyncio.gather(bob(), voted)

    assert reasons == [None] * 6
    for take in taken:  # an answer was already on its way: both are kept, the late one marked
        assert await one.rate(take) is None
    by = {r.voter: r for r in await stored.queue.raters(one.w.arena.id, 1)}
    late = by["ann"].late + (by["bob"].late if "bob" in by else 0)
    assert late == len(taken)
    pairs = await stored.counts.pairs(one.w.arena.id, population="people")
    assert sum(pair.total for pair in pairs) == 6 + len(taken)
    assert (await one.totals()).done == 6


async def test_changes_and_exclusions_at_once_do_not_wait_for_each_other(stored: Database) -> None:
    one = await line(stored)
    take = await one.must_take("ann")
    await one.rate(take, "model_a")
    battle = await stored.battles.get(take.battle_id)
    assert battle is not None
    first, second = sorted((battle.contestant_a, battle.contestant_b))
    arena_id = one.w.arena.id

    async def change() -> None:
        said = vote(battle, "tie")
        await stored.vote_changes.change(said, first=first, second=second, wins_first=False)

    async def exclude(reason: str | None) -> None:
        latest = await stored.vote_changes.latest(battle.id)
        assert latest is not None
        await stored.exclusions.set_votes(arena_id, [latest.id], reason=reason, at=later())

    for _ in range(20):
        await asyncio.gather(change(), exclude("test run"), change(), exclude(None), change())

    latest = await stored.vote_changes.latest(battle.id)
    assert latest is not None
    assert latest.revision == 60
    everything = await stored.counts.pairs(arena_id, population="people", with_excluded=True)
    assert [pair.total for pair in everything] == [1]


async def test_changes_at_once_leave_one_vote_that_counts(stored: Database) -> None:
    one = await line(stored)
    take = await one.must_take("ann")
    await one.rate(take, "model_a")
    battle = await stored.battles.get(take.battle_id)
    assert battle is not None
    first, second = sorted((battle.contestant_a, battle.contestant_b))

    await asyncio.gather(
        *(
            stored.vote_changes.change(
                vote(battle, "tie"), first=first, second=second, wins_first=False
            )
            for _ in range(8)
        )
    )

    (count,) = await stored.counts.pairs(one.w.arena.id, population="people")
    assert (count.ties, count.total) == (1, 1)
    latest = await stored.vote_changes.latest(battle.id)
    assert latest is not None
    assert latest.revision == 8
