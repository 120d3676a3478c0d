"""One call of a model: paid in advance, tried as often as that may help, timed and counted."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast

from blindarena.domain.chat import ChatRequest, Finished, TextDelta
from blindarena.errors import ProviderError
from blindarena.gateway.tokens import count_prompt_tokens
from blindarena.judge.pacing import Patience, Pause, patiently
from blindarena.judge.ports import Models, Price
from blindarena.judge.spending import Purse, most_of


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said, and what that took."""

    text: str
    finished: Finished


@dataclass
class Line:
    """The way to one model: its deployments in order, its price, and what was learnt of it.

    Attributes:
        name: for people.
        price: of its first deployment.
        pause: shared by all calls to it.
        longest_s: of the calls so far.
    """

    name: str
    deployments: Sequence[str]
    price: Price
    pause: Pause
    longest_s: float = field(default=0.0)


class SpendCapError(Exception):
    """The next call may cost more than is left; nothing was asked."""


class Caller:
    """Makes calls for a run.

    Args:
        models: who is asked.
        purse: what may be spent.
        patience: how often a call is tried.
        rng: spreads retries.
        sleep: waits; a test gives one that does not.
        clock: seconds on the scale on which `sleep` waits.
    """

    def __init__(
        self,
        models: Models,
        *,
        purse: Purse,
        patience: Patience | None = None,
        rng: random.Random | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._models = models
        self.purse = purse
        self._patience = patience or Patience()
        self._rng = rng or random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._sleep = sleep
        self._clock = clock

    def line(self, name: str, deployments: Sequence[str], price: Price) -> Line:
        """Return the way to a model; one for all calls to it."""
        return Line(name, tuple(deployments), price, Pause(self._clock))

    async def say(self, line: Line, request: ChatRequest) -> Said:
        """Ask, again where that may help, and return the whole answer.

        Raises:
            ProviderError: there is none.
            SpendCapError: it may cost more than is left.
        """
        most = most_of(
            line.price,
            prompt_tokens=count_prompt_tokens(request.messages),
            max_tokens=request.parameters.max_tokens,
            seconds=line.longest_s,
        )
        if not await self.purse.reserve(most):
            raise SpendCapError
        cost: float | None = 0.0
        try:
            said = await patiently(
                lambda: self._once(line, request),
                pause=line.pause,
                patience=self._patience,
                rng=self._rng,
                sleep=self._sleep,
            )
            cost = said.finished.cost_usd
            line.longest_s = max(line.longest_s, said.finished.seconds)
        finally:
            await self.purse.settle(most, cost)
        return said

    async def _once(self, line: Line, request: ChatRequest) -> Said:
        pieces: list[str] = []
        finished: Finished | None = None
        # The router gives a generator; the Protocol asks for no more than an iterator.
        stream = cast("Any", self._models.stream(line.deployments, request))
        async with aclosing(stream) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    pieces.append(event.text)
                else:
                    finished = event
        if finished is None:
            raise ProviderError(f"{line.name}: the stream ended early", fault="malformed")
        return Said("".join(pieces), finished)
