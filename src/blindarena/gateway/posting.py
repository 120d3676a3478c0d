"""Post to one upstream: headers, time-outs, and every refusal as a ProviderError."""

import asyncio
from collections.abc import Mapping
from io import BytesIO

import aiohttp
from yarl import URL

from blindarena.errors import ConfigError, ProviderError, ProviderFault
from blindarena.gateway.faults import error_of_status
from blindarena.gateway.http import Timeouts

_ERROR_BODY_BYTES = 8192
_AT_ONCE_BYTES = 2**20


class Poster:
    """Posts JSON to one upstream.

    Args:
        name: the deployment's, for errors.
        http: the session of `open_session()`; whoever made it closes it. Its connections have
            TCP_NODELAY set.
        key: sent as a bearer token; None sends none.
        timeouts: how long to wait for what.
        headers: hold the key in place of the bearer token.

    Raises:
        ConfigError: the key cannot be a header.
    """

    def __init__(
        self,
        *,
        name: str,
        http: aiohttp.ClientSession,
        key: str | None,
        timeouts: Timeouts,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.key = key
        self.timeouts = timeouts
        self._http = http
        self._timeout = aiohttp.ClientTimeout(sock_connect=timeouts.connect_s)
        sent = {
            "Accept": "text/event-stream, application/json",
            "Accept-Encoding": "identity",  # a compressor would hold tokens back
            "Content-Type": "application/json",
        }
        if key is not None:
            if not key or not key.isascii() or not key.isprintable() or " " in key:
                raise ConfigError(
                    f"deployment {name!r}: the key is empty or has blanks or odd signs"
                )
            if headers is None:
                sent["Authorization"] = f"Bearer {key}"
        self._headers = sent | dict(headers or {})

    async def post(
        self,
        url: URL,
        body: bytes,
        *,
        began: float,
        wait_s: float,
        more: Mapping[str, str] | None = None,
    ) -> aiohttp.ClientResponse:
        """Send the request and return a reply of status 200, its body unread.

        Args:
            url: where to.
            body: JSON.
            began: when the clock of `wait_s` was started, in the loop's time.
            wait_s: how long the headers of the reply may take.
            more: headers of this request.

        Raises:
            ProviderError: no connection, no reply in time, another status.
        """
        if self._http.closed:
            raise self.error("refused", "the HTTP session is closed (shutting down)")
        try:
            async with asyncio.timeout_at(began + wait_s):
                reply = await self._http.post(
                    url,
                    # aiohttp writes bytes at once, which for pictures would hold up all others
                    data=body if len(body) < _AT_ONCE_BYTES else BytesIO(body),
                    headers=self._headers if more is None else {**more, **self._headers},
                    allow_redirects=False,
                    timeout=self._timeout,
                )
                if reply.status == 200:
                    return reply
                try:
                    detail = await reply.content.read(_ERROR_BODY_BYTES)
                finally:
                    reply.close()
        except aiohttp.ConnectionTimeoutError as error:
            what = f"no connection within {self.timeouts.connect_s:g} s"
            raise self.error("timeout", what) from error
        except TimeoutError as error:
            raise self.error("timeout", f"no first token within {wait_s:g} s") from error
        raise error_of_status(
            reply.status, reply.headers, detail, deployment=self.name, secret=self.key
        )

    def error(self, fault: ProviderFault, what: str) -> ProviderError:
        """Build an error of this deployment."""
        return ProviderError(f"{self.name}: {what}", fault=fault, deployment=self.name)
