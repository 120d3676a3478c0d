"""Hosts without a row or a format of ours, through the optional package any-llm.

`pip install 'blindarena[any-llm]'`, and for some hosts the SDK that any-llm names. The model is
written `provider:model`, as any-llm does. Nothing is imported before the first request.
"""

import asyncio
import importlib
import importlib.util
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from blindarena.domain.chat import ChatRequest, StreamEvent
from blindarena.errors import ConfigError, ProviderError, ProviderFault
from blindarena.gateway.answers import AnswerBuilder, Clock
from blindarena.gateway.calls import Call, Reply
from blindarena.gateway.catalog import Quirks
from blindarena.gateway.faults import error_of_status, provider_errors, quote
from blindarena.gateway.http import Timeouts
from blindarena.gateway.prices import Price
from blindarena.gateway.providers.answering import answer_events
from blindarena.gateway.providers.openai_wire import to_wire
from blindarena.gateway.providers.translated import TranslatedReply, as_chat, writer_for
from blindarena.gateway.sse import SSEEvent
from blindarena.gateway.translate.chat_format import read_chat
from blindarena.gateway.translate.chat_reader import ChatReader
from blindarena.gateway.translate.pieces import Piece
from blindarena.gateway.translate.refusing import unsupported

_PASSED: Final = (
    "messages",
    "tools",
    "tool_choice",
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "response_format",
    "stop",
    "presence_penalty",
    "frequency_penalty",
    "seed",
    "parallel_tool_calls",
    "reasoning_effort",
    "stream_options",
)
"""Fields of OpenAI's format that any-llm takes; all others are dropped."""
_FAULTS: Final[dict[str, ProviderFault]] = {
    "RateLimitError": "rate_limit",
    "AuthenticationError": "auth",
    "MissingApiKeyError": "auth",
    "ContentFilterError": "declined",
    "ContentFilterFinishReasonError": "declined",
    "InvalidRequestError": "bad_request",
    "ContextLengthExceededError": "bad_request",
    "UnsupportedParameterError": "bad_request",
    "UnsupportedProviderError": "bad_request",
    "ModelNotFoundError": "bad_request",
    "GatewayTimeoutError": "timeout",
    "APITimeoutError": "timeout",
    "APIConnectionError": "reset",
}
Completion = Callable[..., Awaitable[Any]]


class AnyLLM:
    """One deployment that any-llm reaches, with both doors: ChatModel and Upstream.

    Args:
        name: the deployment's, for errors and logs.
        model: `provider:model`.
        price: turns usage and seconds into a cost.
        key: given to any-llm; without, it looks into the environment.
        base_url: the host's address, where any-llm's own is not meant.
        timeouts: how long to wait for what; `connect_s` is any-llm's own affair.
        clock: measures first token and total, in seconds.
        completion: any-llm's `acompletion`; a test gives another.

    Raises:
        ConfigError: any-llm is not installed, or the model names no provider.
    """

    def __init__(
        self,
        *,
        name: str,
        model: str,
        price: Price,
        key: str | None = None,
        base_url: str | None = None,
        timeouts: Timeouts | None = None,
        clock: Clock = time.perf_counter,
        completion: Completion | None = None,
    ) -> None:
        if ":" not in model:
            raise ConfigError(
                f"deployment {name!r}: model {model!r}: any-llm wants PROVIDER:MODEL, "
                'such as "mistral:mistral-small-latest"'
            )
        if completion is None and importlib.util.find_spec("any_llm") is None:
            raise ConfigError(
                f"deployment {name!r}: any-llm is not installed: pip install 'blindarena[any-llm]'"
            )
        self.model = model
        self.price = price
        self.timeouts = timeouts or Timeouts()
        self._name = name
        self._key = key
        self._fixed = {"model": model, "api_key": key, "api_base": base_url}
        self._clock = clock
        self._completion = completion

    @property
    def name(self) -> str:
        """The deployment's name."""
        return self._name

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Yield text deltas, then one Finished; every failure is a ProviderError."""
        wire = to_wire(request, model=self.model, quirks=Quirks())
        answer = AnswerBuilder(
            deployment=self._name, request=request, price=self.price, clock=self._clock
        )
        source = await self._ask(msgspec.json.decode(wire), stream=True)
        try:
            async for event in answer_events(self._pieces(source), answer, deployment=self._name):
                yield event
        finally:
            await source.aclose()

    async def send(self, call: Call) -> Reply:
        """Send the request; wait for the whole reply, or for the first token of a stream.

        Raises:
            ProviderError: there is none.
            GatewayError: 400: another endpoint, or a feature that any-llm does not pass on.
        """
        chat = as_chat(call) if call.endpoint == "messages" else call
        if chat.endpoint != "chat":
            raise unsupported("model", f"{call.model!r} answers chats only, not {call.endpoint}")
        read_chat(chat.fields, upstream="any-llm")
        fields = {name: msgspec.json.decode(raw) for name, raw in chat.fields.items()}
        if call.max_tokens is not None and not fields.keys() & {
            "max_tokens",
            "max_completion_tokens",
        }:
            fields["max_tokens"] = call.max_tokens
        source = await self._ask(fields, stream=call.stream)
        reply = TranslatedReply(
            source,
            reader=ChatReader(deployment=self._name, id=call.request_id),
            writer=writer_for(call, deployment=self._name),
            stream=call.stream,
            deployment=self._name,
        )
        await reply.begin()
        return reply

    async def _ask(self, fields: dict[str, Any], *, stream: bool) -> "_Source":
        asked = {name: fields[name] for name in _PASSED if fields.get(name) is not None}
        if stream:
            asked |= {"stream": True, "stream_options": {"include_usage": True}}
        began = asyncio.get_running_loop().time()
        wait_s = self.timeouts.first_token_s if stream else self.timeouts.total_s
        with self._errors():
            if self._completion is None:
                # It takes seconds to import, during which others' streams must go on.
                module = await asyncio.to_thread(importlib.import_module, "any_llm")
                self._completion = module.acompletion
            async with asyncio.timeout_at(began + wait_s):
                found = await self._completion(**self._fixed, **asked)
        return _Source(found, owner=self, began=began)

    async def _pieces(self, source: "_Source") -> AsyncGenerator[Piece, None]:
        reader = ChatReader(deployment=self._name)
        while data := await source.read():
            with provider_errors(self._name, secret=self._key):
                pieces = reader.event(SSEEvent("message", data[6:-2]))
            for piece in pieces:
                yield piece

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Raise ProviderError in place of whatever any-llm and the SDKs below it raise."""
        try:
            with provider_errors(self._name, secret=self._key):
                yield
        except (ProviderError, asyncio.CancelledError, GeneratorExit, StopAsyncIteration):
            raise
        except Exception as error:
            raise self._error(error) from error

    def _error(self, error: Exception) -> ProviderError:
        status = getattr(error, "status_code", None)
        kind = type(error).__name__
        text = quote(f"{kind}: {error}", secret=self._key)
        if isinstance(status, int) and status >= 400:
            after = getattr(error, "retry_after", None)
            headers = {"Retry-After": str(after)} if after else {}
            return error_of_status(
                status, headers, text.encode(), deployment=self._name, secret=self._key
            )
        fault = _FAULTS.get(kind, "refused" if isinstance(error, ImportError) else "server")
        return ProviderError(
            f"{self._name}: any-llm: {text}",
            fault=fault,
            deployment=self._name,
            retryable=fault not in ("bad_request", "declined", "auth"),
        )


class _Source:
    """What any-llm gave, as events of OpenAI's format, or as one body."""

    def __init__(self, found: Any, *, owner: AnyLLM, began: float) -> None:
        self._whole = None if isinstance(found, AsyncIterator) else found
        self._chunks = found if isinstance(found, AsyncIterator) else None
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._end = began + owner.timeouts.total_s
        self._deadline = began + owner.timeouts.first_token_s

    async def read(self) -> bytes:
        """Return the next event or the whole body, b"" at the end."""
        if self._chunks is None:
            whole, self._whole = self._whole, None
            return b"" if whole is None else _json(whole)
        with self._owner._errors():
            async with asyncio.timeout_at(min(self._deadline, self._end)):
                chunk = await anext(self._chunks, None)
        self._deadline = self._loop.time() + self._owner.timeouts.idle_s
        return b"" if chunk is None else b"data: %b\n\n" % _json(chunk)

    async def aclose(self) -> None:
        """Close the stream."""
        close = getattr(self._chunks, "aclose", None)
        if close is not None:
            await close()


def _json(found: Any) -> bytes:
    text: str = found.model_dump_json(exclude_none=True)
    return text.encode()
