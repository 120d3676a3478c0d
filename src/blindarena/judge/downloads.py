"""Download one file that fits in memory: bounded, resumed where the connection breaks, hashed.

Nothing is written to disk here, so that a download that fails leaves nothing behind.
"""

import asyncio
import hashlib
import urllib.parse
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp

from blindarena.errors import FetchError

TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=20, sock_read=60)
MAX_REDIRECTS: Final = 5
ATTEMPTS: Final = 4
MAX_BYTES: Final = 64 * 1024 * 1024
READ_SIZE: Final = 1 << 16
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_BUSY: Final = frozenset({429, 500, 502, 503, 504})


class _BrokenError(Exception):
    """This attempt failed, and another one may not."""


@dataclass(frozen=True, slots=True)
class Downloads:
    """Downloads over one session.

    Attributes:
        http: whoever made it closes it.
        max_bytes: a longer file is refused.
        pause_s: before the second attempt; it grows with each.
        token: sent to `token_origin` only, never to where that redirects.
        token_origin: scheme and host.
    """

    http: aiohttp.ClientSession
    max_bytes: int = MAX_BYTES
    pause_s: float = 1.0
    token: str | None = None
    token_origin: str = ""

    async def get(self, url: str, *, cure: str = "check the name") -> bytes:
        """Return what lies at an address.

        Args:
            url: with http:// or https://.
            cure: what to do if there is nothing.

        Raises:
            FetchError: it cannot be reached, is not there, is too long, or broke off again and
                again.
        """
        got = bytearray()
        seal: list[str] = []  # the ETag of what was begun with
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._attempt(url, got, seal, cure=cure)
            except _BrokenError as error:
                if attempt == ATTEMPTS:
                    raise FetchError(f"{url}: {error}; {ATTEMPTS} attempts were made") from error
                await asyncio.sleep(self.pause_s * attempt)
            else:
                break
        return bytes(got)

    async def _attempt(self, url: str, got: bytearray, seal: list[str], *, cure: str) -> None:
        headers = {"Accept-Encoding": "identity"}
        # Without a seal, the rest could be of another file than the beginning.
        if got and seal:
            headers |= {"Range": f"bytes={len(got)}-", "If-Range": seal[0]}
        try:
            async with self._follow(url, headers) as reply:
                self._check(reply, url, cure)
                if reply.status == 206 and not self._goes_on(reply, len(got)):
                    got.clear()
                    raise _BrokenError("the server sent another part than asked for")
                if reply.status == 200:
                    got.clear()
                    etag = reply.headers.get("ETag", "")
                    seal[:] = [etag] if etag and not etag.startswith("W/") else []
                self._bounded(url, len(got) + (reply.content_length or 0))
                async for chunk in reply.content.iter_chunked(READ_SIZE):
                    got += chunk
                    self._bounded(url, len(got))
        except aiohttp.ClientConnectorError as error:
            host = urllib.parse.urlsplit(url).netloc
            why = error.os_error.strerror or error.os_error
            raise FetchError(
                f"{url}: cannot reach {host} ({why}); without a network give a file, or a mirror "
                "with --mirror"
            ) from error
        except (aiohttp.ClientError, TimeoutError, ConnectionError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise _BrokenError(f"the connection broke: {reason[:200]}") from error

    @asynccontextmanager
    async def _follow(
        self, url: str, headers: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        for _ in range(MAX_REDIRECTS + 1):
            sent = dict(headers)
            if self.token and origin_of(url) == self.token_origin:
                sent["Authorization"] = f"Bearer {self.token}"
            async with self.http.get(
                url, headers=sent, allow_redirects=False, timeout=TIMEOUT
            ) as reply:
                if reply.status not in _MOVED:
                    yield reply
                    return
                url = redirected(url, reply.headers.get("Location", ""))
        raise FetchError(f"{url}: redirected more than {MAX_REDIRECTS} times")

    def _check(self, reply: aiohttp.ClientResponse, url: str, cure: str) -> None:
        if reply.status in _BUSY:
            raise _BrokenError(f"the server answered {reply.status}")
        if reply.status in (401, 403, 404):
            raise FetchError(f"{url}: not there or not readable ({reply.status}); {cure}")
        if reply.status not in (200, 206):
            raise FetchError(f"{url}: the server answered {reply.status}")

    @staticmethod
    def _goes_on(reply: aiohttp.ClientResponse, done: int) -> bool:
        return done > 0 and reply.headers.get("Content-Range", "").startswith(f"bytes {done}-")

    def _bounded(self, url: str, size: int) -> None:
        if size > self.max_bytes:
            raise FetchError(
                f"{url}: longer than {self.max_bytes:,} bytes, which no set of questions needs"
            )


def redirected(url: str, location: str) -> str:
    """Return where a redirect leads: over HTTPS anywhere, over HTTP to the same host only.

    Raises:
        FetchError: to another host, or from HTTPS, to something less than HTTPS.
    """
    target = urllib.parse.urljoin(url, location)
    there, here = urllib.parse.urlsplit(target), urllib.parse.urlsplit(url)
    same = there.scheme == here.scheme == "http" and there.netloc == here.netloc
    if there.scheme != "https" and not same:
        raise FetchError(
            f"{origin_of(url)} redirects to {origin_of(target)}, which is not HTTPS; not followed"
        )
    return target


def origin_of(url: str) -> str:
    """Return scheme and host of an address."""
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def git_blob_of(data: bytes) -> str:
    """Return the id under which Git, and so the Hugging Face hub, keeps a file."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
