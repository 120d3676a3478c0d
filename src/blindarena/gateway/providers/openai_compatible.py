"""One upstream that speaks the OpenAI chat-completions format."""

import asyncio
import time
from collections.abc import AsyncGenerator

import aiohttp
from yarl import URL

from blindarena.domain.chat import ChatRequest, StreamEvent, TextDelta
from blindarena.gateway.answers import MAX_ANSWER_CHARS, AnswerBuilder, Clock
from blindarena.gateway.catalog import Quirks, check_base_url
from blindarena.gateway.faults import provider_errors
from blindarena.gateway.http import Timeouts
from blindarena.gateway.posting import Poster
from blindarena.gateway.prices import Price
from blindarena.gateway.providers.openai_reply import Reply
from blindarena.gateway.providers.openai_wire import finish_reason_of, to_wire


class OpenAICompatible:
    """One upstream that speaks the OpenAI chat-completions format.

    Args:
        name: the deployment's, for errors and logs.
        http: the session of `open_session()`; whoever made it closes it.
        base_url: what comes before `/chat/completions`.
        model: the upstream's name of the model.
        price: turns usage and seconds into a cost.
        key: sent as a bearer token; None sends none.
        organization: who receives what is sent; for the owner, never sent anywhere.
        timeouts: how long to wait for what.
        quirks: where its wire format differs; those of its row in the catalogue.
        clock: measures first token and total, in seconds.
        max_chars: longest answer; it is cut there, with finish reason "length".

    Raises:
        ConfigError: the base URL or the key cannot be used.
    """

    def __init__(
        self,
        *,
        name: str,
        http: aiohttp.ClientSession,
        base_url: str,
        model: str,
        price: Price,
        key: str | None = None,
        organization: str | None = None,
        timeouts: Timeouts | None = None,
        quirks: Quirks | None = None,
        clock: Clock = time.perf_counter,
        max_chars: int = MAX_ANSWER_CHARS,
    ) -> None:
        self.base_url = check_base_url(base_url, where=f"deployment {name!r}")
        self.model = model
        self.organization = organization
        self.price = price
        self._name = name
        self.timeouts = timeouts or Timeouts()
        self._quirks = quirks or Quirks()
        self._clock = clock
        self._max_chars = max_chars
        self._url = URL(f"{self.base_url}/chat/completions")
        self._poster = Poster(name=name, http=http, key=key, timeouts=self.timeouts)

    @property
    def name(self) -> str:
        """The deployment's name."""
        return self._name

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Yield text deltas, then one Finished; every failure is a ProviderError."""
        body = to_wire(request, model=self.model, quirks=self._quirks)
        began = asyncio.get_running_loop().time()
        answer = AnswerBuilder(
            deployment=self._name,
            request=request,
            price=self.price,
            clock=self._clock,
            max_chars=self._max_chars,
        )
        with provider_errors(self._name, secret=self._poster.key):
            reply = Reply(
                await self._poster.post(
                    self._url, body, began=began, wait_s=self.timeouts.first_token_s
                ),
                deployment=self._name,
                timeouts=self.timeouts,
                began=began,
                secret=self._poster.key,
            )
            try:
                while (texts := await reply.texts()) is not None:
                    for text in texts:
                        if shown := answer.add(text):
                            yield TextDelta(shown)
                        if answer.full:
                            yield answer.finish("length")
                            return
                usage, cached = reply.usage or (None, 0)
                declined = "content_filter" if reply.refused else reply.finish
                reason = finish_reason_of(declined)
                yield answer.finish(reason, usage=usage, cached_tokens=cached)
                await reply.drain()
            finally:
                reply.close()
