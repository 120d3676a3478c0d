"""Missing answers: which, what they cost, and how they are made."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from blindarena.arena.outstanding import Wanted, estimates, outstanding
from blindarena.arena.preparing import ATTEMPTS, GIVE_UP_AFTER, AnswerMaker, Making
from blindarena.domain.arenas import Contestant, Prompt
from blindarena.domain.chat import (
    ChatRequest,
    Finished,
    Parameters,
    StreamEvent,
    TextDelta,
    Usage,
)
from blindarena.domain.ids import uuid7
from blindarena.errors import InvalidInputError, ProviderError
from blindarena.testing.memory_imports import MemoryPreparedAnswers

ARENA = uuid7()
NOW = datetime(2026, 11, 1, tzinfo=UTC)


class Tariff:
    """A word is a token, a token costs a dollar; "unpriced" has no price, "here" sends no bill."""

    def tokens(self, texts: Sequence[str]) -> int:
        return sum(len(text.split()) for text in texts)

    def cost(
        self, deployments: Sequence[str], *, prompt: int, completion: int, seconds: float | None
    ) -> float | None:
        return None if {"unpriced", "here"} & set(deployments) else float(prompt + completion)

    def is_here(self, deployments: Sequence[str]) -> bool:
        return "here" in deployments


class Models:
    """Answers "yes" to everything, at a cost of 5; `failing` maps a deployment to its errors."""

    def __init__(self, **failing: list[ProviderError]) -> None:
        self.failing = failing
        self.asked: list[tuple[str, str]] = []
        self.most = self.now = 0
        self.gate: asyncio.Event | None = None

    def available(self, deployments: Sequence[str]) -> bool:
        return True

    async def stream(
        self, deployments: Sequence[str], request: ChatRequest
    ) -> AsyncIterator[StreamEvent]:
        self.asked.append((deployments[0], request.messages[-1].content))
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0)
            if self.gate is not None:
                await self.gate.wait()
            if self.failing.get(deployments[0]):
                raise self.failing[deployments[0]].pop(0)
            yield TextDelta("y")
            yield TextDelta("es")
            usage = Usage(prompt_tokens=3, completion_tokens=2, reported=True)
            yield Finished("stop", usage, 0.1, 0.4, 5.0, "1 USD per token", deployments[0])
        finally:
            self.now -= 1


def contestant(name: str, **given: Any) -> Contestant:
    values = {"deployments": (name,), "parameters": Parameters(max_tokens=7)}
    return Contestant(id=uuid7(), arena_id=ARENA, name=name, **(values | given))


def prompts(*texts: str) -> list[tuple[Prompt, str]]:
    made = [Prompt(id=uuid7(), arena_id=ARENA, key=f"t{n}", text=t) for n, t in enumerate(texts)]
    return [(prompt, prompt.text) for prompt in made]


async def no_sleep(seconds: float) -> None:
    waited.append(seconds)


waited: list[float] = []


def maker(models: Models, prepared: MemoryPreparedAnswers, concurrency: int = 4) -> AnswerMaker:
    waited.clear()
    return AnswerMaker(
        models=models,
        prepared=prepared,
        now=lambda: NOW,
        sleep=no_sleep,
        concurrency=concurrency,
    )


async def missing(
    prepared: MemoryPreparedAnswers, contestants: Sequence[Contestant], asked: Any
) -> list[Wanted]:
    return outstanding(contestants, asked, await prepared.states(ARENA), tariff=Tariff())


def broken(fault: Any = "server", **given: Any) -> ProviderError:
    return ProviderError("no", fault=fault, **given)


async def test_every_contestant_answers_every_prompt_once() -> None:
    prepared, models = MemoryPreparedAnswers(), Models()
    two = [contestant("a", system="Be brief."), contestant("b")]
    asked = prompts("How are you?", "And now?")

    making = await maker(models, prepared).run(ARENA, await missing(prepared, two, asked))

    assert (making.made, making.failed, making.spent_usd) == (4, 0, 20.0)
    first = prepared.by_pair[asked[0][0].id, two[0].id]
    assert (first.text, first.source, first.created_at) == ("yes", "generated", NOW)
    assert (first.prompt_tokens, first.completion_tokens, first.ttft_s) == (3, 2, 0.1)
    assert (first.seconds, first.cost_usd, first.deployment) == (0.4, 5.0, "a")
    assert await missing(prepared, two, asked) == []


async def test_another_configuration_or_text_is_asked_again_but_never_what_the_file_gave() -> None:
    prepared, models = MemoryPreparedAnswers(), Models()
    one = contestant("a")
    asked = prompts("How are you?", "And now?")
    await maker(models, prepared).run(ARENA, await missing(prepared, [one], asked))
    pair = (asked[1][0].id, one.id)
    prepared.by_pair[pair] = replace(prepared.by_pair[pair], source="import", asked="")

    hotter = replace(one, parameters=Parameters(temperature=1.0, max_tokens=7))
    again = await missing(prepared, [hotter], asked)
    redacted = await missing(prepared, [one], [(asked[0][0], "How are [NAME_1]?"), asked[1]])

    assert [wanted.prompt for wanted in again] == [asked[0][0]]
    assert [wanted.text for wanted in redacted] == ["How are [NAME_1]?"]


async def test_a_failure_is_tried_again_then_kept_and_asked_for_in_the_next_run() -> None:
    prepared = MemoryPreparedAnswers()
    models = Models(
        a=[broken(), broken("rate_limit", retry_after_s=9.0), broken("timeout")],
        b=[broken("bad_request", retryable=False)],
    )
    two = [contestant("a"), contestant("b")]
    asked = prompts("How are you?")

    making = await maker(models, prepared, 1).run(ARENA, await missing(prepared, two, asked))

    assert [name for name, _ in models.asked] == ["a"] * ATTEMPTS + ["b"]
    assert waited == [2.0, 9.0]
    assert making.failed == 2
    assert making.faults == {("a", "timeout"): 1, ("b", "bad_request"): 1}
    kept = [prepared.by_pair[asked[0][0].id, one.id].fault for one in two]
    assert kept == ["timeout", "bad_request"]

    making = await maker(models, prepared).run(ARENA, await missing(prepared, two, asked))

    assert (making.made, making.failed) == (2, 0)


async def test_a_contestant_that_only_fails_is_given_up_and_the_others_go_on() -> None:
    prepared = MemoryPreparedAnswers()
    models = Models(a=[broken("auth", retryable=False) for _ in range(20)])
    two = [contestant("a"), contestant("b")]
    asked = prompts(*(f"Question {n}" for n in range(12)))

    making = await maker(models, prepared, 1).run(ARENA, await missing(prepared, two, asked))

    assert (making.made, making.failed) == (12, GIVE_UP_AFTER)
    assert making.given_up == {"a"}
    assert making.left == 12 - GIVE_UP_AFTER


async def test_not_more_than_so_many_at_the_same_time() -> None:
    prepared, models = MemoryPreparedAnswers(), Models()
    asked = prompts(*(f"Question {n}" for n in range(20)))

    await maker(models, prepared, 3).run(ARENA, await missing(prepared, [contestant("a")], asked))

    assert models.most == 3


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize("limit", [0.0, 4.0, 5.0, 23.0, 1000.0])
async def test_a_limit_is_exceeded_by_one_answer_at_most(concurrency: int, limit: float) -> None:
    prepared, models = MemoryPreparedAnswers(), Models()
    one = contestant("a")
    asked = prompts(*(f"Question {n}" for n in range(12)))
    wanted = await missing(prepared, [one], asked)

    making = await maker(models, prepared, concurrency).run(ARENA, wanted, max_spend=limit)

    assert making.spent_usd <= limit + 5.0
    assert making.spent_usd >= min(limit, 60.0)
    assert making.capped is (making.left > 0)
    rest = await maker(models, prepared).run(ARENA, await missing(prepared, [one], asked))
    assert making.made + rest.made == 12


async def test_a_limit_needs_every_price_but_that_of_this_machine() -> None:
    prepared, models = MemoryPreparedAnswers(), Models()
    asked = prompts("How are you?")
    unpriced = await missing(prepared, [contestant("unpriced")], asked)
    here = await missing(prepared, [contestant("here")], asked)

    with pytest.raises(InvalidInputError, match="the price of 'unpriced' is unknown"):
        await maker(models, prepared).run(ARENA, unpriced, max_spend=1.0)
    making = await maker(models, prepared).run(ARENA, here, max_spend=1.0)

    assert making.made == 1


async def test_what_is_complete_when_it_is_stopped_stays() -> None:
    prepared, models = MemoryPreparedAnswers(), Models()
    one = contestant("a")
    asked = prompts("First", "Second", "Third")
    wanted = await missing(prepared, [one], asked)
    made = asyncio.Event()

    def say(making: Making) -> None:
        models.gate = asyncio.Event()
        made.set()

    task = asyncio.create_task(maker(models, prepared, 1).run(ARENA, wanted, say=say))
    await made.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    models.gate = None
    left = await missing(prepared, [one], asked)
    assert [wanted.text for wanted in left] == ["Second", "Third"]
    await maker(models, prepared).run(ARENA, left)
    assert await missing(prepared, [one], asked) == []


async def test_estimates_say_at_most_and_after_some_answers_also_likely() -> None:
    prepared, models = MemoryPreparedAnswers(), Models()
    three = [contestant("a", system="Be brief."), contestant("unpriced"), contestant("here")]
    asked = prompts("How are you?", "And now?")
    wanted = await missing(prepared, three, asked)

    before = estimates(wanted, await prepared.states(ARENA), tariff=Tariff())

    assert [(e.contestant, e.answers, e.prompt_tokens) for e in before] == [
        ("a", 2, 9),
        ("unpriced", 2, 5),
        ("here", 2, 5),
    ]
    assert [(e.likely_usd, e.at_most_usd) for e in before] == [
        (None, 23.0),
        (None, None),
        (None, None),
    ]

    await maker(models, prepared).run(ARENA, wanted[:1])
    wanted = await missing(prepared, three[:1], asked)
    (after,) = estimates(wanted, await prepared.states(ARENA), tariff=Tariff())

    assert (after.answers, after.likely_usd, after.at_most_usd) == (1, 4.0 + 2, 4.0 + 7)


async def test_an_answer_that_gives_its_author_away_is_marked() -> None:
    prepared, models = MemoryPreparedAnswers(), Models()
    asked = prompts("Who are you?")
    teller = contestant("a", aliases=("yes",))

    await maker(models, prepared).run(ARENA, await missing(prepared, [teller], asked))

    (answer,) = await prepared.of_prompt(asked[0][0].id)
    assert answer.leaked
