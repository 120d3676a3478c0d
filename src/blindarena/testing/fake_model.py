"""A chat model that follows a script, without any HTTP."""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from blindarena.domain.chat import (
    ChatRequest,
    Finished,
    FinishReason,
    StreamEvent,
    TextDelta,
    Usage,
)
from blindarena.errors import ProviderError

Step = str | float | ProviderError
"""A piece of text, a pause in seconds (math.inf hangs), or the failure that ends the stream."""
Script = Sequence[Step] | Callable[[ChatRequest], Sequence[Step]]


class FakeChatModel:
    """A deployment that plays a script for each request.

    Args:
        name: the deployment's.
        script: the steps, or a function from the request to them. A str alone is one delta.
        finish_reason, usage, ttft_s, seconds, cost_usd, price: what Finished says. Usage of None
            counts words, not reported.
        sleep: waits for a pause that is finite.

    Attributes:
        requests: what it was asked, in order.
        open: streams that have begun and not ended.
        closed_early: streams whose reader left before the end.

    Example:
        >>> model = FakeChatModel("calm", ["Hello ", 0.1, "there."])
        >>> model.name
        'calm'
    """

    def __init__(
        self,
        name: str,
        script: Script = ("Hello ", "there."),
        *,
        finish_reason: FinishReason = "stop",
        usage: Usage | None = None,
        ttft_s: float = 0.01,
        seconds: float = 0.02,
        cost_usd: float | None = None,
        price: str | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._name = name
        self._script: Script = (script,) if isinstance(script, str) else script
        self._finish_reason = finish_reason
        self._usage = usage
        self._ttft_s = ttft_s
        self._seconds = seconds
        self._cost_usd = cost_usd
        self._price = price
        self._sleep = sleep
        self.requests: list[ChatRequest] = []
        self.open = 0
        self.closed_early = 0

    @property
    def name(self) -> str:
        """The deployment's name."""
        return self._name

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Play the script, then yield one Finished; a script without text ends as "empty"."""
        self.requests.append(request)
        self.open += 1
        text = ""
        try:
            for step in self._script(request) if callable(self._script) else self._script:
                if isinstance(step, ProviderError):
                    raise step
                if isinstance(step, str):
                    if step:
                        text += step
                        yield TextDelta(step)
                elif step == math.inf:
                    await asyncio.Event().wait()
                else:
                    await self._sleep(step)
            if not text:
                raise ProviderError(
                    f"{self._name}: the answer has no text", fault="empty", deployment=self._name
                )
            yield Finished(
                finish_reason=self._finish_reason,
                usage=self._usage or _count_words(request, text),
                ttft_s=self._ttft_s,
                seconds=self._seconds,
                cost_usd=self._cost_usd,
                price=self._price,
                deployment=self._name,
            )
        except (asyncio.CancelledError, GeneratorExit):
            self.closed_early += 1
            raise
        finally:
            self.open -= 1


def _count_words(request: ChatRequest, text: str) -> Usage:
    asked = sum(len(message.content.split()) for message in request.messages)
    return Usage(prompt_tokens=asked, completion_tokens=len(text.split()), reported=False)
