"""Measure how busy a judge run keeps its judge.

    python benchmarks/bench_judge.py

Budget: with a judge that takes 300 ms for every call, 2,000 calls at a concurrency of 32 take at
most 1.1 times calls x latency / concurrency. The judge is the package's fake upstream in a process
of its own. The clock runs from the plan to the last record on disk, so planning, prompts, parsing
and writing count; "resumed" is the same command again, which has nothing to ask.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from blindarena.bootstrap.configured import plan_of
from blindarena.bootstrap.judge_inputs import Named, answers_in, read_run
from blindarena.bootstrap.judge_opening import open_judging
from blindarena.domain.chat import Parameters
from blindarena.domain.judging import AnswerTurn, ModelAnswer, Question
from blindarena.judge.planning import JudgingPlan
from blindarena.judge.prompting import own_prompts
from blindarena.judge.questions import QuestionSet
from blindarena.judge.running import answers_of
from blindarena.settings import load_settings
from ranking_case import cpu_seconds
from rows import Row, save
from served import running

CALLS = 2_000
LATENCY_S = 0.3
CONCURRENCY = 32
FAKE = f"--tokens 4 --tokens-per-s 0 --first-delay {LATENCY_S}"
ANSWER = "A parcel usually takes two to three days. " * 12
SERVER = """
[deployments.judge]
provider = "openai-compatible"
base_url = "{url}"
model = "judge"
"""


def asked() -> tuple[Question, ...]:
    """Return as many questions as give the calls, with two orders each."""
    return tuple(Question(str(n), "support", (f"Where is parcel {n}?",)) for n in range(CALLS // 2))


async def judge(config: Path, root: Path) -> tuple[float, float, int]:
    """Run and return seconds, CPU seconds of this process, and calls made."""
    plan = plan_of(load_settings(config))
    async with open_judging(plan, root, deployments=["judge"], concurrency=CONCURRENCY) as desk:
        if desk.folder.read() is None:
            questions = asked()
            contestants = desk.contestants(
                [Named("one", "judge"), Named("two", "judge")], arena=None, parameters=Parameters()
            )
            desk.begin_answers(QuestionSet("bench", questions), contestants)
            for contestant in contestants:
                journal = answers_of(desk.folder, contestant.name)
                for question in questions:
                    journal.add(
                        ModelAnswer(
                            f"{contestant.name}{question.id}",
                            question.id,
                            contestant.name,
                            (AnswerTurn(ANSWER),),
                            0.0,
                        )
                    )
                journal.close()
        began, cpu = time.perf_counter(), cpu_seconds()
        folder, spec, questions = read_run(root)
        judges = desk.judges([Named("judge", "judge")], parameters=Parameters(), structured=False)
        pairs = JudgingPlan("pair", tuple(own_prompts().values()))
        with desk.folder.locked():
            desk.begin_judging(spec, judges, pairs)
            outcome = await desk.judge(
                questions, answers_in(folder, list(spec.contestants)), judges, pairs
            )
        assert outcome.progress.done == outcome.progress.total == CALLS
        return time.perf_counter() - began, cpu_seconds() - cpu, outcome.progress.total


def main() -> None:
    """Run and write `results/judge.json` and `.md`."""
    with (
        tempfile.TemporaryDirectory() as temporary,
        running(
            ["-m", "blindarena.testing.fake_upstream", *FAKE.split()],
        ) as upstream,
    ):
        config = Path(temporary) / "blindarena.toml"
        config.write_text(SERVER.format(url=upstream.url))
        root = Path(temporary) / "run"
        seconds, cpu, calls = asyncio.run(judge(config, root))
        resumed, _, _ = asyncio.run(judge(config, root))
    ideal = calls * LATENCY_S / CONCURRENCY
    save(
        "judge",
        [
            Row("2,000 calls of 300 ms, 32 at once", seconds, "s", None),
            Row("of calls x latency / concurrency", seconds / ideal, "times", "<= 1.1"),
            Row("CPU per judgment", 1e3 * cpu / calls, "ms", None),
            Row("resumed, nothing left to ask", resumed, "s", None),
        ],
    )


if __name__ == "__main__":
    main()
