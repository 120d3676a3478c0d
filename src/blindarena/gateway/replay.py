"""A contestant whose answers were written beforehand; it streams them as a model would."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

from blindarena.domain.chat import ChatRequest, StreamEvent, TextDelta
from blindarena.errors import ConfigError, ProviderError
from blindarena.gateway.answers import AnswerBuilder, Clock
from blindarena.gateway.prices import UnknownPrice
from blindarena.gateway.tokens import count_tokens

_PIECE = re.compile(r"\s*\S{1,16}\s*")


class ReplayModel:
    """Streams the prepared answer to the last user message.

    Where the text is cut depends on the text alone, and the pauses too: two of these with the same
    answer look the same from outside.

    Args:
        name: the deployment's.
        answers: prompt to answer.
        tokens_per_s: pace, in estimated tokens.
        ttft_s: pause before the first piece.
        sleep: waits; a test gives one that does not.
        clock: measures, in seconds.

    Raises:
        ConfigError: a pace or pause that makes no sense, or an answer without text.
    """

    def __init__(
        self,
        *,
        name: str,
        answers: Mapping[str, str],
        tokens_per_s: float = 60.0,
        ttft_s: float = 0.35,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Clock = time.perf_counter,
    ) -> None:
        if not tokens_per_s > 0 or not ttft_s >= 0:
            raise ConfigError(
                f"replay {name!r}: {tokens_per_s=} must be above 0, {ttft_s=} not below"
            )
        for prompt, answer in answers.items():
            if not answer.strip():
                raise ConfigError(f"replay {name!r}: the answer to {prompt[:60]!r} is empty")
        self._name = name
        self._answers = dict(answers)
        self._tokens_per_s = tokens_per_s
        self._ttft_s = ttft_s
        self._sleep = sleep
        self._clock = clock

    @property
    def name(self) -> str:
        """The deployment's name."""
        return self._name

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Yield the prepared answer piece by piece, then one Finished of unknown cost.

        Raises:
            ProviderError: there is no answer to this prompt (fault "bad_request").
        """
        prompt = next((m.content for m in reversed(request.messages) if m.role == "user"), None)
        text = None if prompt is None else self._answers.get(prompt)
        if text is None:
            raise ProviderError(
                f"{self._name}: no answer is prepared for this prompt",
                fault="bad_request",
                deployment=self._name,
                retryable=False,
            )
        answer = AnswerBuilder(
            deployment=self._name, request=request, price=UnknownPrice(), clock=self._clock
        )
        pause = self._ttft_s
        for piece in pieces_of(text):
            await self._sleep(pause)
            if shown := answer.add(piece):
                yield TextDelta(shown)
            pause = count_tokens(piece) / self._tokens_per_s
        yield answer.finish("stop")


def pieces_of(text: str) -> list[str]:
    """Cut a text into words with the blanks around them, and long words in parts of 16 signs."""
    return _PIECE.findall(text)
