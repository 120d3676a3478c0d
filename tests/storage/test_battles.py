from dataclasses import replace
from typing import get_args

import pytest

from blindarena.domain.battles import SIDES, Battle, BattleStatus
from blindarena.domain.boards import ContestantStats
from blindarena.domain.ids import uuid7
from storage.builders import START, answer, turn, world
from storage.conftest import AnyDatabase


async def test_a_battle_comes_back_as_it_was_added(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.battle(2, 0, prompt_id=w.prompts[1].id, probability=1 / 3, policy="weighted")

    assert await database.battles.get(battle.id) == battle
    assert await database.battles.get(uuid7()) is None


@pytest.mark.parametrize("now", get_args(BattleStatus))
async def test_a_battle_moves_only_from_an_allowed_status(
    database: AnyDatabase, now: BattleStatus
) -> None:
    w = await world(database)
    battle = await w.battle(status=now)

    moved = await database.battles.move(battle.id, to="skipped", allowed=("waiting", "votable"))

    assert moved == (now in ("waiting", "votable"))
    after = await database.battles.get(battle.id)
    assert after == replace(battle, status="skipped" if moved else now)


async def test_moving_an_unknown_battle_or_from_nowhere_says_no(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.battle()

    assert not await database.battles.move(uuid7(), to="skipped", allowed=("waiting",))
    assert not await database.battles.move(battle.id, to="skipped", allowed=())


async def test_a_turn_starts_only_where_the_battle_can_take_one(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.battle()
    first, second = turn(battle), turn(battle, number=2)

    assert await database.battles.start_turn(first)
    assert not await database.battles.start_turn(second)

    assert [r.turn for r in await database.battles.turns(battle.id)] == [first]
    assert await status(database, battle) == "streaming"


async def test_a_turn_of_an_unknown_battle_is_not_stored(database: AnyDatabase) -> None:
    w = await world(database)
    battle = replace(await w.battle(), id=uuid7())

    assert not await database.battles.start_turn(turn(battle))
    assert await database.battles.turns(battle.id) == []


async def test_answers_come_back_with_everything_measured(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.battle()
    made = turn(battle)
    await database.battles.start_turn(made)
    full = answer(
        made,
        battle,
        "a",
        text="# Höre\n- **ja** ☂",
        deployment="one",
        finish_reason="length",
        prompt_tokens=12,
        completion_tokens=34,
        tokens_reported=True,
        ttft_s=0.125,
        seconds=2.5,
        cost_usd=0.00123,
        price="1/4 USD",
        leaked=True,
    )
    failed = answer(made, battle, "b", text="", fault="timeout")

    await database.battles.end_turn(
        made.id, [failed, full], status="failed", battle_status="failed"
    )

    [record] = await database.battles.turns(battle.id)
    assert record.turn == replace(made, status="failed")
    assert record.answers == {"a": full, "b": failed}
    assert await status(database, battle) == "failed"


async def test_turns_come_in_order_of_number_and_attempt(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.battle()
    other = await w.votable()
    for number, attempt, end in ((1, 1, "interrupted"), (1, 2, "complete"), (2, 1, "complete")):
        made = turn(battle, number=number, attempt=attempt, content=f"{number}.{attempt}")
        assert await database.battles.start_turn(made)
        answers = [] if end == "interrupted" else [answer(made, battle, s) for s in SIDES]
        await database.battles.end_turn(made.id, answers, status=end, battle_status="waiting")

    records = await database.battles.turns(battle.id)

    assert [r.turn.content for r in records] == ["1.1", "1.2", "2.1"]
    assert [sorted(r.answers) for r in records] == [[], ["a", "b"], ["a", "b"]]
    assert len(await database.battles.turns(other.id)) == 1


async def test_a_turn_ends_once(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.battle()
    made = await w.turn(battle, end="interrupted")
    before = await database.counts.version(w.arena.id)

    await database.battles.end_turn(
        made.id,
        [answer(made, battle, side) for side in SIDES],
        status="complete",
        battle_status="votable",
    )
    await database.battles.end_turn(uuid7(), [], status="complete", battle_status="votable")

    [record] = await database.battles.turns(battle.id)
    assert record.turn.status == "interrupted"
    assert await status(database, battle) == "waiting"
    assert await database.counts.version(w.arena.id) == before


async def test_a_battle_skipped_meanwhile_stays_skipped(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.battle()
    made = await w.turn(battle, end=None)
    assert await database.battles.move(battle.id, to="skipped", allowed=("streaming",))

    await database.battles.end_turn(
        made.id, [answer(made, battle, "a")], status="complete", battle_status="votable"
    )

    assert await status(database, battle) == "skipped"
    [record] = await database.battles.turns(battle.id)
    assert record.turn.status == "complete"


async def test_sums_count_errors_and_only_what_is_known(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.battle()
    made = turn(battle)
    await database.battles.start_turn(made)
    known = answer(made, battle, "a", completion_tokens=30, ttft_s=0.5, seconds=2.0, cost_usd=0.25)
    unknown = answer(made, battle, "b")
    await database.battles.end_turn(
        made.id, [known, unknown], status="complete", battle_status="votable"
    )
    again = turn(battle, number=2)
    await database.battles.start_turn(again)
    await database.battles.end_turn(
        again.id,
        [
            answer(again, battle, "a", text="", fault="reset", seconds=1.0, cost_usd=9.0),
            answer(again, battle, "b", cost_usd=0.5),
        ],
        status="failed",
        battle_status="failed",
    )

    stats = {s.contestant_id: s for s in await database.counts.stats(w.arena.id)}

    a, b = battle.contestant_a, battle.contestant_b
    assert stats == {
        a: ContestantStats(
            a,
            answers=2,
            errors=1,
            cost_sum=0.25,
            cost_n=1,
            ttft_sum=0.5,
            ttft_n=1,
            tokens_sum=30,
            generation_seconds_sum=1.5,
            cost_sq=0.0625,
            ttft_sq=0.25,
            speed_n=1,
            tokens_sq=900.0,
            generation_seconds_sq=2.25,
            tokens_seconds=45.0,
        ),
        b: ContestantStats(b, answers=2, cost_sum=0.5, cost_n=1, cost_sq=0.25),
    }


async def test_an_interrupted_turn_counts_in_no_sum(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.battle()
    await w.turn(battle, end="interrupted", cost_usd=1.0)

    assert await database.counts.stats(w.arena.id) == []
    assert await database.counts.version(w.arena.id) == 0


async def test_sums_of_another_arena_are_not_shown(database: AnyDatabase) -> None:
    one, two = await world(database, slug="one"), await world(database, slug="two")
    await one.votable()

    assert len(await database.counts.stats(one.arena.id)) == 2
    assert await database.counts.stats(two.arena.id) == []


async def test_prompts_seen_come_oldest_first_and_a_vote_wins(database: AnyDatabase) -> None:
    w = await world(database, prompts=4)
    p = [prompt.id for prompt in w.prompts]
    for prompt_id, status_ in (
        (p[0], "skipped"),
        (p[1], "voted"),
        (p[2], "failed"),
        (p[1], "skipped"),
        (p[0], "waiting"),
    ):
        await w.battle(prompt_id=prompt_id, status=status_)
    await w.battle(prompt_id=None)
    await w.battle(prompt_id=p[3], voter="ben")

    seen = await database.battles.prompts_seen(w.arena.id, "ann")

    assert list(seen.items()) == [(p[1], "voted"), (p[2], "failed"), (p[0], "waiting")]
    assert await database.battles.prompts_seen(uuid7(), "ann") == {}


async def test_prompts_seen_go_by_time_not_by_order_of_storing(database: AnyDatabase) -> None:
    w = await world(database)
    new = await w.battle(prompt_id=w.prompts[0].id, status="waiting")
    await w.battle(prompt_id=w.prompts[0].id, status="skipped", created_at=START.replace(year=2025))

    assert new.created_at.year > 2025
    seen = await database.battles.prompts_seen(w.arena.id, "ann")
    assert dict(seen) == {w.prompts[0].id: "waiting"}


async def test_what_a_killed_process_left_is_closed(database: AnyDatabase) -> None:
    w = await world(database)
    fresh, going_on, done = [await w.battle() for _ in range(3)]
    await w.turn(fresh, end=None)
    await w.turn(going_on)
    await w.turn(going_on, end=None)
    await w.turn(done)
    skipped = await w.battle()
    await w.turn(skipped, end=None)
    await database.battles.move(skipped.id, to="skipped", allowed=("streaming",))

    assert await database.battles.reset_streaming() == 3
    assert await database.battles.reset_streaming() == 0

    assert [await status(database, b) for b in (fresh, going_on, done, skipped)] == [
        "waiting",
        "votable",
        "votable",
        "skipped",
    ]
    turns = await database.battles.turns(going_on.id)
    assert [r.turn.status for r in turns] == ["complete", "interrupted"]


async def status(database: AnyDatabase, battle: Battle) -> BattleStatus:
    found = await database.battles.get(battle.id)
    assert found is not None
    return found.status


async def test_a_turn_that_replaces_keeps_the_old_one_with_its_answers(
    database: AnyDatabase,
) -> None:
    w = await world(database)
    battle = await w.battle()
    old = await w.turn(battle, text="first words")
    again = turn(battle, attempt=2)

    assert await database.battles.start_turn(again, replaces=old)

    kept, new = await database.battles.turns(battle.id)
    assert (kept.turn.status, new.turn.status) == ("replaced", "streaming")
    assert kept.answers["a"].text == "first words"


async def test_what_a_turn_cannot_start_over_stays(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.votable()
    old = (await database.battles.turns(battle.id))[0].turn
    await database.battles.move(battle.id, to="voted", allowed=("votable",))

    assert not await database.battles.start_turn(turn(battle, attempt=2), replaces=old)
    assert [r.turn.status for r in await database.battles.turns(battle.id)] == ["complete"]


async def test_answers_of_named_battles_are_in_no_sum(database: AnyDatabase) -> None:
    w = await world(database)
    for mode in ("side_by_side", "direct", "battle"):
        await w.turn(await w.battle(mode=mode), cost_usd=1.0)

    stats = {s.contestant_id: s.answers for s in await database.counts.stats(w.arena.id)}

    assert stats == {w.contestants[0].id: 1, w.contestants[1].id: 1}
