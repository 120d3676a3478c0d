"""Close what is read, at once."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from blindarena.domain.chat import StreamEvent


@asynccontextmanager
async def closing(events: AsyncIterator[StreamEvent]) -> AsyncIterator[AsyncIterator[StreamEvent]]:
    """Close a model's stream when the block is left, however it is left.

    A generator that is merely dropped closes its upstream only when it is collected.
    """
    try:
        yield events
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()
