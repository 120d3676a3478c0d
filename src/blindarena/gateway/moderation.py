"""One request to a moderation endpoint of the OpenAI format."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

from blindarena.errors import ProviderError
from blindarena.gateway.faults import error_of_status, provider_errors
from blindarena.gateway.http import open_session

TIMEOUT_S = 5.0
_MOST_BYTES = 200_000
_NAME = "moderation"


class ModerationEndpoint:
    """Posts to `moderations` below a base URL; the connection is opened when first needed.

    Redirects are not followed: texts go where the settings say and nowhere else.

    Args:
        base_url: such as `https://api.openai.com/v1`, from the settings alone.
        key: sent as a bearer token; None sends none.
        timeout_s: for the whole exchange.
    """

    def __init__(self, *, base_url: str, key: str | None, timeout_s: float = TIMEOUT_S) -> None:
        self._url = f"{base_url.rstrip('/')}/moderations"
        self._key = key
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._http: aiohttp.ClientSession | None = None

    async def __call__(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Send a body and return the reply.

        Raises:
            ProviderError: no reply in time, another status than 200, or no JSON object.
        """
        if self._http is None:
            self._http = open_session()
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        with provider_errors(_NAME, secret=self._key):
            async with self._http.post(
                self._url,
                json=dict(body),
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as reply:
                content = await _read(reply)
                if reply.status != 200:
                    raise error_of_status(
                        reply.status, reply.headers, content, deployment=_NAME, secret=self._key
                    )
                read = msgspec.json.decode(content)
        if not isinstance(read, dict):
            raise ProviderError(f"{_NAME}: the reply is no JSON object", fault="malformed")
        return read

    async def close(self) -> None:
        """Close the connection."""
        if self._http is not None:
            await self._http.close()


async def _read(reply: aiohttp.ClientResponse) -> bytes:
    """Read a body that is not too long."""
    content = bytearray()
    async for piece in reply.content.iter_any():
        content += piece
        if len(content) > _MOST_BYTES:
            raise ProviderError(f"{_NAME}: the reply is too long", fault="malformed")
    return bytes(content)
