"""Read one reply of the OpenAI chat-completions format: streamed, or whole as JSON."""

import asyncio

import aiohttp
import msgspec

from blindarena.domain.chat import Usage
from blindarena.errors import ProviderError, ProviderFault
from blindarena.gateway.faults import quote
from blindarena.gateway.http import Timeouts, Watchdog, drain, give_back
from blindarena.gateway.providers.openai_wire import (
    FAILED_FINISH,
    Chunk,
    decode_chunk,
    usage_of,
)
from blindarena.gateway.sse import SSEEvent, SSEOverflowError, SSEParser

_USAGE_WAIT_S = 5.0
"""After the finish reason only usage may come; it is not worth more waiting than this."""
_MAX_JSON_BYTES = 8 * 2**20
_BROKEN = (ProviderError, aiohttp.ClientError, msgspec.MsgspecError, SSEOverflowError, OSError)


class Reply:
    """One reply of status 200.

    Args:
        response: its body has not been read.
        deployment: for the text of errors.
        timeouts: how long to wait for what.
        began: when the request was sent, in the loop's time.
        secret: the key, kept out of errors.

    Attributes:
        finish: the upstream's finish reason, once it has come.
        refused: the model has declined to answer.
        usage: usage and cached prompt tokens, where reported.
    """

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        *,
        deployment: str,
        timeouts: Timeouts,
        began: float,
        secret: str | None,
    ) -> None:
        self.finish: str | None = None
        self.refused = False
        self.usage: tuple[Usage, int] | None = None
        self._response = response
        self._content = response.content
        self._deployment = deployment
        self._secret = secret
        self._timeouts = timeouts
        self._loop = asyncio.get_running_loop()
        self._end = began + timeouts.total_s
        self._deadline = began + timeouts.first_token_s
        self._watch = Watchdog(response.content, error=self._too_slow)
        self._parser = SSEParser()
        self._kind = response.content_type
        self._progress = False  # a token came since the last wait
        self._begun = False
        self._heard = False  # at least one event came
        self._over = False
        self._broken: Exception | None = None

    async def texts(self) -> list[str] | None:
        """Return the next pieces of visible text, perhaps none yet; None at the end.

        What came before a failure is returned first; the failure is raised by the next call.
        """
        if self._broken is not None:
            raise self._broken
        if self._over:
            return None
        texts: list[str] = []
        try:
            if self._kind in ("text/html", "application/xhtml+xml"):
                raise self._error(
                    "malformed", "a web page came in place of an answer: wrong base_url?"
                )
            if self._kind == "application/json":
                await self._read_json(texts)
            else:
                await self._read_events(texts)
        except _BROKEN as error:
            if self.finish is not None:  # the answer is whole; only its tail is lost
                self._over = True
            elif texts:
                self._broken = error
            else:
                raise
        return texts

    async def drain(self) -> None:
        """Wait a moment for the end of the body, so that the connection can be used again."""
        await drain(self._content)

    def close(self) -> None:
        """Give the connection back if the body is read to its end, else close it at once."""
        self._watch.close()
        give_back(self._response)

    async def _read_events(self, texts: list[str]) -> None:
        data = await self._read()
        for event in self._parser.feed(data) if data else self._parser.finish():
            if event.data == b"[DONE]":
                self._over = True
                return
            if event.data:
                try:
                    text = self._take(event)
                except msgspec.MsgspecError:
                    if not data:  # the cut-off end of a broken stream, not a malformed event
                        break
                    raise
                if text:
                    texts.append(text)
        if data:
            return
        self._over = True
        if self.finish is None:
            if not self._heard and self._kind != "text/event-stream":
                raise self._error("malformed", f"no event stream but {self._kind}")
            raise self._error("reset", "the stream broke off without a finish reason")

    async def _read_json(self, texts: list[str]) -> None:
        """Read a reply that was not streamed, as one piece."""
        body = bytearray()
        while data := await self._read():
            body += data
            if len(body) > _MAX_JSON_BYTES:
                raise self._error("malformed", f"the reply is longer than {_MAX_JSON_BYTES} bytes")
        self._over = True
        text = self._take(SSEEvent("message", bytes(body)))
        if text:
            texts.append(text)

    async def _read(self) -> bytes:
        """Return the next bytes; b"" at the end of the body."""
        now = self._loop.time()
        if self._progress:
            self._progress = False
            self._begun = True
            self._deadline = now + self._timeouts.idle_s
        if self.finish is not None:
            self._deadline = min(self._deadline, now + _USAGE_WAIT_S)
        if now >= self._end:
            raise self._too_slow()
        self._watch.wait_until(min(self._deadline, self._end))
        try:
            return await self._content.readany()
        finally:
            self._watch.rest()

    def _take(self, event: SSEEvent) -> str:
        """Read one event and return its visible text."""
        self._heard = True
        chunk: Chunk = decode_chunk(event.data)
        if event.type == "error" or chunk.failed:
            raise self._error(
                "malformed", f"the upstream reports: {event.data.decode('utf-8', 'replace')}"
            )
        found = usage_of(chunk)
        if found is not None:
            self.usage = found
        if not chunk.choices or chunk.choices[0].index != 0:
            return ""
        choice = chunk.choices[0]
        if choice.finish_reason:
            if choice.finish_reason in FAILED_FINISH:
                raise self._error("server", f"the upstream ended with {choice.finish_reason!r}")
            self.finish = choice.finish_reason
        delta = choice.delta or choice.message
        if delta is None:
            return ""
        text = delta.text
        self.refused |= delta.refuses
        if text or delta.thinks or delta.refuses:
            self._progress = True
        return text

    def _too_slow(self) -> ProviderError:
        late = self._loop.time() >= self._end
        return self._error("timeout", self._timeouts.passed(total=late, begun=self._begun))

    def _error(self, fault: ProviderFault, what: str) -> ProviderError:
        text = f"{self._deployment}: {quote(what, secret=self._secret)}"
        return ProviderError(text, fault=fault, deployment=self._deployment)
