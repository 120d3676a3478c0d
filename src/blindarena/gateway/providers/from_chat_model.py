"""Any ChatModel as an upstream of the gateway: text and pictures in, text out."""

import base64
import binascii
from collections.abc import AsyncGenerator, AsyncIterator

from blindarena.domain.chat import (
    ChatRequest,
    Image,
    ImageType,
    Message,
    Parameters,
    Role,
    StreamEvent,
    TextDelta,
)
from blindarena.errors import ProviderError
from blindarena.gateway.calls import Call, Reply, ReplyUsage
from blindarena.gateway.ports import ChatModel
from blindarena.gateway.prices import Price, UnknownPrice
from blindarena.gateway.providers.translated import as_chat, writer_for
from blindarena.gateway.translate.chat_format import ChatBody, Part, Turn, read_chat, text_of
from blindarena.gateway.translate.images import data_uri
from blindarena.gateway.translate.pieces import Ended, Piece, Text, Used, Writer
from blindarena.gateway.translate.refusing import invalid, unsupported

_IMAGES: dict[str, ImageType] = {
    "image/png": "image/png",
    "image/jpeg": "image/jpeg",
    "image/webp": "image/webp",
}
_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}


class FromChatModel:
    """An upstream whose answers come from a ChatModel; calls of both chat formats are taken.

    Tools, structured output and log probabilities are refused: a ChatModel has none.

    Args:
        model: answers.
        price: of the model; without, its own attribute `price`, else unknown.
    """

    def __init__(self, model: ChatModel, *, price: Price | None = None) -> None:
        self._model = model
        self.price: Price = price or getattr(model, "price", None) or UnknownPrice()

    @property
    def name(self) -> str:
        """The deployment's name."""
        return self._model.name

    async def send(self, call: Call) -> Reply:
        """Ask the model and wait for its first text.

        Raises:
            ProviderError: it gave none.
            GatewayError: 400: another endpoint, or a feature that a ChatModel lacks.
        """
        chat = as_chat(call) if call.endpoint == "messages" else call
        if chat.endpoint != "chat":
            raise unsupported("model", f"{call.model!r} answers chats only, not {call.endpoint}")
        body = read_chat(chat.fields, upstream=f"the model {call.model!r}")
        events = self._model.stream(chat_request(body, cap=call.max_tokens))
        first = await anext(aiter(events), None)
        if first is None:
            raise ProviderError(f"{self.name}: no event", fault="empty", deployment=self.name)
        writer = writer_for(call, deployment=self.name)
        return _StreamedReply(first, events, writer=writer, stream=call.stream)


class _StreamedReply:
    """A model's stream, written as a reply."""

    def __init__(
        self,
        first: StreamEvent,
        events: AsyncIterator[StreamEvent],
        *,
        writer: Writer,
        stream: bool,
    ) -> None:
        self._first: StreamEvent | None = first
        self._events = events
        self._writer = writer
        self._stream = stream
        self._over = False
        self.usage: ReplyUsage | None = None

    @property
    def content_type(self) -> str:
        """`application/json` or `text/event-stream`."""
        return "text/event-stream" if self._stream else "application/json"

    async def read(self) -> bytes:
        """Return the next bytes to pass on, b"" at the end."""
        if self._over:
            return b""
        if self._stream:
            pieces = await self._next()
            out = b"".join(map(self._writer.piece, pieces))
            return out if self.usage is None else out + self._writer.end()
        every: list[Piece] = []
        while self.usage is None:
            every += await self._next()
        return self._writer.whole(every)

    async def aclose(self) -> None:
        """Close the model's stream."""
        self._over = True
        if isinstance(self._events, AsyncGenerator):
            await self._events.aclose()

    async def _next(self) -> list[Piece]:
        event = await anext(self._events) if self._first is None else self._first
        self._first = None
        if isinstance(event, TextDelta):
            return [Text(event.text)]
        self._over = True
        used = event.usage
        self.usage = ReplyUsage(used.prompt_tokens, used.completion_tokens, reported=used.reported)
        reason = "stop" if event.finish_reason == "stopped" else event.finish_reason
        return [Ended(reason), Used(used.prompt_tokens, used.completion_tokens)]


def chat_request(body: ChatBody, *, cap: int | None = None) -> ChatRequest:
    """Return the request as a ChatModel takes it.

    Args:
        body: read with `read_chat`.
        cap: on the answer, where the body names none.

    Raises:
        GatewayError: 400: tools, structured output, or content other than text and pictures.
    """
    if body.tools:
        raise unsupported("tools", "this model cannot call tools")
    if body.response_format is not None and body.response_format.type != "text":
        raise unsupported("response_format", "this model answers in plain text only")
    parameters = Parameters(
        temperature=body.temperature,
        top_p=body.top_p,
        max_tokens=body.cap or cap or Parameters().max_tokens,
        seed=body.seed,
        stop=tuple(body.stops),
    )
    turns = [_message(turn, f"messages[{at}]") for at, turn in enumerate(body.messages)]
    return ChatRequest(tuple(turns), parameters)


def _message(turn: Turn, where: str) -> Message:
    role = _ROLES.get(turn.role)
    if role is None or turn.tool_calls:
        raise unsupported(f"{where}.role", f"{turn.role!r}: this model cannot call tools")
    if role != "user" or not isinstance(turn.content, list):
        return Message(role, text_of(turn.content, where))
    texts: list[str] = []
    images: list[Image] = []
    for at, part in enumerate(turn.content):
        if part.type == "text":
            texts.append(part.text)
        else:
            images.append(_image(part, f"{where}.content[{at}]"))
    return Message(role, "\n".join(texts), tuple(images))


def _image(part: Part, where: str) -> Image:
    if part.type != "image_url" or part.image_url is None:
        raise unsupported(where, f"a part {part.type!r}: this model takes text and pictures")
    found = data_uri(part.image_url.url)
    if found is None:
        raise unsupported(where, "an address on the web: send the picture as a data URI")
    kind, text = found
    if kind not in _IMAGES:
        raise unsupported(where, f"{kind!r}: expected image/png, image/jpeg or image/webp")
    try:
        return Image(_IMAGES[kind], base64.b64decode(text, validate=True))
    except binascii.Error as error:
        raise invalid(where, f"the picture is not base64: {error}") from error
