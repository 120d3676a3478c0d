"""The real application on a loopback port, asked through real HTTP."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import uvicorn

from blindarena.bootstrap import App, ArenaPlan, Plan, open_app
from blindarena.domain.arenas import Arena, Consent, Contestant, Prompt
from blindarena.domain.ids import uuid7
from blindarena.settings import Deployment, Limits, Server, Settings
from blindarena.web.app import create_web
from sqlite import prepare

NO_LIMITS = Limits(
    battles_per_session=0,
    battles_per_address=0,
    sessions_per_address=0,
    logins_per_address=0,
    same_prompt_per_session=0,
)


def live_plan(
    root: Path,
    *,
    models: Mapping[str, Sequence[str]],
    base_urls: Mapping[str, str],
    limits: Limits = NO_LIMITS,
    database: str | None = None,
    prompts: Sequence[str] = (),
    **arena: Any,
) -> Plan:
    """Plan one arena, slug "test".

    Args:
        models: contestant name -> names of its deployments.
        base_urls: deployment name (also the upstream's model) -> base URL.
    """
    deployments = {
        name: Deployment(provider="openai-compatible", base_url=url, model=name)
        for name, url in base_urls.items()
    }
    defaults: dict[str, Any] = {"reasons": ("good", "bad"), "start_together_s": 0.0}
    if prompts:
        defaults["prompt_mode"] = "prepared"
    made = Arena(
        id=uuid7(),
        slug="test",
        title="Test arena",
        kind="live",
        consent=Consent(version="", text="Terms."),
        **(defaults | arena),
    )
    return Plan(
        settings=Settings(
            server=Server(database=database or f"sqlite:///{root / 'test.db'}", data_dir=root),
            limits=limits,
            root=root,
        ),
        arenas=(
            ArenaPlan(
                arena=made,
                contestants=tuple(
                    Contestant(
                        id=uuid7(),
                        arena_id=made.id,
                        name=name,
                        deployments=tuple(names),
                        organization=f"{name} Inc",
                    )
                    for name, names in models.items()
                ),
                prompts=tuple(
                    Prompt(
                        id=uuid7(),
                        arena_id=made.id,
                        key=f"T{i}",
                        text=text,
                        category="even" if i % 2 == 0 else "odd",
                        position=i,
                    )
                    for i, text in enumerate(prompts)
                ),
            ),
        ),
        deployments=deployments,
        replays={},
    )


@dataclass
class Reply:
    """One HTTP reply, read to its end."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """Server-sent events as (name, data)."""
        found = []
        for block in self.text.split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "event" in lines:
                found.append((lines["event"], json.loads(lines["data"])))
        return found

    def answer(self, side: str) -> str:
        return "".join(
            d["text"] for name, d in self.events if name == "delta" and d["side"] == side
        )


@dataclass
class Browser:
    """A voter's browser: cookie, CSRF token."""

    url: str
    http: aiohttp.ClientSession
    csrf: str = ""
    log: list[Reply] = field(default_factory=list)

    async def get(self, path: str) -> Reply:
        return await self._ask("GET", path, None, {})

    async def post(self, path: str, body: Any = None, *, csrf: bool = True) -> Reply:
        headers = {"X-CSRF-Token": self.csrf} if csrf and self.csrf else {}
        return await self._ask("POST", path, {} if body is None else body, headers)

    async def consent(self, slug: str = "test") -> Reply:
        arena = (await self.get(f"/api/arenas/{slug}")).json
        reply = await self.post("/api/session", {"consent_version": arena["consent_version"]})
        self.csrf = reply.json["csrf_token"]
        return reply

    async def battle(self, slug: str = "test") -> str:
        reply = await self.post(f"/api/arenas/{slug}/battles", {"mode": "battle"})
        assert reply.status == 201, reply.text
        return str(reply.json["battle_id"])

    async def turn(self, battle: str, content: str = "Hello?") -> Reply:
        return await self.post(f"/api/battles/{battle}/turns", {"content": content})

    async def vote(self, battle: str, outcome: str = "model_a", **more: Any) -> Reply:
        return await self.post(f"/api/battles/{battle}/vote", {"outcome": outcome, **more})

    async def _ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Reply:
        kwargs: dict[str, Any] = {} if body is None else {"json": body}
        async with self.http.request(method, self.url + path, headers=headers, **kwargs) as reply:
            text = (await reply.read()).decode("utf-8", "replace")
            self.log.append(Reply(reply.status, dict(reply.headers), text))
            return self.log[-1]


@dataclass
class Server_:
    """A running application."""

    app: App
    url: str
    server: uvicorn.Server

    @contextlib.asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            yield Browser(self.url, http)


@contextlib.asynccontextmanager
async def serving(
    plan: Plan, *, environ: Mapping[str, str] | None = None
) -> AsyncIterator[Server_]:
    """Serve a plan on a free loopback port until the block ends."""
    prepare(plan.settings.server.database)
    app = await open_app(plan, environ=environ or {})
    # asyncio sets TCP_NODELAY only where the protocol is named: without it replies come 40 ms late.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    config = uvicorn.Config(
        create_web(app), log_level="error", access_log=False, timeout_graceful_shutdown=1, ws="none"
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([listener]))
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield Server_(app, f"http://127.0.0.1:{listener.getsockname()[1]}", server)
    finally:
        server.should_exit = True
        await task
        listener.close()
