"""A provider with one model that answers the pilot's tickets."""

import asyncio
import contextlib
import csv
import json
import re
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from aiohttp import web

from blindarena.testing.fake_upstream import Behaviour, FakeUpstream

DATA = Path(__file__).resolve().parents[1] / "data" / "pilot"
_STARTS_WITHIN_S = 20.0


class Vendor(FakeUpstream):
    """A provider with one model, which answers each ticket as its system prompt says."""

    def __init__(self) -> None:
        super().__init__()
        self._answers: Mapping[str, Mapping[str, Sequence[str]]] = json.loads(
            (DATA / "answers.json").read_text(encoding="utf-8")
        )
        with (DATA / "tickets.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self._tickets = [(row["category"], _words(row["prompt"])) for row in rows]

    async def _reply(
        self, request: web.Request, behaviour: Behaviour, body: Mapping[str, object]
    ) -> web.StreamResponse:
        text = self._text(json.dumps(body["messages"], ensure_ascii=False))
        return await super()._reply(request, Behaviour(text=text, chunk_size=24), body)

    def _text(self, messages: str) -> str:
        """Answer in the words for the ticket that has most words in common with the message."""
        asked = _words(messages)
        category, _ = max(self._tickets, key=lambda ticket: len(ticket[1] & asked))
        who = "strict" if "Be brief." in messages else "friendly"
        ways = self._answers[who][category]
        return ways[zlib.crc32(messages.encode()) % len(ways)]


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]{3,}", text.lower()))


@contextlib.contextmanager
def answering(vendor: Vendor) -> Iterator[None]:
    """Let the vendor answer, in a thread, until the block ends."""
    ready = threading.Event()
    ends: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def answer() -> None:
        async with vendor:
            end = asyncio.Event()
            ends.append((asyncio.get_running_loop(), end))
            ready.set()
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(answer()), daemon=True)
    thread.start()
    assert ready.wait(_STARTS_WITHIN_S)
    try:
        yield
    finally:
        loop, end = ends[0]
        loop.call_soon_threadsafe(end.set)
        thread.join(_STARTS_WITHIN_S)
