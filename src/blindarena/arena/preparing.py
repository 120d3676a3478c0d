"""Asks for each contestant's one answer to each prepared prompt, and keeps it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from blindarena.arena.asking import request_of
from blindarena.arena.import_ports import PreparedAnswers
from blindarena.arena.leaks import leaks_identity
from blindarena.arena.outstanding import Wanted
from blindarena.arena.ports import ChatModels
from blindarena.domain.chat import Finished, TextDelta
from blindarena.domain.imports import PreparedAnswer
from blindarena.domain.style import style_of
from blindarena.errors import InvalidInputError, ProviderError

log = logging.getLogger("blindarena.preparing")
ATTEMPTS = 3
GIVE_UP_AFTER = 5
"""Failures of one contestant in a row, each after all attempts, behind which nothing is asked."""
_LONGEST_WAIT_S = 60.0


@dataclass(slots=True)
class Making:
    """How far it is; changes while answers come.

    Attributes:
        spent_usd: of what could be priced.
        unpriced: answers whose cost is unknown.
        faults: failed answers by contestant and fault; the next run asks for them again.
        given_up: contestants that failed too often in a row.
        capped: the spend limit stopped it.
    """

    total: int
    made: int = 0
    failed: int = 0
    spent_usd: float = 0.0
    unpriced: int = 0
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    given_up: set[str] = field(default_factory=set)
    capped: bool = False

    @property
    def left(self) -> int:
        """How many are still to be asked for."""
        return self.total - self.made - self.failed


class AnswerMaker:
    """Makes prepared answers, some at a time.

    Args:
        models: where answers come from.
        prepared: where they are kept, each as soon as it is complete.
        now: the time, in UTC.
        sleep: waits between attempts; a test gives one that does not.
        concurrency: requests at the same time.
    """

    def __init__(
        self,
        *,
        models: ChatModels,
        prepared: PreparedAnswers,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        concurrency: int = 4,
    ) -> None:
        self._models = models
        self._prepared = prepared
        self._now = now
        self._sleep = sleep
        self.concurrency = concurrency

    async def run(
        self,
        arena_id: UUID,
        wanted: Sequence[Wanted],
        *,
        max_spend: float | None = None,
        making: Making | None = None,
        say: Callable[[Making], None] = lambda making: None,
    ) -> Making:
        """Ask for answers until all are there or the spend limit is reached.

        With a limit an answer is only asked for while what was spent and what the running ones
        may cost at most is below it: the limit is exceeded by one answer at most. Cancelling
        keeps what is complete, and a later run goes on from there.

        Raises:
            InvalidInputError: there is a limit, but a contestant's price is unknown.
        """
        if max_spend is not None:
            check_priced(wanted)
        run = _Run(iter(wanted), making or Making(len(wanted)), max_spend)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self.concurrency, len(wanted))):
                group.create_task(self._work(arena_id, run, say))
        return run.making

    async def _work(self, arena_id: UUID, run: "_Run", say: Callable[[Making], None]) -> None:
        while (one := await run.next()) is not None:
            answer = await self._answer(arena_id, one)
            await self._prepared.put(answer)
            await run.ended(one, answer)
            say(run.making)

    async def _answer(self, arena_id: UUID, one: Wanted) -> PreparedAnswer:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._ask(arena_id, one)
            except ProviderError as error:
                log.info("%s, %s: %s", one.contestant.name, one.prompt.key, error)
                if attempt == ATTEMPTS or not error.retryable:
                    return _kept(arena_id, one, "", self._now(), None, error)
                wait = error.retry_after_s if error.retry_after_s is not None else 2.0**attempt
                await self._sleep(min(wait, _LONGEST_WAIT_S))
        raise AssertionError("the last attempt returns")

    async def _ask(self, arena_id: UUID, one: Wanted) -> PreparedAnswer:
        request = request_of(one.contestant, "a", (), one.text)
        pieces: list[str] = []
        finished: Finished | None = None
        events = self._models.stream(one.contestant.deployments, request)
        async with aclosing(events) as stream:  # type: ignore[type-var]
            async for event in stream:
                if isinstance(event, TextDelta):
                    pieces.append(event.text)
                else:
                    finished = event
        if finished is not None and finished.finish_reason == "content_filter":
            raise ProviderError(
                "the provider's filter ended the answer", fault="declined", retryable=False
            )
        return _kept(arena_id, one, "".join(pieces), self._now(), finished, None)


class _Run:
    """What the workers share: who asks for what, and what may still be spent."""

    def __init__(self, wanted: Iterator[Wanted], making: Making, limit: float | None) -> None:
        self.making = making
        self._wanted = wanted
        self._limit = limit
        self._running: dict[int, float] = {}
        self._in_a_row: Counter[UUID] = Counter()
        self._changed = asyncio.Condition()

    async def next(self) -> Wanted | None:
        """Take the next answer to ask for, once it may be paid; None ends the worker."""
        async with self._changed:
            await self._changed.wait_for(self._may_go_on)
            if self._limit is not None and self.making.spent_usd >= self._limit:
                self.making.capped = self.making.left > 0
                return None
            for one in self._wanted:
                if one.contestant.name not in self.making.given_up:
                    self._running[id(one)] = one.bound_usd or 0.0
                    return one
            return None

    async def ended(self, one: Wanted, answer: PreparedAnswer) -> None:
        """Count an answer that is stored."""
        making = self.making
        async with self._changed:
            del self._running[id(one)]
            if answer.fault is None:
                making.made += 1
                making.unpriced += answer.cost_usd is None
                making.spent_usd += answer.cost_usd or 0.0
                self._in_a_row[one.contestant.id] = 0
            else:
                making.failed += 1
                making.faults[one.contestant.name, answer.fault] += 1
                self._in_a_row[one.contestant.id] += 1
                if self._in_a_row[one.contestant.id] >= GIVE_UP_AFTER:
                    making.given_up.add(one.contestant.name)
            self._changed.notify_all()

    def _may_go_on(self) -> bool:
        if self._limit is None or not self._running or self.making.spent_usd >= self._limit:
            return True
        return self.making.spent_usd + sum(self._running.values()) < self._limit


def check_priced(wanted: Sequence[Wanted]) -> None:
    """Raise InvalidInputError where a contestant's price is unknown, as no limit can be kept."""
    unknown = sorted({one.contestant.name for one in wanted if one.bound_usd is None})
    if unknown:
        raise InvalidInputError(
            f"the price of {unknown[0]!r} is unknown, so no spend limit can be kept; give its "
            "deployment input_price and output_price, or leave the limit out"
        )


def _kept(
    arena_id: UUID,
    one: Wanted,
    text: str,
    at: datetime,
    end: Finished | None,
    error: ProviderError | None,
) -> PreparedAnswer:
    contestant = one.contestant
    return PreparedAnswer(
        prompt_id=one.prompt.id,
        contestant_id=contestant.id,
        arena_id=arena_id,
        source="generated",
        text=text,
        style=style_of(text),
        created_at=at,
        asked=one.asked,
        deployment=end.deployment if end else None,
        finish_reason=end.finish_reason if end else None,
        fault=error.fault if error else None,
        prompt_tokens=end.usage.prompt_tokens if end else None,
        completion_tokens=end.usage.completion_tokens if end else None,
        tokens_reported=end.usage.reported if end else False,
        ttft_s=end.ttft_s if end else None,
        seconds=end.seconds if end else None,
        cost_usd=end.cost_usd if end else None,
        price=end.price if end else None,
        leaked=leaks_identity(text, names=(contestant.name, *contestant.aliases)),
    )
