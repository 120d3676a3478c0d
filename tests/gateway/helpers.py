from collections.abc import AsyncIterator

import aiohttp

from blindarena.domain.chat import (
    ChatRequest,
    Finished,
    Message,
    Parameters,
    StreamEvent,
    TextDelta,
)
from blindarena.gateway.catalog import Quirks
from blindarena.gateway.http import Timeouts
from blindarena.gateway.prices import Price, UnknownPrice
from blindarena.gateway.providers.openai_compatible import OpenAICompatible

ASK = ChatRequest((Message("user", "Where is my parcel?"),), Parameters(max_tokens=64))


def adapter(
    http: aiohttp.ClientSession,
    url: str,
    *,
    model: str = "any",
    key: str | None = "sk-secret-key",
    price: Price | None = None,
    timeouts: Timeouts | None = None,
    quirks: Quirks | None = None,
    max_chars: int = 1_000_000,
) -> OpenAICompatible:
    return OpenAICompatible(
        name="deployment-1",
        http=http,
        base_url=url,
        model=model,
        key=key,
        price=price or UnknownPrice(),
        timeouts=timeouts,
        quirks=quirks,
        max_chars=max_chars,
    )


async def collect(events: AsyncIterator[StreamEvent]) -> tuple[list[str], Finished]:
    """Read a whole stream: its texts, and the one Finished at its end."""
    seen = [event async for event in events]
    assert isinstance(seen[-1], Finished)
    texts = [event.text for event in seen[:-1] if isinstance(event, TextDelta)]
    assert len(texts) == len(seen) - 1
    assert all(texts)
    return texts, seen[-1]
