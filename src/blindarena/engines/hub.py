"""Stream a GGUF file from the Hugging Face hub, checked against the hub's own checksum.

Nothing but aiohttp is needed. The file and its checksum are read at the same commit. A download
that breaks off is kept and goes on where it stopped.
"""

import asyncio
import contextlib
import urllib.parse
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from blindarena.engines.files import Progress, in_thread, need_space, sha256_of
from blindarena.engines.models import HubModel, choose_file, is_part
from blindarena.errors import ConfigError, EngineError

DEFAULT_ENDPOINT = "https://huggingface.co"
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=20, sock_read=60)
MAX_REDIRECTS = 5
ATTEMPTS = 4
RETRY_PAUSE_S = 1.0
READ_SIZE = 1 << 18


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file at one commit; sha256 is the checksum of its content, by the hub's metadata."""

    repo: str
    name: str
    commit: str
    size: int
    sha256: str


class Hub:
    """The Hugging Face hub, or a mirror of it.

    Args:
        http: whoever made it closes it.
        endpoint: base address, without a path of its own at the end.
        token: sent to the endpoint only, never to where it redirects.
    """

    def __init__(self, *, http: aiohttp.ClientSession, endpoint: str, token: str | None) -> None:
        self._http = http
        self.endpoint = endpoint.rstrip("/")
        self._token = token
        self._origin = _origin(self.endpoint)

    async def find(self, model: HubModel) -> HubFile:
        """Look up the file that a model means, its size and its checksum.

        Raises:
            ConfigError: no such repository or file, or no permission.
            EngineError: the hub cannot be reached or does not answer as it should.
        """
        url = f"{self.endpoint}/api/models/{model.repo}?blobs=true"
        with self._errors(f"look up {model.repo}"):
            async with self._get(url) as reply:
                self._check(reply, model.repo)
                data = await reply.json(content_type=None)
        try:
            commit = str(data["sha"])
            files = {str(row["rfilename"]): row for row in data["siblings"]}
            names = [n for n in files if n.endswith(".gguf")]
            name = model.file or choose_file(names, repo=model.repo)
            if name not in files:
                listed = ", ".join(names[:8]) or "none"
                raise ConfigError(f"{model.repo} has no file {name}; its GGUF files: {listed}")
            lfs = files[name]["lfs"]
            found = HubFile(model.repo, name, commit, int(lfs["size"]), str(lfs["sha256"]).lower())
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise EngineError(
                f"{self.endpoint} gave no checksum for {model.repo}; pull another repository, or "
                "download the file yourself and give its path"
            ) from error
        if is_part(name):
            raise ConfigError(f"{name} is one part of a split model; choose a file in one piece")
        if ".." in name or name.startswith("/") or "\\" in name:
            raise EngineError(f"{model.repo} has a file of an unsafe name, {name!r}; not pulled")
        return found

    async def fetch(self, file: HubFile, part: Path, *, progress: Progress) -> None:
        """Write a file to `part`, going on where an earlier attempt stopped, and check it.

        Raises:
            EngineError: it broke off again and again (`part` is kept for the next pull), or the
                content does not have the checksum (`part` is removed).
        """
        need_space(part.parent, file.size - _size(part))
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._errors(f"download {file.name}"):
                    await self._stream(file, part, progress)
                if _size(part) >= file.size:
                    break
                raise EngineError(f"cannot download {file.name}: the connection broke")
            except EngineError as error:
                if attempt == ATTEMPTS:
                    raise EngineError(
                        f"{error}; {_size(part):,} of {file.size:,} bytes are kept, "
                        "pull again to go on"
                    ) from error
            await asyncio.sleep(RETRY_PAUSE_S * attempt)
        got = await in_thread(lambda stop: sha256_of(part, stop=stop))
        if got != file.sha256:
            _remove(part)
            raise EngineError(
                f"{file.name} from {self.endpoint} has SHA-256 {got[:12]}..., but "
                f"{file.sha256[:12]}... was promised; it was thrown away, pull again"
            )

    async def _stream(self, file: HubFile, part: Path, progress: Progress) -> None:
        start = _size(part)
        if start >= file.size:
            return
        path = urllib.parse.quote(file.name)
        url = f"{self.endpoint}/{file.repo}/resolve/{file.commit}/{path}"
        headers = {"Range": f"bytes={start}-"} if start else {}
        async with self._get(url, headers=headers) as reply:
            self._check(reply, file.repo)
            # A server that knows no ranges sends the whole file again, with status 200.
            begins_anew = reply.status != 206
            done = 0 if begins_anew else start
            with part.open("wb" if begins_anew else "ab") as out:
                progress(done, file.size)
                async for chunk in reply.content.iter_chunked(READ_SIZE):
                    out.write(chunk)
                    done += len(chunk)
                    if done > file.size:
                        break  # more than promised: the checksum will say so
                    progress(done, file.size)

    @contextlib.asynccontextmanager
    async def _get(
        self, url: str, *, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a GET request and follow redirects: never from HTTPS to HTTP, token left behind."""
        for _ in range(MAX_REDIRECTS + 1):
            sent = {"Accept-Encoding": "identity", **(headers or {})}
            if self._token and _origin(url) == self._origin:
                sent["Authorization"] = f"Bearer {self._token}"
            async with self._http.get(
                url, headers=sent, allow_redirects=False, timeout=TIMEOUT
            ) as reply:
                if reply.status not in (301, 302, 303, 307, 308):
                    yield reply
                    return
                url = redirected(url, reply.headers.get("Location", ""))
        raise EngineError(f"{self.endpoint} redirects more than {MAX_REDIRECTS} times")

    def _check(self, reply: aiohttp.ClientResponse, repo: str) -> None:
        if reply.status in (401, 403, 404):
            cure = (
                "check the name, or whether the token may read it"
                if self._token
                else "check the name; for a private or gated one set HF_TOKEN"
            )
            raise ConfigError(f"{self.endpoint} has no readable {repo} ({reply.status}); {cure}")
        if reply.status not in (200, 206):
            raise EngineError(
                f"{self.endpoint} answered {reply.status} for {repo}; try again later"
            )

    @contextlib.contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise EngineError(f"cannot {what} from {self.endpoint}: {reason[:200]}") from error


def redirected(url: str, location: str) -> str:
    """Return where a redirect leads.

    Raises:
        EngineError: from HTTPS to something less, or to something that is not HTTP at all.
    """
    target = urllib.parse.urljoin(url, location)
    scheme = urllib.parse.urlsplit(target).scheme
    if scheme != "https" and (scheme != "http" or url.startswith("https:")):
        raise EngineError(
            f"{_origin(url)} redirects to an insecure address ({scheme}://); not followed"
        )
    return target


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _origin(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
