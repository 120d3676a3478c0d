from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from blindarena.domain.battles import SIDES
from blindarena.domain.ids import uuid7
from blindarena.errors import StorageError
from blindarena.storage import Database, export
from storage.builders import answer, turn, world


async def test_a_row_says_everything_about_its_vote(stored: Database) -> None:
    w = await world(stored)
    battle = await w.battle(2, 0, prompt_id=w.prompts[1].id, probability=0.25, policy="weighted")
    for number, (text, cost) in enumerate((("# A\n**b**", 0.5), ("- c\n- d", 0.25)), start=1):
        made = turn(battle, number=number)
        await stored.battles.start_turn(made)
        await stored.battles.end_turn(
            made.id,
            [
                answer(
                    made,
                    battle,
                    "a",
                    text=text,
                    prompt_tokens=10,
                    completion_tokens=20,
                    cost_usd=cost,
                    seconds=1.5,
                    ttft_s=0.5 * number,
                ),
                answer(made, battle, "b", text="plain words", cost_usd=[None, 1.0][number - 1]),
            ],
            status="complete",
            battle_status="votable",
        )
    failed = turn(battle, number=3)
    await stored.battles.start_turn(failed)
    await stored.battles.end_turn(
        failed.id,
        [answer(failed, battle, "a", text="half", fault="reset")],
        status="failed",
        battle_status="votable",
    )
    vote = await w.record(
        battle,
        "model_b",
        category="lost",
        reasons=("kind", "short"),
        comment="Gut",
        excluded="identity-leak",
    )

    [row] = pq.read_table(BytesIO(await stored.votes_parquet(w.arena.id))).to_pylist()

    names = {c.id: c.name for c in w.contestants}
    assert row == {
        "vote_id": str(vote.id),
        "battle_id": str(battle.id),
        "tstamp": vote.created_at,
        "voter": "ann",
        "model_a": names[battle.contestant_a],
        "model_b": names[battle.contestant_b],
        "winner": "model_b",
        "category": "lost",
        "language": "en",
        "prompt_id": str(w.prompts[1].id),
        "reasons": ["kind", "short"],
        "comment": "Gut",
        "seconds_to_vote": None,
        "excluded": "identity-leak",
        "probability": 0.25,
        "policy": "weighted",
        "version": 1,
        "mode": "battle",
        "voter_group": None,
        "origin": "typed",
        "replaced": 0,
        "images": 0,
        "turns": 2,
        "send_a": None,
        "send_b": None,
        "breaks_policy_a": None,
        "breaks_policy_b": None,
        "prompt_tokens_a": 20,
        "completion_tokens_a": 40,
        "cost_usd_a": 0.75,
        "seconds_a": 3.0,
        "ttft_s_a": 0.75,
        "words_a": 7,
        "headers_a": 1,
        "bold_a": 1,
        "lists_a": 2,
        "prompt_tokens_b": None,
        "completion_tokens_b": None,
        "cost_usd_b": None,  # one of its two is unknown
        "seconds_b": None,
        "ttft_s_b": None,
        "words_b": 4,
        "headers_b": 0,
        "bold_b": 0,
        "lists_b": 0,
    }


async def test_pages_join_without_gap_or_repetition(
    stored: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(export, "PAGE", 3)
    w, other = await world(stored), await world(stored, slug="other")
    votes = []
    for _ in range(7):
        votes.append(await w.record(await w.votable()))
        await other.record(await other.votable())

    assert await stored.export_votes(w.arena.id, tmp_path / "votes.parquet") == 7

    table = pq.read_table(tmp_path / "votes.parquet")
    assert table["vote_id"].to_pylist() == sorted(str(v.id) for v in votes)
    assert table.schema.equals(export.SCHEMA)
    assert [p.name for p in tmp_path.glob("*.part")] == []


async def test_an_arena_without_votes_gives_a_file_without_rows(stored: Database) -> None:
    table = pq.read_table(BytesIO(await stored.votes_parquet(uuid7())))

    assert table.num_rows == 0
    assert table.schema.names == export.SCHEMA.names


async def test_a_failed_export_leaves_no_file(stored: Database, tmp_path: Path) -> None:
    w = await world(stored)
    await stored.close()

    with pytest.raises(StorageError, match="closed already"):
        await stored.export_votes(w.arena.id, tmp_path / "votes.parquet")

    assert [p for p in tmp_path.iterdir() if "parquet" in p.name] == []


async def test_where_the_message_came_from_and_what_was_answered_again(stored: Database) -> None:
    w = await world(stored)
    battle = await w.battle(mode="side_by_side")
    first = replace(turn(battle), origin="suggested")
    for made, old in ((first, None), (replace(turn(battle, attempt=2), origin="typed"), first)):
        assert await stored.battles.start_turn(made, replaces=old)
        answers = [answer(made, battle, side, cost_usd=1.0) for side in SIDES]
        await stored.battles.end_turn(made.id, answers, status="complete", battle_status="votable")
    await w.record(battle)

    [row] = pq.read_table(BytesIO(await stored.votes_parquet(w.arena.id))).to_pylist()

    said = {name: row[name] for name in ("mode", "origin", "replaced", "turns", "cost_usd_a")}
    assert said == {
        "mode": "side_by_side",
        "origin": "typed",
        "replaced": 1,
        "turns": 1,  # the first answers are kept and not summed
        "cost_usd_a": 1.0,
    }
