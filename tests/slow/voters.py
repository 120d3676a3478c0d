"""Voters who never give up, and what they remember of every vote."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import aiohttp

OUTCOMES = ("model_a", "model_b", "tie", "both_bad")
HANG_S = 30.0
STUCK_S = 15.0
TWICE = 0.1
"""Share of votes that are sent twice at the same moment (a double click)."""


@dataclass
class Ballot:
    """One vote as its voter sees it.

    Attributes:
        tries: how often it was sent.
        acknowledged: how: by a 200, or by a later 409 and the reveal; "" not yet.
    """

    outcome: str
    tries: int = 0
    acknowledged: str = ""


@dataclass
class Site:
    """The server as voters know it, and the journal that they keep together.

    Attributes:
        up: cleared while the server is being killed and started again.
        steady: the server itself is never killed, so no connection may break.
        opened: battles whose id reached their voter.
        tally: how often something happened.
        faults: everything that must not happen, in words.
        slowest: the longest that one request took, in seconds; streams are not counted.
    """

    url: str
    steady: bool = False
    up: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: bool = False
    ballots: dict[UUID, Ballot] = field(default_factory=dict)
    opened: set[UUID] = field(default_factory=set)
    tally: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0

    @property
    def acknowledged(self) -> dict[UUID, str]:
        """Outcomes by battle of all acknowledged votes."""
        return {battle: b.outcome for battle, b in self.ballots.items() if b.acknowledged}

    @property
    def sent(self) -> dict[UUID, tuple[str]]:
        """Outcomes by battle of all votes that were sent, however that ended."""
        return {battle: (b.outcome,) for battle, b in self.ballots.items() if b.tries}

    def fault(self, text: str) -> None:
        """Note something that must not happen."""
        self.faults.append(text)


@dataclass(frozen=True)
class Reply:
    """One reply, read to its end."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The problem's code."""
        return str(self.json.get("code")) if self.status >= 400 else ""


class Voter:
    """A person at a browser who opens battles, reads and votes until the site stops.

    Args:
        patience: draws how many seconds to read before leaving in the middle of the stream;
            None reads to the end. Those who left come back at last and finish their battles.
    """

    def __init__(
        self,
        site: Site,
        *,
        arena: str,
        rng: random.Random,
        patience: Callable[[], float] | None = None,
    ) -> None:
        self._site = site
        self._arena = arena
        self._rng = rng
        self._patience = patience
        self._csrf = ""
        self._left: list[UUID] = []

    async def run(self) -> None:
        """Vote until the site stops; then finish what was begun."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as self._http:
            await self._agree()
            while not self._site.stopping:
                battle = await self._open()
                if self._patience is None:
                    await self._turn(battle)
                else:
                    await self._leave(battle, self._patience())
                    self._left.append(battle)
                    if self._rng.random() < 0.5:
                        continue
                    battle = self._left.pop(self._rng.randrange(len(self._left)))
                await self._finish(battle)
            for battle in self._left:
                await self._finish(battle)

    async def _agree(self) -> None:
        """Become a new voter."""
        self._http.cookie_jar.clear()
        arena = (await self._insist("GET", f"/api/arenas/{self._arena}")).json
        terms = {"consent_version": arena["consent_version"]}
        self._csrf = (await self._insist("POST", "/api/session", terms)).json["csrf_token"]

    async def _open(self) -> UUID:
        while True:
            reply = await self._insist("POST", f"/api/arenas/{self._arena}/battles", {})
            if reply.code == "prompts-exhausted":
                await self._agree()
                continue
            battle = UUID(reply.json["battle_id"])
            self._site.opened.add(battle)
            return battle

    async def _leave(self, battle: UUID, after: float) -> None:
        """Send a message and close the page after some seconds."""
        try:
            async with asyncio.timeout(after):
                await self._turn(battle)
        except TimeoutError:
            self._site.tally["left mid-stream"] += 1

    async def _finish(self, battle: UUID) -> None:
        """Bring a battle to its acknowledged vote, whatever happens on the way."""
        streaming_since: float | None = None
        while not self._acknowledged(battle):
            state = (await self._insist("GET", f"/api/battles/{battle}")).json
            status = state["status"]
            if status != "streaming":
                streaming_since = None
            if status == "waiting":
                self._site.tally["sent again"] += 1
                await self._turn(battle)
            elif status == "votable":
                await self._vote(battle)
            elif status == "voted":
                self._settle(battle, state)
            elif status == "streaming":
                now = asyncio.get_running_loop().time()
                streaming_since = streaming_since or now
                if now - streaming_since > STUCK_S:
                    self._site.fault(f"{battle} is stuck: streaming, with nobody who streams")
                    return
                await asyncio.sleep(0.1)
            else:
                self._site.fault(f"{battle} became {status}: {state['turns']}")
                return

    def _acknowledged(self, battle: UUID) -> bool:
        ballot = self._site.ballots.get(battle)
        return ballot is not None and bool(ballot.acknowledged)

    async def _turn(self, battle: UUID) -> None:
        """Send a message and read both streams; whatever comes of it, the state will tell."""
        reply = await self._ask("POST", f"/api/battles/{battle}/turns", {"content": "Hello?"})
        if reply is None or reply.status in (409, 503):
            return
        if reply.status != 200:
            self._site.fault(f"a turn gave {reply.status}: {reply.body!r:.300}")
        elif b"event: error" in reply.body:
            self._site.tally["turns not saved"] += 1
            if not (self._site.steady and b"could not be saved" in reply.body):
                self._site.fault(f"a stream told: {reply.body[-300:]!r}")
        elif b"event: turn_done" in reply.body:
            await self._vote(battle)

    async def _vote(self, battle: UUID) -> None:
        ballot = self._site.ballots.setdefault(battle, Ballot(self._rng.choice(OUTCOMES)))
        times = 2 if self._rng.random() < TWICE else 1
        ballot.tries += 1  # noted before it is sent
        path, body = f"/api/battles/{battle}/vote", {"outcome": ballot.outcome}
        replies = await asyncio.gather(*(self._ask("POST", path, body) for _ in range(times)))
        accepted = [reply for reply in replies if reply is not None and reply.status == 200]
        for reply in accepted:
            ballot.acknowledged = "200"
            if reply.json["outcome"] != ballot.outcome:
                self._site.fault(f"{battle}: sent {ballot.outcome}, revealed {reply.body!r:.300}")
        if len(accepted) > 1:
            self._site.fault(f"{battle}: two votes were accepted")
        for answer in replies:
            if answer is None:
                self._site.tally["votes without a reply"] += 1
            elif answer.status not in (200, 503) and answer.code != "already-voted":
                self._site.fault(f"a vote gave {answer.status}: {answer.body!r:.300}")

    def _settle(self, battle: UUID, state: Any) -> None:
        """Learn from the reveal that a vote whose reply was lost is stored."""
        ballot = self._site.ballots.get(battle)
        if ballot is None:
            self._site.fault(f"{battle} is voted, but nobody voted")
        elif state["reveal"] is None or state["reveal"]["outcome"] != ballot.outcome:
            self._site.fault(f"{battle}: sent {ballot.outcome}, later revealed {state['reveal']}")
        else:
            ballot.acknowledged = "later"

    async def _insist(self, method: str, path: str, body: Any = None) -> Reply:
        """Ask until there is an answer; one that refuses is a fault, but for used-up prompts."""
        while True:
            reply = await self._ask(method, path, body)
            if reply is None or reply.status == 503:
                continue
            if reply.status >= 400 and reply.code != "prompts-exhausted":
                self._site.fault(f"{method} {path} gave {reply.status}: {reply.body!r:.300}")
                raise AssertionError(self._site.faults[-1])
            return reply

    async def _ask(self, method: str, path: str, body: Any) -> Reply | None:
        """Ask once; None: the connection broke."""
        await self._site.up.wait()
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            reply = await self._exchange(method, path, body)
        except TimeoutError:  # before ClientError: aiohttp's own are both
            self._site.fault(f"{method} {path} took more than {HANG_S} s")
            return None
        except aiohttp.ClientError as error:
            self._site.tally["broken connections"] += 1
            if self._site.steady:
                self._site.fault(f"{method} {path}: the connection broke: {error!r}")
            await asyncio.sleep(0.01)
            return None
        if not path.endswith("/turns"):
            self._site.slowest = max(self._site.slowest, loop.time() - began)
        if reply.status == 503:
            self._site.tally["answers 503"] += 1
            await asyncio.sleep(self._rng.uniform(0.05, 0.2))
        return reply

    async def _exchange(self, method: str, path: str, body: Any) -> Reply:
        async with self._http.request(
            method,
            self._site.url + path,
            json=body,
            headers={"X-CSRF-Token": self._csrf} if self._csrf else {},
            timeout=aiohttp.ClientTimeout(total=HANG_S),
        ) as reply:
            return Reply(reply.status, await reply.read())


def crowd(site: Site, *, rng: random.Random, voters: int = 16, leavers: int = 4) -> list[Voter]:
    """Return voters for both arenas, and some who leave in the middle of the stream."""
    people = [
        Voter(site, arena=("test", "tickets")[i % 2], rng=random.Random(rng.random()))
        for i in range(voters)
    ]
    for _ in range(leavers):
        own = random.Random(rng.random())
        people.append(Voter(site, arena="test", rng=own, patience=partial(own.uniform, 0.01, 0.8)))
    return people
