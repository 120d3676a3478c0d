"""One upstream of a format that is not OpenAI's, with both doors: ChatModel and Upstream."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping

import aiohttp
import msgspec
from yarl import URL

from blindarena.domain.chat import ChatRequest, StreamEvent
from blindarena.errors import GatewayError, ProviderError
from blindarena.gateway.answers import MAX_ANSWER_CHARS, AnswerBuilder, Clock
from blindarena.gateway.calls import Call, Reply
from blindarena.gateway.catalog import Quirks, check_base_url
from blindarena.gateway.faults import provider_errors
from blindarena.gateway.http import Timeouts
from blindarena.gateway.posting import Poster
from blindarena.gateway.prices import Price
from blindarena.gateway.providers.answering import answer_events
from blindarena.gateway.providers.openai_wire import to_wire
from blindarena.gateway.providers.timed_body import TimedBody
from blindarena.gateway.providers.translated import TranslatedReply, as_chat, writer_for
from blindarena.gateway.sse import SSEParser
from blindarena.gateway.translate.chat_format import ChatBody, read_chat
from blindarena.gateway.translate.pieces import Ended, Piece, Reader, Used
from blindarena.gateway.translate.refusing import unsupported

_DEFAULT_CAP = 4096
_WEB_PAGE = frozenset({"text/html", "application/xhtml+xml"})
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class NativeUpstream(ABC):
    """One deployment of a vendor's own format.

    Args:
        name: the deployment's, for errors and logs.
        http: the session of `open_session()`; whoever made it closes it.
        base_url: what the vendor's paths are added to.
        model: the upstream's name of the model.
        price: turns usage and seconds into a cost.
        key: sent in the vendor's own header; None sends none.
        organization: who receives what is sent; for the owner, never sent anywhere.
        timeouts: how long to wait for what.
        clock: measures first token and total, in seconds.
        max_chars: longest answer in the arena; it is cut there, with finish reason "length".

    Raises:
        ConfigError: the base URL or the key cannot be used.
    """

    title: str
    """The format's name in errors."""

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
        clock: Clock = time.perf_counter,
        max_chars: int = MAX_ANSWER_CHARS,
    ) -> None:
        self.base_url = check_base_url(base_url, where=f"deployment {name!r}")
        self.model = model
        self.organization = organization
        self.price = price
        self.timeouts = timeouts or Timeouts()
        self._name = name
        self._clock = clock
        self._max_chars = max_chars
        self._poster = Poster(
            name=name, http=http, key=key, timeouts=self.timeouts, headers=self._headers(key)
        )

    @property
    def name(self) -> str:
        """The deployment's name."""
        return self._name

    @abstractmethod
    def _headers(self, key: str | None) -> Mapping[str, str]:
        """Return the headers that hold the key and the format's version."""

    @abstractmethod
    def _url(self, *, stream: bool) -> URL:
        """Return where a request goes."""

    @abstractmethod
    def _body(self, body: ChatBody, *, cap: int, stream: bool) -> bytes:
        """Encode a request; raises GatewayError 400 for what the format cannot say."""

    @abstractmethod
    def _reader(self, id: str) -> Reader:
        """Return a reader of one reply."""

    async def send(self, call: Call) -> Reply:
        """Send the request; wait for the whole reply, or for the first token of a stream.

        Raises:
            ProviderError: no reply, one that is none, or a refusal.
            GatewayError: 400: another endpoint, or something that the format cannot say.
        """
        chat = as_chat(call, top_k=True) if call.endpoint == "messages" else call
        if chat.endpoint != "chat":
            raise unsupported("model", f"{call.model!r} answers chats only, not {call.endpoint}")
        body = read_chat(chat.fields, upstream=self.title)
        sent = self._body(body, cap=call.max_tokens or _DEFAULT_CAP, stream=call.stream)
        source = await self._open(sent, stream=call.stream, more=call.trace_headers)
        reply = TranslatedReply(
            source,
            reader=self._reader(call.request_id),
            writer=writer_for(call, deployment=self._name),
            stream=call.stream,
            deployment=self._name,
            heard=source.heard,
        )
        await reply.begin()
        return reply

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Yield text deltas, then one Finished; every failure is a ProviderError."""
        answer = AnswerBuilder(
            deployment=self._name,
            request=request,
            price=self.price,
            clock=self._clock,
            max_chars=self._max_chars,
        )
        source = await self._open(self._asked(request), stream=True)
        try:
            async for event in answer_events(self._pieces(source), answer, deployment=self._name):
                yield event
        finally:
            await source.aclose()

    async def _pieces(self, source: TimedBody) -> AsyncGenerator[Piece, None]:
        """Yield what a stream says; a tail that is lost after the end of the answer is no loss."""
        reader = self._reader("0")
        parser = SSEParser(max_event_bytes=16 * 2**20)
        over = False
        with provider_errors(self._name, secret=self._poster.key):
            while True:
                try:
                    data = await source.read()
                except ProviderError:
                    if over:
                        return
                    raise
                for event in parser.feed(data):
                    for piece in reader.event(event):
                        if not isinstance(piece, Used):
                            source.heard()
                        over |= isinstance(piece, Ended)
                        yield piece
                if not data:
                    for piece in reader.end():
                        yield piece
                    return

    def _asked(self, request: ChatRequest) -> bytes:
        """Encode the arena's request."""
        fields = _decode_fields(to_wire(request, model=self.model, quirks=Quirks()))
        try:
            body = read_chat(fields, upstream=self.title)
            return self._body(body, cap=request.parameters.max_tokens, stream=True)
        except GatewayError as error:
            raise self._poster.error("bad_request", str(error)) from error

    async def _open(
        self, body: bytes, *, stream: bool, more: Mapping[str, str] | None = None
    ) -> TimedBody:
        """Post, and return the body of a reply of status 200."""
        poster = self._poster
        began = asyncio.get_running_loop().time()
        wait_s = self.timeouts.first_token_s if stream else self.timeouts.total_s
        with provider_errors(self._name, secret=poster.key):
            response = await poster.post(
                self._url(stream=stream), body, began=began, wait_s=wait_s, more=more
            )
        source = TimedBody(response, poster=poster, began=began, stream=stream)
        expected = "text/event-stream" if stream else "application/json"
        if source.content_type != expected:
            await source.aclose()
            if source.content_type in _WEB_PAGE:
                what = "a web page came in place of an answer: wrong base_url?"
            else:
                what = f"{source.content_type} came, expected {expected}"
            raise poster.error("malformed", what)
        return source
