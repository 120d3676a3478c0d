"""The body of a reply, read with time-outs: for the first token, between tokens, for all."""

import asyncio

import aiohttp

from blindarena.errors import ProviderError
from blindarena.gateway.faults import provider_errors
from blindarena.gateway.http import Watchdog, drain, give_back
from blindarena.gateway.posting import Poster


class TimedBody:
    """The body of a reply of status 200.

    Args:
        response: its body has not been read.
        poster: who it came from.
        began: when the request was sent, in the loop's time.
        stream: a first token is waited for; else only the whole has a limit.
    """

    def __init__(
        self, response: aiohttp.ClientResponse, *, poster: Poster, began: float, stream: bool
    ) -> None:
        self.content_type = response.content_type
        self._response = response
        self._content = response.content
        self._poster = poster
        self._loop = asyncio.get_running_loop()
        limits = poster.timeouts
        self._end = began + limits.total_s
        self._deadline = began + limits.first_token_s if stream else self._end
        self._begun = False
        self._watch = Watchdog(response.content, error=self._too_slow)

    async def read(self) -> bytes:
        """Return the next bytes; b"" at the end.

        Raises:
            ProviderError: too slow, or the connection broke.
        """
        if self._loop.time() >= self._end:
            raise self._too_slow()
        self._watch.wait_until(min(self._deadline, self._end))
        with provider_errors(self._poster.name, secret=self._poster.key):
            try:
                return await self._content.readany()
            finally:
                self._watch.rest()

    def heard(self) -> None:
        """Say that what came is a token, not a sign of life: the next has its own time."""
        self._begun = True
        self._deadline = self._loop.time() + self._poster.timeouts.idle_s

    async def drain(self) -> None:
        """Wait a moment for the end of the body, so that the connection can be used again."""
        await drain(self._content)

    async def aclose(self) -> None:
        """Give the connection back if the body is read to its end, else close it at once."""
        self._watch.close()
        give_back(self._response)

    def _too_slow(self) -> ProviderError:
        late = self._loop.time() >= self._end
        return self._poster.error(
            "timeout", self._poster.timeouts.passed(total=late, begun=self._begun)
        )
