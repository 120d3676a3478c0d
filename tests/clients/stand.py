"""A gateway as people run it: the real command in a process of its own, before a fake upstream."""

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blindarena.bootstrap.key_book import open_key_book
from blindarena.domain.api_keys import KeyLimits
from blindarena.testing import Behaviour, FakeUpstream

TEXT = "Your parcel is in Graz. It comes on Monday."
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
BEHAVIOURS = {
    "plain": Behaviour(text=TEXT),
    "bare": Behaviour(text=TEXT, bare=True),
    "tools": Behaviour(
        text="", tool_calls=(("where", '{"parcel":7}'),), after_tools="Parcel 7 is in Graz."
    ),
    "able": Behaviour(
        text="", reasoning="So.", tool_calls=(("get_weather", "{}"),), after_tools="Sunny, 555."
    ),
    "schema": Behaviour(text='{"city": "Graz", "days": 2}'),
    "thinks": Behaviour(text=TEXT, reasoning="So."),
    "limited": Behaviour(fault="rate_limited", retry_after="1"),
    "wrong": Behaviour(fault="bad_request"),
    "down": Behaviour(fault="server_error"),
    "breaks": Behaviour(text=TEXT, fault="truncated"),
    "slow": Behaviour(text=TEXT * 20, delay_s=0.2),
}
"""What each model of the gateway does."""
FORMATS = {"": "openai-compatible", "-anthropic": "anthropic", "-gemini": "gemini"}
"""Ends of a model's name, and the provider whose format its upstream speaks."""
COMPLIANT = "gpt-5-claude-opus"
"""The name under which "able" is asked too: llm-comply tries reasoning by a model's name."""
PROGRAMS = Path(__file__).parent / "programs"
UPSTREAM_KEY = "sk-upstream-that-nobody-may-see"


@dataclass
class Stand:
    """A gateway that runs.

    Attributes:
        url: without `/v1`.
        key: may use everything.
        once: may ask once a minute.
        upstream: what the gateway asks; its `requests` say with what.
        folder: of its configuration, database and log.
        clear_keys: all secrets that were ever given to it.
    """

    url: str
    key: str
    once: str
    upstream: FakeUpstream
    folder: Path
    clear_keys: list[str] = field(default_factory=list)

    @property
    def log(self) -> str:
        """All that the process has said."""
        return (self.folder / "gateway.log").read_text()

    def ask(
        self,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        method: str | None = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, dict[str, str], str]:
        """Send one request; return status, headers with names in lower case, and text.

        Args:
            path: from `/v1` on.
            body: sent as JSON.
            key: in place of the stand's own; "" sends none.
            method: POST with a body, else GET.
            data: a body as it is.
            headers: more of them.
        """
        secret = self.key if key is None else key
        given = {"Content-Type": "application/json"} | dict(headers or {})
        if secret:
            given["Authorization"] = f"Bearer {secret}"
        sent = data if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, sent, given, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, _lower(reply.headers), reply.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _lower(error.headers), error.read().decode()

    def program(self, interpreter: str, name: str, **environ: str) -> Any:
        """Run a program of `programs/` that reads BASE_URL and KEY, and read what it prints."""
        done = run([interpreter, str(PROGRAMS / name)], **self.environ, **environ)
        return json.loads(done.stdout.splitlines()[-1])

    @property
    def environ(self) -> dict[str, str]:
        """What a client is told."""
        return {"BASE_URL": f"{self.url}/v1", "KEY": self.key, "ONCE": self.once}


def run(words: list[str], **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a client to its end, in an environment without anybody's proxies and keys."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        words, env=kept | environ, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, f"{words}: {done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def configuration(upstream: FakeUpstream, folder: Path) -> None:
    """Write a `blindarena.toml` with every behaviour in every format."""
    lines = [
        '[server]\nport = 0\ndatabase = "sqlite:///test.db"',
        "[gateway]\nretries = 0\nfailures_to_open = 1000\nqueue_timeout_s = 1",
    ]
    for name in BEHAVIOURS:
        for end, provider in FORMATS.items():
            url = upstream.gemini_url if provider == "gemini" else upstream.url
            lines.append(
                f'[deployments.{name}{end}]\nprovider = "{provider}"\nbase_url = "{url}"\n'
                f'model = "{name}"\nkey = {{ env = "UPSTREAM_KEY" }}\n'
                "input_price = 1.0\noutput_price = 2.0"
            )
    lines.append(f'[models.{COMPLIANT}]\ndeployments = ["able"]')
    text = "\n\n".join(lines)
    (folder / "blindarena.toml").write_text(text)


@contextlib.contextmanager
def upstream_in_a_thread() -> Iterator[FakeUpstream]:
    """Run the fake upstream beside the tests, which wait for other processes."""
    started = threading.Event()
    found: list[FakeUpstream] = []
    loops: list[Callable[[], object]] = []

    async def live() -> None:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        async with FakeUpstream(BEHAVIOURS) as upstream:
            found.append(upstream)
            loops.append(lambda: loop.call_soon_threadsafe(ended.set))
            started.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: asyncio.run(live()))
    thread.start()
    assert started.wait(10)
    try:
        yield found[0]
    finally:
        loops[0]()
        thread.join(10)


def new_key(folder: Path, name: str, **limits: Any) -> str:
    """Make a key of the gateway that runs in a folder."""

    async def make() -> str:
        async with open_key_book(f"sqlite:///{folder / 'test.db'}") as book:
            _, secret = await book.create(name, KeyLimits(**limits), who="Test")
            return secret

    return asyncio.run(make())


@contextlib.contextmanager
def gateway(folder: Path, *, log: str = "gateway.log", **environ: str) -> Iterator[str]:
    """Run `blindarena gateway` with the configuration of a folder; give its address."""
    with (folder / log).open("w") as told:
        running = subprocess.Popen(
            [sys.executable, "-m", "blindarena", "gateway"],
            cwd=folder, stdout=subprocess.PIPE, stderr=told, text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "UPSTREAM_KEY": UPSTREAM_KEY} | environ,
        )  # fmt: skip
        try:
            assert running.stdout is not None
            line = running.stdout.readline()
            address = re.search(r"(http://\S+)/v1", line)
            assert address, line + (folder / log).read_text()
            yield address[1]
        finally:
            running.terminate()
            running.communicate(timeout=30)


@contextlib.contextmanager
def stand(folder: Path) -> Iterator[Stand]:
    """Run a gateway before a fake upstream, with two keys."""
    with upstream_in_a_thread() as upstream:
        configuration(upstream, folder)
        with gateway(folder) as url:
            key, once = new_key(folder, "all"), new_key(folder, "once", requests_per_minute=1)
            yield Stand(url, key, once, upstream, folder, [key, once, UPSTREAM_KEY])
