"""What judging needs from outside: models that stream, prices, and where progress is told."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from blindarena.domain.chat import ChatRequest, StreamEvent, Usage


class Models(Protocol):
    """The models of this process; `gateway.router.Router` is one."""

    def stream(
        self, deployments: Sequence[str], request: ChatRequest
    ) -> AsyncIterator[StreamEvent]:
        """Yield text deltas, then one Finished.

        Raises:
            ProviderError: nobody answered, or the answer broke off.
        """
        ...


class Price(Protocol):
    """Turns what a call used into USD; `gateway.prices` has them."""

    def cost(
        self, usage: Usage, seconds: float, *, cached_tokens: int = 0
    ) -> tuple[float | None, str | None]:
        """Return USD and the price in words, both None where it is unknown."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        done: calls that need not be made again, those of earlier runs included.
        total: calls of the whole run.
        failed: calls of this run that were given up; the next run makes them again.
        unparsed: judgments without a verdict.
        spent_usd: of this run; None where a price is unknown.
        eta_s: seconds to the end at the pace of this run; None before the first call is done.
    """

    done: int
    total: int
    failed: int
    unparsed: int
    spent_usd: float | None
    eta_s: float | None


Watcher = Callable[[Progress], None]
"""Somebody who is told after every call; must be quick."""
