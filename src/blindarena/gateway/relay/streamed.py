"""A reply of server-sent events, passed on as it comes.

Bytes are cut only between events, so that an error can be put after any piece. A piece is searched
for the few words that could concern us; only one that has them is parsed. The first event shows
whether the upstream leaves out fields that OpenAI's document requires: if it does, each of its
events is completed, else none is touched.
"""

import asyncio
from typing import Final

import aiohttp

from blindarena.errors import ProviderError
from blindarena.gateway.calls import Call, ReplyUsage
from blindarena.gateway.faults import provider_errors
from blindarena.gateway.http import Watchdog, drain, give_back
from blindarena.gateway.posting import Poster
from blindarena.gateway.relay.events import data_of, usage_of_groq
from blindarena.gateway.relay.filling import NOTHING, Template, as_events
from blindarena.gateway.relay.usage import estimated, read_usage
from blindarena.gateway.relay.whole import checked, read_body

DONE: Final = b"data: [DONE]\n\n"
_MAX_EVENT_BYTES: Final = 16 * 2**20


class StreamedReply:
    """A stream that has begun.

    Args:
        response: a reply of status 200, its body unread.
        call: what it answers.
        poster: who it came from.
        began: when the request was sent, in the loop's time.
        prompt_bytes: length of the request, for an estimate where no usage is reported.
    """

    content_type = "text/event-stream"

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        call: Call,
        *,
        poster: Poster,
        began: float,
        prompt_bytes: int,
    ) -> None:
        self._response = response
        self._content = response.content
        self._call = call
        self._poster = poster
        self._loop = asyncio.get_running_loop()
        self._end = began + poster.timeouts.total_s
        self._deadline = began + poster.timeouts.first_token_s
        self._idle_s = poster.timeouts.idle_s
        self._watch = Watchdog(response.content, error=self._too_slow)
        self._prompt_bytes = prompt_bytes
        self._template = Template(call, stream=True)
        self._fills = False  # the upstream leaves fields out
        self._border = b"\n\n"
        self._rest = b""  # the beginning of an event whose end has not come yet
        self._ready = b""  # what `begin` has read
        self._broken: ProviderError | None = None  # it is raised once what came before is read
        self._usage: ReplyUsage | None = None
        self._events = 0
        self._finished = False  # a finish reason came
        self._over = False

    @property
    def usage(self) -> ReplyUsage | None:
        """What was used, as reported; else an estimate, one token for each event that came."""
        if self._usage is not None or not self._events:
            return self._usage
        return estimated(prompt_bytes=self._prompt_bytes, completion_tokens=self._events)

    async def begin(self, began: float) -> None:
        """Wait for the first event and look at it.

        Raises:
            ProviderError: none came, or none that begins an answer.
        """
        kind = self._response.content_type
        if kind == "application/json":
            await self._begin_whole(began)
            return
        if kind in ("text/html", "application/xhtml+xml"):
            what = "a web page came in place of an answer: wrong base_url?"
            raise self._poster.error("malformed", what)
        heard = b""
        while True:
            data = await self._receive()
            if not data:
                if heard.strip() and kind != "text/event-stream":
                    raise self._poster.error("malformed", f"no event stream but {kind}")
                raise self._poster.error("empty", "the stream ended before its first event")
            heard += data
            if len(heard) > _MAX_EVENT_BYTES:
                raise self._poster.error("malformed", "the first event is too long")
            if b"\r\n\r\n" in heard:
                self._border = b"\r\n\r\n"
            first = self._first_event(heard)
            if first is not None:
                break
        self._fills = self._template.missing(checked(first, self._template, poster=self._poster))
        self._deadline = self._loop.time() + self._idle_s
        self._ready = self._take(heard)

    async def read(self) -> bytes:
        """Return the next whole events, b"" at the end.

        Raises:
            ProviderError: the stream broke off, hung or reported an error.
        """
        if self._ready:
            ready, self._ready = self._ready, b""
            return ready
        if self._broken is not None:
            raise self._broken
        if self._over:
            await drain(self._content)
            return b""
        try:
            while True:
                data = await self._receive()
                if not data:
                    return self._ended()
                if piece := self._take(data):
                    return piece
        except ProviderError:
            raise
        except Exception:
            with provider_errors(self._poster.name, secret=self._poster.key):
                raise
            raise

    async def aclose(self) -> None:
        """Give the connection back if the body is read to its end, else close it at once."""
        self._watch.close()
        give_back(self._response)

    async def _receive(self) -> bytes:
        """Return the next bytes; b"" at the end of the body."""
        end = self._end
        deadline = self._deadline
        self._watch.wait_until(deadline if deadline < end else end)
        try:
            data = await self._content.readany()
        finally:
            self._watch.rest()
        # A comment only keeps the connection alive. What came before the first event does too.
        if data and data[0] != 58 and self._events:
            self._deadline = self._loop.time() + self._idle_s
        return data

    def _take(self, data: bytes) -> bytes:
        """Return the whole events in the bytes that came, as they are passed on."""
        if self._rest:
            data = self._rest + data
            self._rest = b""
        border = self._border
        if not data.endswith(border):
            cut = data.rfind(border)
            cut = 0 if cut < 0 else cut + len(border)
            data, self._rest = data[:cut], data[cut:]
            if len(self._rest) > _MAX_EVENT_BYTES:
                what = f"one event is longer than {_MAX_EVENT_BYTES} bytes"
                raise self._poster.error("malformed", what)
            if not data:
                return b""
        self._events += data.count(border)
        if not self._finished and (b'"finish_reason":"' in data or b'"finish_reason": "' in data):
            self._finished = True
        if (
            not self._fills
            and b'"usage":{' not in data
            and b'"usage": {' not in data
            and b"[DONE]" not in data
            and b'"error"' not in data
        ):
            return data
        whole: list[bytes] = []
        try:
            whole.extend(self._event(block) for block in data.split(border) if block)
        except ProviderError as error:
            if not any(whole):
                raise
            self._broken = error
        return b"".join(whole)

    def _event(self, block: bytes) -> bytes:
        """Look at one event and return what is passed on of it."""
        whole = block + self._border
        data = data_of(block)
        if data is None:
            return whole
        if data == b"[DONE]":
            self._over = True
            self._events -= 1
            return whole
        reply = checked(data, self._template, poster=self._poster)
        raw = reply.get("usage")
        if raw is None and "x_groq" in reply:
            raw = usage_of_groq(reply)
        if raw is not None and bytes(raw) not in NOTHING:
            self._usage = read_usage(raw) or self._usage
            if bytes(reply["choices"]).strip() == b"[]" and not self._call.want_usage:
                return b""
        if not self._fills:
            return whole
        return b"data: " + self._template.fill(reply) + self._border

    def _first_event(self, heard: bytes) -> bytes | None:
        """Return the data of the first event that has any; None while it is not whole."""
        *blocks, _ = heard.split(self._border)
        for block in blocks:
            if (data := data_of(block)) is not None:
                return data
        return None

    async def _begin_whole(self, began: float) -> None:
        """Make events of a reply that was not streamed."""
        body = await read_body(self._response, poster=self._poster, began=began)
        reply = checked(body, self._template, poster=self._poster)
        self._usage = read_usage(reply["usage"]) if "usage" in reply else None
        self._ready = as_events(reply, self._template, want_usage=self._call.want_usage)
        self._events = 1
        self._over = True

    def _ended(self) -> bytes:
        """Say what the end of the body means."""
        self._over = True
        last = b""
        if self._rest.strip():  # some servers leave out the blank line after [DONE]
            rest, self._rest = self._rest, b""
            last = self._take(rest.rstrip() + self._border)
        if not self._finished:
            raise self._poster.error("reset", "the stream broke off without a finish reason")
        return last if b"[DONE]" in last else last + DONE

    def _too_slow(self) -> ProviderError:
        late = self._loop.time() >= self._end
        return self._poster.error(
            "timeout", self._poster.timeouts.passed(total=late, begun=self._events > 0)
        )


async def begin_stream(
    response: aiohttp.ClientResponse,
    call: Call,
    *,
    poster: Poster,
    began: float,
    prompt_bytes: int,
) -> StreamedReply:
    """Wait for the first event of a reply of status 200.

    Raises:
        ProviderError: there is none, or it is no answer.
    """
    reply = StreamedReply(response, call, poster=poster, began=began, prompt_bytes=prompt_bytes)
    try:
        await reply.begin(began)
    except BaseException:
        await reply.aclose()
        raise
    return reply
