"""Ask a running engine how it is; no answer is an answer."""

import re

import aiohttp

TIMEOUT = aiohttp.ClientTimeout(total=10)
_BUSY = re.compile(r"^llamacpp:requests_(?:processing|deferred) (\d+)", re.MULTILINE)


async def is_healthy(http: aiohttp.ClientSession, root: str) -> bool:
    """Say whether GET /health answers 200 in time."""
    try:
        async with http.get(f"{root}/health", timeout=TIMEOUT) as reply:
            return reply.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


async def busy_requests(http: aiohttp.ClientSession, root: str) -> int:
    """Return how many requests run or wait; 0 where the engine does not say."""
    try:
        async with http.get(f"{root}/metrics", timeout=TIMEOUT) as reply:
            return sum(int(count) for count in _BUSY.findall(await reply.text()))
    except (aiohttp.ClientError, TimeoutError, OSError):
        return 0
