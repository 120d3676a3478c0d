"""What is asked of a model, and the events that come back."""

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "content_filter", "stopped"]
ImageType = Literal["image/png", "image/jpeg", "image/webp"]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture beside the text of a message; its bytes are never shown in logs or errors."""

    media_type: ImageType
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation; `images` belong to the user's own messages."""

    role: Role
    content: str
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameters:
    """How a model is sampled; None leaves the upstream's default.

    `max_tokens` always has a value: an engine without a cap may write for ever.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int = 1024
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request for one answer; a system prompt is the first message.

    `response_schema` is a JSON schema, as JSON, that the answer must follow.
    """

    messages: tuple[Message, ...]
    parameters: Parameters = Parameters()
    response_schema: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer; `reported` is False where we counted them ourselves."""

    prompt_tokens: int
    completion_tokens: int
    reported: bool


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of every successful stream.

    Attributes:
        ttft_s: seconds from sending the request to the first text.
        seconds: seconds from sending the request to the end.
        cost_usd: None where the price is unknown, never 0 for that.
        price: the price used, in words, e.g. "1.10/4.40 USD per M tokens (genai-prices 2026-11)".
        deployment: which deployment answered.
    """

    finish_reason: FinishReason
    usage: Usage
    ttft_s: float
    seconds: float
    cost_usd: float | None
    price: str | None
    deployment: str


StreamEvent = TextDelta | Finished
