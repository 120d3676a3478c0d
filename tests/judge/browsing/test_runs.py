"""How far a run is, also while it is written; a run that is read again only where it grew."""

from dataclasses import replace
from pathlib import Path

from blindarena.domain.chat import Parameters
from blindarena.judge.browsing.open_run import OpenRun
from blindarena.judge.browsing.progress import RunProgress, planned_calls
from blindarena.judge.judged_run import read_judged_run
from blindarena.judge.planning import JudgingPlan
from blindarena.judge.prompting import own_prompts
from blindarena.judge.run_folder import RunFolder
from judge.made_up_run import NAMES, QUESTIONS, add, judgments, write_run


def test_how_far_a_run_is(tmp_path: Path) -> None:
    root = write_run(tmp_path / "support", given=judgments()[:-4])
    facts = RunProgress(RunFolder(root)).facts()

    assert (facts.name, facts.set_name, facts.questions) == ("support", "support", 3)
    assert facts.answers is not None
    assert (facts.answers.done, facts.answers.total, facts.answers.failed) == (9, 9, 0)
    assert facts.answers.cost_usd is not None
    assert abs(facts.answers.cost_usd - 12 * 0.0002) < 1e-12
    assert facts.judgments is not None
    # Pairs: 4 turns x 3 pairs x 2 orders x 2 judges; grades: 4 turns x 3 x 2 judges.
    assert (facts.judgments.done, facts.judgments.total) == (56, 48 + 24)
    assert facts.judgments.costs_known == 9
    assert (facts.unparsed, facts.flagged) == (1, 3)


def test_the_total_is_what_the_plan_asks(tmp_path: Path) -> None:
    run = read_judged_run(write_run(tmp_path / "support"))
    some = {**run.answers, "cedar": {"q1": run.answers["cedar"]["q1"]}}
    prompts = tuple(own_prompts().values())
    calls = sum(
        len(list(plan.calls(QUESTIONS, some, judge=judge, parameters=Parameters())))
        for plan in (JudgingPlan("pair", prompts), JudgingPlan("single", prompts))
        for judge in ("steady", "giddy")
    )
    there = {name: set(some[name]) for name in NAMES}
    assert planned_calls(run.spec, QUESTIONS, there) == calls


def test_a_run_that_is_being_written_is_shown_with_what_is_there(tmp_path: Path) -> None:
    every = judgments()
    root = write_run(tmp_path / "support", given=every[:2])
    path = RunFolder(root).judgments_path("steady")
    progress, opened = RunProgress(RunFolder(root)), OpenRun(RunFolder(root))
    first = opened.seen()
    assert len(first.items) == 1
    assert opened.seen() is first, "nothing was added, so nothing is read"
    assert opened.scores() is opened.scores()

    failed = replace(every[4], text="", verdict=None, error="the judge is down")
    add(path, failed)
    add(path, every[5], end=b"")
    facts = progress.facts()
    assert facts.judgments is not None
    assert (facts.judgments.done, facts.judgments.failed) == (2, 1), "half a line is no record"
    add(path, every[4], end=b"\n")  # completes the half line with a wrong one
    broken = progress.facts()
    assert "steady.jsonl:4" in broken.problem


def test_a_run_without_judgments_or_questions_is_no_error(tmp_path: Path) -> None:
    root = write_run(tmp_path / "early", given=[])
    (root / "questions.jsonl").unlink()
    facts = RunProgress(RunFolder(root)).facts()
    assert (facts.problem, facts.questions) == ("", 0)
    assert OpenRun(RunFolder(root)).scores().verdicts == ()
    (root / "run.json").write_text("{")
    assert "run.json" in RunProgress(RunFolder(root)).facts().problem
