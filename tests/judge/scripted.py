"""Models that answer by a function, without any wire."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from blindarena.domain.chat import ChatRequest, Finished, StreamEvent, TextDelta, Usage
from blindarena.errors import ProviderError
from blindarena.gateway.prices import TokenPrice

PRICE = TokenPrice(1.0, 2.0)
Reply = Callable[[str, ChatRequest], str]


class Scripted:
    """Answers by `reply(deployment, request)`; a ProviderError it raises is the upstream's.

    Attributes:
        asked: deployment and request of every call, in order.
        most: calls that were under way at once, at most.
    """

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self.asked: list[tuple[str, ChatRequest]] = []
        self.under_way = self.most = 0

    async def stream(
        self, deployments: Sequence[str], request: ChatRequest
    ) -> AsyncIterator[StreamEvent]:
        self.asked.append((deployments[0], request))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(0)
            text = self._reply(deployments[0], request)
            yield TextDelta(text)
            prompt = sum(len(m.content.split()) for m in request.messages)
            usage = Usage(prompt, len(text.split()), reported=True)
            yield Finished(
                finish_reason="stop",
                usage=usage,
                ttft_s=0.1,
                seconds=0.2,
                cost_usd=PRICE.cost(usage, 0.2)[0],
                price=None,
                deployment=deployments[0],
            )
        finally:
            self.under_way -= 1


def too_many(after: float | None = None) -> ProviderError:
    return ProviderError("x: HTTP 429", fault="rate_limit", status=429, retry_after_s=after)
