"""Evaluations from judge runs, arenas, tables and votes: what each becomes."""

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest

from blindarena.analysis.comparison.comparing import compare
from blindarena.analysis.comparison.evaluations import Evaluation
from blindarena.analysis.comparison.names import suggest
from blindarena.analysis.verdicts import FIRST, MISSING
from blindarena.bootstrap.evaluations.asked import Asked, aliases_of, parse
from blindarena.bootstrap.evaluations.opening import open_evaluations
from blindarena.errors import ConfigError, InputError, StorageError
from blindarena.settings import Server, Settings
from blindarena.storage import Database
from judge.made_up_run import NAMES, write_run
from storage.builders import World, answer, record, turn, vote, world


def opened(*texts: object, settings: Settings | None = None) -> list[Evaluation]:
    return open_evaluations([parse(str(text)) for text in texts], settings=settings)


def test_what_is_asked_for() -> None:
    assert parse("votes.csv") == Asked(
        name=None, kind=None, where="votes.csv", arena=False, part=None
    )
    full = parse("experts=people:data/human.jsonl#expert*")
    assert (full.name, full.kind, full.where, full.part) == (
        "experts",
        "people",
        "data/human.jsonl",
        "expert*",
    )
    assert parse("ours=arena:support").arena
    assert parse("data/a=b.csv").where == "data/a=b.csv"
    assert parse("w=wild.json#WB Elo (x)").part == "WB Elo (x)"
    for wrong in ("", "name=", "people:", "votes.csv#", "=votes.csv"):
        with pytest.raises(ConfigError, match="write"):
            parse(wrong)


def test_aliases(tmp_path: Path) -> None:
    file = tmp_path / "aliases"
    file.write_text('{"a": "b", "c": "d"}')
    assert aliases_of(["e=f"], file) == {"a": "b", "c": "d", "e": "f"}
    for given, line in (
        (["a=x"], "'a' is 'b' already"),
        (["d=e"], "form a chain"),
    ):
        with pytest.raises(InputError, match=line):
            aliases_of(given, file)
    file.write_text("a\n")
    with pytest.raises(InputError, match="aliases:1: 'a'; write THIS=THAT"):
        aliases_of([], file)


def test_a_run_is_one_evaluation_per_judge(tmp_path: Path) -> None:
    giddy, steady = opened(write_run(tmp_path / "run"))
    assert (giddy.name, steady.name) == ("giddy", "steady")
    assert giddy.kind == steady.kind == "judge"
    assert steady.contestants == NAMES
    assert steady.votes is not None
    assert giddy.votes is not None
    assert steady.grades is not None
    assert giddy.grades is None

    # Four pairs of turns by three pairs of contestants; the judge that reads says the same twice.
    assert len(steady.votes.first) == 12
    first, second = steady.votes.first, steady.votes.second
    assert steady.votes.verdict[(first == 0) & (second == 1)].tolist() == [FIRST] * 4
    assert giddy.votes.orders is not None
    assert set(giddy.votes.orders.ravel().tolist()) == {FIRST, MISSING}
    assert (giddy.votes.verdict == MISSING).sum() == 1
    assert "without a verdict in one of their orders, so no votes: 1." in " ".join(giddy.notes)
    assert any("looks like a verdict" in note for note in steady.notes)
    assert set(steady.votes.differences) == {"words", "markup"}

    assert [one.name for one in opened(f"{tmp_path / 'run'}#st*")] == ["steady"]
    assert [one.name for one in opened(f"x={tmp_path / 'run'}")] == ["x/giddy", "x/steady"]
    with pytest.raises(ConfigError, match="the judges there are: giddy, steady"):
        opened(f"{tmp_path / 'run'}#nobody")
    with pytest.raises(ConfigError, match="they are no people's"):
        opened(f"people:{tmp_path / 'run'}")


def test_two_judges_of_one_run_are_compared(tmp_path: Path) -> None:
    found = compare(opened(write_run(tmp_path / "run")))
    habits = {one.name: one for one in found.habits}
    steady, giddy = habits["steady"].position, habits["giddy"].position
    assert steady is not None
    assert giddy is not None
    assert (steady.same, steady.consistent.value) == (12, 1.0)
    assert (giddy.same, giddy.first_both, giddy.missing) == (0, 11, 1)
    assert habits["giddy"].first is not None
    assert habits["giddy"].first.value == 1.0
    # The judge that likes the first place says tie, so no verdict of it is left without ties.
    assert [one.share.total for one in found.items[0].setups] == [11, 0]
    assert found.combinations == ()


def test_voters_that_are_judges_are_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text(
        "question_id,model_a,model_b,winner,voter\n"
        "q1,ada,bob,model_a,ann\nq1,ada,bob,model_a,judge:gpt\nq2,ada,bob,tie,judge:gpt\n"
    )
    people, judge = opened(path)
    assert (people.name, people.kind) == ("mixed", "people")
    assert (judge.name, judge.kind) == ("mixed/gpt", "judge")
    assert people.votes is not None
    assert judge.votes is not None
    assert (len(people.votes.first), len(judge.votes.first)) == (1, 2)


def test_tables_of_scores(tmp_path: Path) -> None:
    lines = tmp_path / "bench.jsonl"
    rows = [
        {"model": "ada", "score": 2, "lower": 1, "upper": 3, "results": [1, 2, 3]},
        {"model": "bob", "score": 1.5, "lower": 1, "upper": 2, "results": [1.5]},
        {"model": "cleo", "score": "-", "lower": None, "upper": None, "results": []},
    ]
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (bench,) = opened(lines)
    assert bench.kind == "benchmark"
    assert bench.contestants == ("ada", "bob")
    assert bench.notes == ("1 models without a score are left out.",)
    assert bench.scores is not None
    assert bench.scores.variance == pytest.approx([2 / 3, 0])
    assert bench.scores.upper.tolist() == [3, 2]

    by_name = tmp_path / "wild.json"
    by_name.write_text('{"ada": {"WB": 1, "other": 5}, "bob": {"WB": "-", "other": 6}}')
    (wild,) = opened(f"w={by_name}#other")
    assert wild.scores is not None
    assert (wild.name, wild.scores.what, wild.scores.score.tolist()) == ("w", "other", [5, 6])
    with pytest.raises(InputError, match=r"looked for 'XX'; the columns are: 'model', 'WB', 'oth"):
        opened(f"{by_name}#XX")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("model,score\nada,1\nada,2\n", "s.csv:3: 'ada' is there twice"),
        ("model,score\n,1\n", "s.csv:2, column 'model': empty"),
        ("model,score,lower,upper\nada,1,2,1\n", "the interval of 'ada' ends before it begins"),
        ("model,score\n", "no row in it"),
        ("model,score\nada,-\n", "no model has a number in the column 'score'"),
        ("who,points\nada,1\n", "no column of models"),
    ],
)
def test_a_wrong_table_is_one_line(tmp_path: Path, text: str, line: str) -> None:
    path = tmp_path / "s.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=line):
        opened(path)


async def _cast(w: World) -> None:
    """Cast two votes on each prompt, one of each voter; the second contestant loses."""
    for prompt in w.prompts:
        for voter in ("ann", "ben"):
            battle = await w.battle(0, 1, voter=voter, prompt_id=prompt.id)
            made = turn(battle)
            await w.database.battles.start_turn(made)
            answers = [answer(made, battle, side) for side in ("a", "b")]
            await w.database.battles.end_turn(
                made.id, answers, status="complete", battle_status="votable"
            )
            await record(w.database, battle, vote(battle, "model_a"))


def test_an_arenas_votes_meet_judgments_on_its_prompts(tmp_path: Path) -> None:
    """People's votes are on prompts by the database's id, judgments by the owner's key."""
    path = tmp_path / "arena.db"

    async def write() -> World:
        database = await Database.open(f"sqlite:///{path}")
        await database.migrate()
        w = await world(database)
        await _cast(w)
        await database.close()
        return w

    w = asyncio.run(write())
    settings = Settings(server=Server(database=f"sqlite:///{path}"), root=tmp_path)
    judged = tmp_path / "gpt.csv"
    one, other = (w.contestants[k].name for k in (0, 1))
    judged.write_text(
        "question_id,turn,model_a,model_b,winner\n"
        + "".join(f"{prompt.key},1,{other},{one},model_b\n" for prompt in w.prompts)
    )
    found = compare(opened(f"arena:{w.arena.slug}", f"judge:{judged}", settings=settings))
    share = found.items[0].setups[0].share
    assert (share.count, share.total) == (2 * len(w.prompts), 2 * len(w.prompts))
    assert len(found.items[0].annotators) == 2

    with pytest.raises(ConfigError, match=f'no arena "nowhere"; it has: {w.arena.slug}'):
        opened("arena:nowhere", settings=settings)
    with pytest.raises(ConfigError, match="needs a configuration"):
        opened("arena:nowhere")
    gone = Settings(server=Server(database=f"sqlite:///{tmp_path / 'no.db'}"), root=tmp_path)
    with pytest.raises(StorageError):
        opened("arena:nowhere", settings=gone)


def test_ratings_that_votes_do_not_give_are_win_rates(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner\nada,bob,model_a\nada,bob,model_a\n")
    (found,) = opened(path)
    assert found.scores is not None
    assert found.scores.what == "win rate"
    assert found.scores.score.tolist() == [1, 0]
    assert np.isnan(found.scores.lower).all()
    assert any("win rates stand for ratings" in note for note in found.notes)
    assert any("no question" in note for note in found.notes)


def test_only_names_with_the_same_numbers_are_suggested() -> None:
    mine = ("llama-2-13b-chat", "gpt-4", "Vendor/Qwen1.5-72B-Chat", "same")
    theirs = ("llama-2-7b-chat", "GPT4", "qwen1.5-72b-chat", "same")
    found = [(one.one, one.other) for one in suggest("a", mine, "b", theirs)]
    assert found == [("gpt-4", "GPT4"), ("Vendor/Qwen1.5-72B-Chat", "qwen1.5-72b-chat")]
