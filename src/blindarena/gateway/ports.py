"""What the gateway needs from outside: models that stream, keys, and where usage goes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from blindarena.domain.chat import ChatRequest, StreamEvent
from blindarena.domain.usage import UsageRow


class ChatModel(Protocol):
    """One deployment that answers chat requests."""

    @property
    def name(self) -> str:
        """The deployment's name, for logs and the owner."""
        ...

    def stream(self, request: ChatRequest) -> AsyncIterator[StreamEvent]:
        """Yield text deltas, then exactly one Finished; closing the iterator closes the upstream.

        Raises:
            ProviderError: every failure, also a stream that ends without any text.
        """
        ...


@dataclass(frozen=True, slots=True)
class Estimate:
    """The most that a request may use, reserved before it is sent.

    Attributes:
        tokens: of prompt and completion.
        cost_usd: at the dearest deployment that may answer; None where a price is unknown.
    """

    tokens: int
    cost_usd: float | None


class Admission(Protocol):
    """A request that was let in, with what was reserved for it."""

    @property
    def key_id(self) -> UUID | None:
        """Whose key it came with; None where none is asked for."""
        ...

    def settle(self, *, tokens: int | None, cost_usd: float | None) -> None:
        """Replace the reservation by what was used; 0 gives it back, None keeps it. Never waits."""
        ...


class Doorkeeper(Protocol):
    """Knows the keys and holds their limits."""

    async def admit(self, secret: str | None, *, model: str, estimate: Estimate) -> Admission:
        """Let a request in.

        Raises:
            GatewayError: 401 no or unknown key, revoked or expired; 403 a model it may not use;
                429 a limit, with `retry_after_s`.
        """
        ...

    async def allowed(self, secret: str | None) -> frozenset[str] | None:
        """Return the models that a key may use; None is all of them.

        Raises:
            GatewayError: 401, as `admit`.
        """
        ...


class UsageSink(Protocol):
    """Takes what requests used, to be written in batches."""

    def add(self, row: UsageRow) -> None:
        """Keep a row to be written; never waits, never fails."""
        ...
