"""What the gateway needs from outside: models that stream, keys, and where usage goes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from blindarena.domain.chat import ChatRequest, StreamEvent
from blindarena.domain.usage import UsageRow
from blindarena.gateway.calls import Call, Relayed
from blindarena.gateway.prices import Price


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


class Relays(Protocol):
    """The router as `/v1` sees it."""

    async def relay(self, call: Call) -> Relayed:
        """Send a call to a deployment of its model, and to the next one where that may help.

        Raises:
            GatewayError: no such model, or nobody has room for the call.
            ProviderError: those that were asked failed; it is the last one's.
        """
        ...

    def models(self) -> list[str]:
        """Return the names of the models that are served."""
        ...

    def dearest(self, model: str) -> list[Price]:
        """Return the prices of all deployments that may answer; empty for an unknown model."""
        ...
