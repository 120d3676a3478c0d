"""One request on its way through the gateway, and the reply that comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec

from blindarena.domain.usage import Endpoint, UsageRow
from blindarena.errors import ProviderError
from blindarena.gateway.prices import Price


class AttemptTrace(Protocol):
    """What is traced of one request at one deployment."""

    def end(self, error: ProviderError | None) -> None:
        """Say how it went; None is well, or nobody knows."""
        ...


class Trace(Protocol):
    """What is traced of one request."""

    def attempt(self, call: "Call", deployment: str) -> AttemptTrace:
        """Say that the call goes to a deployment now."""
        ...

    def end(self, row: UsageRow) -> None:
        """Say what became of it."""
        ...


@dataclass(slots=True)
class Call:
    """A client's request, checked as far as everybody needs it checked.

    Attributes:
        endpoint: says the format too: "messages" is Anthropic's, all others are OpenAI's.
        model: as the client named it.
        fields: the body's top-level fields in the order sent, values unparsed; an adapter puts
            its own model name in.
        stream: the client reads server-sent events.
        request_id: for logs, headers and usage.
        want_usage: the client asked to see usage in the stream. We always ask the upstream for
            it, and drop the last event where the client did not.
        max_tokens: cap on the answer, the default put in where the client named none; None for
            embeddings.
        prefix: what prefix routing hashes; None where it is not asked for.
        trace: is told of every attempt; None where nothing is traced.
        trace_headers: what an adapter sends along, so that the upstream's spans join the trace.
    """

    endpoint: Endpoint
    model: str
    fields: dict[str, msgspec.Raw]
    stream: bool
    request_id: str
    want_usage: bool = False
    max_tokens: int | None = None
    prefix: bytes | None = None
    trace: Trace | None = None
    trace_headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ReplyUsage:
    """Tokens of one reply; `reported` is False where we counted them ourselves."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    reported: bool = True


class Reply(Protocol):
    """A reply in the format of the call's endpoint: good, and begun.

    It exists only once the upstream has said 200 and, for a stream, sent its first event: until
    then a failure is an exception of `Upstream.send`, and another deployment may be asked.
    """

    @property
    def content_type(self) -> str:
        """`application/json` or `text/event-stream`."""
        ...

    @property
    def usage(self) -> ReplyUsage | None:
        """What was used; None before the end, and where nobody knows."""
        ...

    async def read(self) -> bytes:
        """Return the next bytes to pass on, b"" at the end.

        Raises:
            ProviderError: it broke off.
        """
        ...

    async def aclose(self) -> None:
        """Close the connection to the upstream, or give it back; never raises."""
        ...


class Upstream(Protocol):
    """One deployment as the gateway's relay sees it."""

    @property
    def name(self) -> str:
        """The deployment's name."""
        ...

    @property
    def price(self) -> Price:
        """Turns usage and seconds into a cost."""
        ...

    async def send(self, call: Call) -> Reply:
        """Send the request and wait until the reply has begun.

        Raises:
            ProviderError: there is no reply; `retryable` says whether another may give one.
            GatewayError: this upstream has no such feature (a 4xx that names it).
        """
        ...


class Relayed(Protocol):
    """A reply with the deployment's slot; the reader calls `end` exactly once, after `aclose`."""

    reply: Reply
    deployment: str
    attempts: int
    price: Price

    def end(self, error: ProviderError | None) -> None:
        """Give the slot back and tell the router how it went; None is well, or the reader left."""
        ...
