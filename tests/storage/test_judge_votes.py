"""People's votes on judged pairs: rows are added, of each rater and item the latest counts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from blindarena.domain.ids import uuid7
from blindarena.domain.judge_votes import JudgeVote
from storage.builders import START
from storage.conftest import AnyDatabase

ANN, BOB = "a" * 24, "b" * 24


def vote(minute: int = 0, **given: Any) -> JudgeVote:
    first = JudgeVote(
        id=uuid7(),
        run="support",
        item="i1",
        question_id="q\0 1",
        turn=2,
        model_a="Alder",
        model_b="Birch",
        outcome="model_b",
        blind=True,
        rater=ANN,
        at=START + timedelta(minutes=minute),
    )
    return replace(first, **given)


async def test_of_each_rater_and_item_the_latest_counts(database: AnyDatabase) -> None:
    changed = vote(3, outcome="both_bad", blind=False)
    rows = [
        changed,
        vote(1),
        vote(2, rater=BOB, outcome="tie"),
        vote(1, item="i2"),
        vote(9, run="other"),
    ]
    for row in rows:
        await database.judge_votes.add(row)

    counted = await database.judge_votes.counted("support")

    assert {(one.rater, one.item): one.outcome for one in counted} == {
        (ANN, "i1"): "both_bad",
        (BOB, "i1"): "tie",
        (ANN, "i2"): "model_b",
    }
    kept = await database.judge_votes.of_rater(ANN)
    assert len(kept) == 4, "a changed vote is a new row"
    assert replace(kept[2], question_id="") == replace(changed, question_id="")
    assert await database.judge_votes.counted("nobody's") == []


async def test_a_rater_is_found_and_cut_loose(database: AnyDatabase) -> None:
    label = "0123456789ab-erased-20260102"
    for row in (vote(1), vote(2, item="i2"), vote(3, rater=BOB)):
        await database.judge_votes.add(row)

    assert await database.judge_votes.raters("aaaaaaaa") == [ANN]
    assert await database.judge_votes.raters("%") == []
    assert await database.judge_votes.relabel(ANN, label) == 2
    assert await database.judge_votes.relabel(ANN, label) == 0

    assert await database.judge_votes.of_rater(ANN) == []
    counted = await database.judge_votes.counted("support")
    assert sorted(one.rater for one in counted) == [label, label, BOB]


async def test_the_votes_on_one_run_are_deleted(database: AnyDatabase) -> None:
    for row in (vote(1), vote(2), vote(3, run="other")):
        await database.judge_votes.add(row)

    assert await database.judge_votes.delete_run("support") == 2
    assert await database.judge_votes.delete_run("support") == 0

    assert await database.judge_votes.counted("support") == []
    assert len(await database.judge_votes.counted("other")) == 1
