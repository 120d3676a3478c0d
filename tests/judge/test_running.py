import asyncio
import random
from pathlib import Path

import msgspec
import pytest

from blindarena.domain.chat import ChatRequest
from blindarena.domain.judging import Question, RubricItem
from blindarena.errors import ConfigError, InputError, ProviderError
from blindarena.gateway.prices import UnknownPrice
from blindarena.judge.answering import AskedContestant, temperature_of
from blindarena.judge.calling import Caller
from blindarena.judge.judging import Judge
from blindarena.judge.planning import JudgingPlan
from blindarena.judge.ports import Progress
from blindarena.judge.prompting import own_prompts
from blindarena.judge.run_folder import Judging, RunFolder, RunSpec
from blindarena.judge.running import (
    Outcome,
    answers_of,
    ask_contestants,
    ask_judges,
    good_answers,
    judgments_of,
)
from blindarena.judge.spending import Purse
from judge.scripted import PRICE, Scripted, too_many

QUESTIONS = (
    Question("1", "math", ("What is 2 + 3?", "Times 4?"), ("5", "20")),
    Question("2", "writing", ("Write a line.", "Make it rhyme.")),
    Question(
        "3", "support", ("Where is it?",), system="Be kind.", rubric=(RubricItem("kind", "Kind?"),)
    ),
)


class Bench:
    def __init__(self, folder: Path, models: Scripted, *, cap: float | None = None) -> None:
        self.folder = RunFolder(folder)
        self.models = models
        self.waits: list[float] = []
        self.now = 0.0
        self.seen: list[Progress] = []

        async def sleep(seconds: float) -> None:
            self.waits.append(seconds)
            self.now += seconds
            await asyncio.sleep(0)

        self.caller = Caller(
            models, purse=Purse(cap), rng=random.Random(1), sleep=sleep, clock=lambda: self.now
        )

    def contestant(self, name: str) -> AskedContestant:
        return AskedContestant(name, self.caller.line(name, [name], PRICE), identity=name)

    def judge(self, name: str = "judge", *, structured: bool = False) -> Judge:
        line = self.caller.line(name, [name], PRICE)
        return Judge(name, line, identity=name, structured=structured)

    async def answer(self, *names: str, concurrency: int = 3) -> Outcome:
        return await ask_contestants(
            self.folder,
            QUESTIONS,
            [self.contestant(name) for name in names],
            caller=self.caller,
            concurrency=concurrency,
            watch=self.seen.append,
        )

    async def run(self, protocol: str, *names: str, structured: bool = False, **plan: object):  # type: ignore[no-untyped-def]
        return await ask_judges(
            self.folder,
            QUESTIONS,
            good_answers(self.folder, names),
            [self.judge(structured=structured)],
            JudgingPlan(protocol, tuple(own_prompts().values()), **plan),  # type: ignore[arg-type]
            caller=self.caller,
            concurrency=3,
            watch=self.seen.append,
        )


def says(deployment: str, request: ChatRequest) -> str:
    if deployment == "judge":
        return "Because. Rating: [[7]] [[A]] [[A>B]] [[kind: yes]]"
    return f"{deployment} says {len(request.messages)}"


async def test_contestants_answer_turn_by_turn_with_mt_benchs_temperatures(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Scripted(says))

    outcome = await bench.answer("one")

    assert outcome.complete
    assert (outcome.progress.done, outcome.progress.total, outcome.progress.failed) == (3, 3, 0)
    answers = good_answers(bench.folder, ["one"])["one"]
    assert [turn.text for turn in answers["1"].turns] == ["one says 1", "one says 3"]
    assert answers["1"].turns[0].cost_usd is not None
    requests = [request for _, request in bench.models.asked]
    third = [r for r in requests if r.messages[-1].content == "Where is it?"]
    assert third[0].messages[0].content == "Be kind."
    by_prompt = {r.messages[-1].content: r.parameters.temperature for r in requests}
    assert by_prompt == {
        "What is 2 + 3?": 0.0,
        "Times 4?": 0.0,
        "Write a line.": 0.7,
        "Make it rhyme.": 0.7,
        "Where is it?": 0.7,
    }
    assert temperature_of(Question("4", "math", ("?",), required_temperature=0.3), 0.9) == 0.3
    assert temperature_of(QUESTIONS[0], 0.9) == 0.9


async def test_a_second_run_asks_nothing_and_a_failed_answer_again(tmp_path: Path) -> None:
    broken = {"on": True}

    def reply(deployment: str, request: ChatRequest) -> str:
        if broken["on"] and request.messages[-1].content == "Times 4?":
            raise ProviderError("one: HTTP 400", fault="bad_request", status=400, retryable=False)
        return says(deployment, request)

    models = Scripted(reply)
    first = await Bench(tmp_path, models).answer("one")
    assert (first.progress.done, first.progress.failed) == (2, 1)
    kept = answers_of(RunFolder(tmp_path), "one").records
    failed = [record for record in kept.values() if record.error]
    assert failed[0].turns[0].text == "one says 1"
    assert failed[0].error == "one: HTTP 400"
    assert "1" not in good_answers(RunFolder(tmp_path), ["one"])["one"]

    broken["on"] = False
    asked = len(models.asked)
    second = await Bench(tmp_path, models).answer("one")
    assert (second.progress.done, second.progress.failed) == (3, 0)
    assert len(models.asked) == asked + 2

    assert (await Bench(tmp_path, models).answer("one")).complete
    assert len(models.asked) == asked + 2


@pytest.mark.parametrize(
    ("protocol", "plan", "calls"),
    [
        ("single", {}, 3 * 5),
        ("pair", {}, 3 * 5 * 2),
        ("pair", {"baseline": "one"}, 2 * 5 * 2),
        ("baseline", {"baseline": "one"}, 2 * 3 * 2),
        ("rubric", {}, 3),
        ("single", {"repeats": 2}, 3 * 5 * 2),
    ],
)
async def test_every_call_is_made_once(
    tmp_path: Path, protocol: str, plan: dict[str, object], calls: int
) -> None:
    bench = Bench(tmp_path, Scripted(says))
    await bench.answer("one", "two", "three")
    answered = len(bench.models.asked)

    outcome = await bench.run(protocol, "one", "two", "three", **plan)

    assert outcome.complete
    assert len(bench.models.asked) - answered == outcome.progress.total == calls
    assert bench.models.most <= 3
    records = list(judgments_of(bench.folder, "judge").records.values())
    assert len(records) == calls
    assert not any(record.unparsed for record in records)
    again = await bench.run(protocol, "one", "two", "three", **plan)
    assert again.progress.done == calls
    assert len(bench.models.asked) - answered == calls
    if protocol in ("pair", "baseline"):
        assert {r.order for r in records} == {"ab", "ba"}
    if protocol == "rubric":
        assert records[0].items == (("kind", True),)
        assert records[0].score == 1.0


async def test_a_reference_is_shown_where_there_is_one_and_a_policy_always(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Scripted(says))
    await bench.answer("one")
    await bench.run("single", "one")

    shown = [r.messages[-1].content for name, r in bench.models.asked if name == "judge"]
    assert sum("right answer" in text for text in shown) == 2
    assert sum("(The assistant was told: Be kind.)" in text for text in shown) == 1
    prompts = {r.prompt for r in judgments_of(bench.folder, "judge").records.values()}
    assert prompts == {
        "blindarena-single@1",
        "blindarena-single-turn-2@1",
        "blindarena-single-reference@1",
        "blindarena-single-reference-turn-2@1",
    }


async def test_orders_show_the_two_the_other_way_round(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Scripted(says))
    await bench.answer("one", "two")
    await bench.run("baseline", "one", "two", baseline="two")

    for record in judgments_of(bench.folder, "judge").records.values():
        assert record.contestants == ("one", "two")
        assert record.verdict == "A>B"
    first = [
        r.messages[-1].content.index("one says") < r.messages[-1].content.index("two says")
        for name, r in bench.models.asked
        if name == "judge"
    ]
    assert sorted(first) == [False] * 3 + [True] * 3


async def test_garbage_is_unparsed_and_not_asked_again(tmp_path: Path) -> None:
    def reply(deployment: str, request: ChatRequest) -> str:
        return "I would rather not say." if deployment == "judge" else says(deployment, request)

    bench = Bench(tmp_path, Scripted(reply))
    await bench.answer("one")
    outcome = await bench.run("single", "one")

    assert outcome.progress.unparsed == outcome.progress.total == 5
    asked = len(bench.models.asked)
    again = await bench.run("single", "one")
    assert len(bench.models.asked) == asked
    assert again.progress.unparsed == 5


async def test_structured_output_is_asked_for_with_a_schema(tmp_path: Path) -> None:
    def reply(deployment: str, request: ChatRequest) -> str:
        if deployment != "judge":
            return says(deployment, request)
        assert request.response_schema is not None
        assert '"enum":["A","B","C"]' in request.response_schema
        return '{"reasons": "[[A]] was tempting", "verdict": "B"}'

    bench = Bench(tmp_path, Scripted(reply))
    await bench.answer("one", "two")
    await bench.run("pair", "one", "two", structured=True)

    verdicts = {r.verdict for r in judgments_of(bench.folder, "judge").records.values()}
    assert verdicts == {"B>A"}


async def test_a_storm_makes_everybody_wait_and_nothing_is_lost(tmp_path: Path) -> None:
    refused = {"left": 7}

    def reply(deployment: str, request: ChatRequest) -> str:
        if refused["left"]:
            refused["left"] -= 1
            raise (
                too_many(after=5.0)
                if refused["left"] % 2
                else ProviderError("one: HTTP 500", fault="server", status=500)
            )
        return says(deployment, request)

    bench = Bench(tmp_path, Scripted(reply))
    outcome = await bench.answer("one", "two")

    assert (outcome.progress.done, outcome.progress.failed) == (6, 0)
    assert bench.now >= 5.0  # what the upstream asked for


async def test_a_spend_cap_stops_within_one_call(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Scripted(says), cap=0.00214)

    outcome = await bench.answer("one", "two", concurrency=4)

    assert not outcome.complete
    spent = outcome.progress.spent_usd
    assert spent is not None
    most = (1.2 * 30 + 16) * 1e-6 + 1024 * 2e-6
    assert 0.00214 - most <= spent <= 0.00214
    assert outcome.progress.done > 0


async def test_a_spend_cap_needs_a_price(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Scripted(says), cap=1.0)
    unknown = AskedContestant("x", bench.caller.line("x", ["x"], UnknownPrice()), identity="x")
    with pytest.raises(ExceptionGroup) as caught:
        await ask_contestants(bench.folder, QUESTIONS, [unknown], caller=bench.caller)
    assert caught.group_contains(ConfigError, match="--max-spend cannot be held")


async def test_comparing_needs_two_and_a_baseline_that_answered(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Scripted(says))
    await bench.answer("one")
    with pytest.raises(ConfigError, match="at least two"):
        await bench.run("pair", "one")
    with pytest.raises(ConfigError, match="'nobody' has no answers; there are one"):
        await bench.run("baseline", "one", baseline="nobody")
    with pytest.raises(ConfigError, match="needs a baseline"):
        await bench.run("baseline", "one")


async def test_half_a_line_is_cut_off_and_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Scripted(says))
    await bench.answer("one")
    path = bench.folder.answers_path("one")
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])

    outcome = await bench.answer("one")

    assert outcome.mended == (str(path),)
    assert outcome.progress.done == 3
    assert path.read_bytes().count(b"\n") == 3
    assert set(good_answers(bench.folder, ["one"])["one"]) == {"1", "2", "3"}


async def test_a_broken_line_in_the_middle_is_named(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Scripted(says))
    await bench.answer("one")
    path = bench.folder.answers_path("one")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b'{"id": 4}\n' + lines[1])
    with pytest.raises(InputError, match=r"one.jsonl:2: not a record of this run"):
        await bench.answer("one")


def test_a_run_goes_on_only_with_what_it_began_with(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    pairs = Judging(prompts={"p": "1"})
    answers = RunSpec(version="1", questions="q", set_name="s", contestants={"one": "a"})
    spec = msgspec.structs.replace(answers, judgings={"pair": pairs}, judges={"j": "x"})
    folder.begin(answers)
    folder.begin(spec)

    more = RunSpec(
        version="2",
        questions="q",
        set_name="s",
        judgings={"single": Judging(prompts={"s": "3"})},
        contestants={"two": "b"},
        judges={"k": "y"},
    )
    grown = folder.begin(more)
    assert dict(grown.contestants) == {"one": "a", "two": "b"}
    assert dict(grown.judges) == {"j": "x", "k": "y"}
    assert set(grown.judgings) == {"pair", "single"}
    assert grown.version == "1"
    assert folder.begin(answers) == grown == folder.read()
    for changed, message in (
        ({"judgings": {"pair": Judging(prompts={"p": "2"})}}, "other prompts for 'pair'"),
        ({"judgings": {"pair": Judging(prompts={"p": "1"}, repeats=3)}}, "other repeats"),
        ({"judgings": {"pair": Judging(prompts={"p": "1"}, baseline="one")}}, "other baseline"),
        ({"questions": "r"}, "other questions"),
        ({"judges": {"j": "z"}}, "'j' is another than"),
        ({"contestants": {"one": "z"}}, "'one' is another than"),
    ):
        with pytest.raises(ConfigError, match=message):
            folder.begin(msgspec.structs.replace(spec, **changed))
    assert folder.read() == grown


def test_one_process_at_a_time(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    with (
        folder.locked(),
        pytest.raises(ConfigError, match="another process works on this run"),
        RunFolder(tmp_path).locked(),
    ):
        pass
    with folder.locked():
        pass
