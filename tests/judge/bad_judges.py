"""Runs by judges that do not judge, made through the real path: contestants, prompts, parsers."""

import asyncio
import random
import re
from pathlib import Path

from blindarena.domain.chat import ChatRequest
from blindarena.domain.judging import Protocol, Question
from blindarena.judge.answering import AskedContestant
from blindarena.judge.calling import Caller
from blindarena.judge.judged_run import JudgedRun, read_judged_run
from blindarena.judge.judging import Judge
from blindarena.judge.planning import JudgingPlan
from blindarena.judge.prompting import own_prompts
from blindarena.judge.questions import QuestionSet, write_jsonl
from blindarena.judge.run_folder import Judging, RunFolder, RunSpec
from blindarena.judge.running import ask_contestants, ask_judges, good_answers
from blindarena.judge.spending import Purse
from judge.scripted import PRICE, Scripted

CONTESTANTS = ("north", "south", "west")
QUESTIONS = tuple(Question(str(n), "writing", (f"Write about {n}.",)) for n in range(12))
_SHOWN = re.compile(r"<answer-([ab]) \w+>\n(.*?)\n</answer-\1", re.DOTALL)
_ONE = re.compile(r"<answer \w+>\n(.*?)\n</answer", re.DOTALL)


def _length(text: str) -> int:
    """Return how long the contestants' answer in a judge's request is."""
    return len(text.split())


def _longer(request: ChatRequest) -> str:
    text = request.messages[-1].content
    both = {side: _length(said) for side, said in _SHOWN.findall(text)}
    if both:
        return "[[A]]" if both["a"] > both["b"] else "[[B]]" if both["a"] < both["b"] else "[[C]]"
    return f"Rating: [[{min(10, max(1, _length(_ONE.findall(text)[0]) // 10))}]]"


def _fair(request: ChatRequest) -> str:
    """Prefer who is better at it, whatever the place and the length; err now and then."""
    text = request.messages[-1].content
    merit = {side: _merit(said) for side, said in _SHOWN.findall(text)}
    if merit:
        return (
            "[[A]]"
            if merit["a"] > merit["b"]
            else "[[B]]"
            if merit["a"] < merit["b"]
            else ("[[C]]")
        )
    return f"Rating: [[{_merit(_ONE.findall(text)[0])}]]"


def _merit(text: str) -> int:
    return int(text.split()[1])


JUDGES = {
    "always-a": lambda request: "The first is better. [[A]]",
    "longer": _longer,
    "ties": lambda request: "Both are good. [[C]]",
    "garbage": lambda request: "As a language model I like both of them very much.",
    "ten": lambda request: "Splendid. Rating: [[10]]",
    "fair": _fair,
}


def _reply(deployment: str, request: ChatRequest) -> str:
    if deployment in JUDGES:
        return JUDGES[deployment](request)
    rng = random.Random(f"{deployment} {request.messages[-1].content}")
    base = {"north": 7, "south": 5, "west": 3}[deployment]
    merit = min(10, max(1, base + rng.randint(-2, 2)))
    return f"merit {merit} " + " ".join(["word"] * rng.randint(5, 90))


async def make_run(
    root: Path, *judges: str, protocol: Protocol = "pair", questions: int = len(QUESTIONS)
) -> JudgedRun:
    """Ask the contestants and let judges judge; return what is in the folder then."""
    folder, models = RunFolder(root), Scripted(_reply)

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(0)

    caller = Caller(models, purse=Purse(None), rng=random.Random(1), sleep=sleep)
    chosen = QUESTIONS[:questions]
    asked = [
        AskedContestant(name, caller.line(name, [name], PRICE), identity=name)
        for name in CONTESTANTS
    ]
    await ask_contestants(folder, chosen, asked, caller=caller)
    plan = JudgingPlan(protocol, tuple(own_prompts().values()))
    folder.begin(
        RunSpec(
            version="1",
            questions=QuestionSet("s", chosen).digest,
            set_name="twelve",
            judgings={protocol: Judging(prompts={})},
            contestants=dict.fromkeys(CONTESTANTS, ""),
            judges=dict.fromkeys(judges, ""),
        )
    )
    folder.questions_path.write_bytes(b"".join(write_jsonl(chosen)))
    await ask_judges(
        folder,
        chosen,
        good_answers(folder, CONTESTANTS),
        [Judge(name, caller.line(name, [name], PRICE), identity=name) for name in judges],
        plan,
        caller=caller,
    )
    return read_judged_run(root)
