"""One upstream that speaks the OpenAI chat-completions format."""

import asyncio
import time
from collections.abc import AsyncGenerator

import aiohttp

from blindarena.domain.chat import ChatRequest, StreamEvent, TextDelta
from blindarena.errors import ConfigError, ProviderError, ProviderFault
from blindarena.gateway.answers import MAX_ANSWER_CHARS, AnswerBuilder, Clock
from blindarena.gateway.catalog import Quirks, check_base_url
from blindarena.gateway.faults import error_of_status, provider_errors
from blindarena.gateway.http import Timeouts
from blindarena.gateway.prices import Price
from blindarena.gateway.providers.openai_reply import Reply
from blindarena.gateway.providers.openai_wire import finish_reason_of, to_wire

_ERROR_BODY_BYTES = 8192


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
        self._http = http
        self._key = key
        self.timeouts = timeouts or Timeouts()
        self._quirks = quirks or Quirks()
        self._clock = clock
        self._max_chars = max_chars
        self._url = f"{self.base_url}/chat/completions"
        self._headers = {
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",  # a compressor would hold tokens back
            "Content-Type": "application/json",
        }
        if key is not None:
            if not key or not key.isascii() or not key.isprintable() or " " in key:
                raise ConfigError(
                    f"deployment {name!r}: the key is empty or has blanks or odd signs"
                )
            self._headers["Authorization"] = f"Bearer {key}"

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
        with provider_errors(self._name, secret=self._key):
            reply = Reply(
                await self._post(body, began),
                deployment=self._name,
                timeouts=self.timeouts,
                began=began,
                secret=self._key,
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

    async def _post(self, body: bytes, began: float) -> aiohttp.ClientResponse:
        """Send the request and return a reply of status 200, its body unread."""
        if self._http.closed:
            raise self._error("refused", "the HTTP session is closed (shutting down)")
        try:
            async with asyncio.timeout_at(began + self.timeouts.first_token_s):
                reply = await self._http.post(
                    self._url,
                    data=body,
                    headers=self._headers,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(sock_connect=self.timeouts.connect_s),
                )
                if reply.status == 200:
                    return reply
                try:
                    detail = await reply.content.read(_ERROR_BODY_BYTES)
                finally:
                    reply.close()
        except aiohttp.ConnectionTimeoutError as error:
            what = f"no connection within {self.timeouts.connect_s:g} s"
            raise self._error("timeout", what) from error
        except TimeoutError as error:
            what = f"no first token within {self.timeouts.first_token_s:g} s"
            raise self._error("timeout", what) from error
        raise error_of_status(
            reply.status, reply.headers, detail, deployment=self._name, secret=self._key
        )

    def _error(self, fault: ProviderFault, what: str) -> ProviderError:
        return ProviderError(f"{self._name}: {what}", fault=fault, deployment=self._name)
