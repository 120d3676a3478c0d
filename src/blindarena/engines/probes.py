"""Ask a running engine how it is; no answer is an answer."""

import re

import aiohttp

TIMEOUT = aiohttp.ClientTimeout(total=10)
_BUSY = re.compile(
    r"^(?:llamacpp:requests_(?:processing|deferred)"
    r"|vllm:num_requests_(?:running|waiting)"
    r"|sglang:num_(?:running|queue)_reqs)"
    r"(?:\{[^}\n]*\})? ([0-9.]+(?:e[+-]?[0-9]+)?)",
    re.MULTILINE,
)
"""Gauges of llama.cpp, vLLM and SGLang; an engine of several parts has one line for each."""


async def is_healthy(http: aiohttp.ClientSession, root: str) -> bool:
    """Say whether GET /health answers 200 in time, or GET /v1/models where there is no /health."""
    try:
        async with http.get(f"{root}/health", timeout=TIMEOUT) as reply:
            status = reply.status
        if status in (404, 405):
            async with http.get(f"{root}/v1/models", timeout=TIMEOUT) as reply:
                status = reply.status
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
    return status == 200


async def busy_requests(http: aiohttp.ClientSession, root: str) -> int | None:
    """Return how many requests run or wait; None where the engine does not say."""
    try:
        async with http.get(f"{root}/metrics", timeout=TIMEOUT) as reply:
            return count_busy(await reply.text())
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None


def count_busy(metrics: str) -> int | None:
    """Add up the requests that run or wait, from the text of /metrics; None where it has none."""
    counts = _BUSY.findall(metrics)
    return round(sum(map(float, counts))) if counts else None
