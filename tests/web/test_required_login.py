"""An arena for people who log in: nothing begins without, and an invite is a door of its own."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from blindarena.bootstrap import Plan
from blindarena.domain.queue import QueueRules
from blindarena.settings.base import KeySource
from blindarena.settings.login import Login, Oidc
from login.provider import CLIENT, SECRET, Provider, provider

from .server import Browser, Reply, Server_, serving
from .test_oidc import log_in
from .test_queue import OWNER, PAIRS, QUEUE, cast, next_pair, owning, replay_plan

DETAIL = "'Test arena' is for people who log in; please log in first"
BATTLES = "/api/arenas/test/battles"
NAMED = {"mode": "side_by_side", "contestants": ["Redwood", "Bluebell"]}


@pytest.fixture
async def company() -> AsyncIterator[Provider]:
    async with provider() as made:
        made.person = {"sub": "anna"}
        yield made


def plan_with(root: Path, company: Provider, **arena: Any) -> Plan:
    defaults: dict[str, Any] = {
        "require_login": True,
        "modes": ("battle", "queue", "side_by_side"),
    }
    plan = replay_plan(root, **(defaults | arena))
    secret = KeySource(env="OIDC_SECRET")
    oidc = Oidc(issuer=company.url, client_id=CLIENT, client_secret=secret)
    return replace(plan, settings=plan.settings.model_copy(update={"login": Login(oidc=oidc)}))


@contextlib.asynccontextmanager
async def members_only(root: Path, company: Provider, **arena: Any) -> AsyncIterator[Server_]:
    environ = {"OIDC_SECRET": SECRET}
    async with serving(plan_with(root, company, **arena), environ=environ) as running:
        yield running


@contextlib.asynccontextmanager
async def stranger(server: Server_) -> AsyncIterator[Browser]:
    async with server.browser() as browser:
        await browser.consent()
        yield browser


def refused(reply: Reply) -> None:
    told = (reply.status, reply.json["code"], reply.json["detail"])
    assert told == (403, "login-required", DETAIL)


async def change(server: Server_, **arena: Any) -> None:
    """Configure the arena anew."""
    pool = server.app.pool
    old = await pool.by_slug("test")
    prompts = await pool.prompts(old)
    contestants = await pool.contestants(old)
    await server.app._database.arenas.put(replace(old, **arena), contestants, prompts)
    pool.forget()


async def link(owner: Browser) -> str:
    made = await owner.post(f"{OWNER}/invites", {"group": None})
    return str(made.json["link"]).rpartition("/")[2]


async def test_nothing_begins_without_a_login_and_everything_with_one(
    tmp_path: Path, company: Provider
) -> None:
    async with members_only(tmp_path, company) as server, stranger(server) as browser:
        arena = (await browser.get("/api/arenas/test")).json
        assert (arena["require_login"], arena["invites_need_login"]) == (True, False)
        assert (await browser.get("/api/session")).json["logged_in"] is False
        refused(await browser.post(BATTLES, {"mode": "battle"}))
        refused(await browser.post(BATTLES, NAMED))
        refused(await browser.post(f"{QUEUE}/join", {"invite": None}))

        await log_in(browser, "/a/test")
        assert (await browser.get("/api/session")).json["logged_in"] is True
        await browser.consent()
        await browser.turn(await browser.battle())
        assert (await browser.post(BATTLES, NAMED)).status == 201
        assert (await browser.post(f"{QUEUE}/join", {"invite": None})).json["total"] == PAIRS
        assert (await next_pair(browser))["finished"] is False


async def test_the_owners_password_is_no_login(tmp_path: Path, company: Provider) -> None:
    async with members_only(tmp_path, company) as server, owning(server) as owner:
        await owner.consent()
        refused(await owner.post(BATTLES, {"mode": "battle"}))


async def test_an_invite_is_a_door_of_its_own_that_the_owner_may_close(
    tmp_path: Path, company: Provider
) -> None:
    async with (
        members_only(tmp_path, company, queue=QueueRules(overlap=0.0)) as server,
        owning(server) as owner,
        stranger(server) as invited,
        stranger(server) as late,
    ):
        token = await link(owner)
        assert (await invited.post(f"{QUEUE}/join", {"invite": token})).json["total"] == PAIRS
        pair = await next_pair(invited)
        refused(await invited.post(BATTLES, {"mode": "battle"}))

        rules = QueueRules(overlap=0.0, invites_need_login=True)
        await change(server, queue=rules)

        refused(await late.post(f"{QUEUE}/join", {"invite": token}))
        assert (await next_pair(invited))["battle_id"] == pair["battle_id"]
        ended = (await cast(invited, pair["battle_id"])).json
        assert (ended["next"], ended["state"]["done"], ended["state"]["total"]) == (None, 1, 1)
        refused(await invited.post(f"{QUEUE}/next", {"after": None}))


async def test_a_battle_that_began_before_the_login_was_required_may_end(
    tmp_path: Path, company: Provider
) -> None:
    async with (
        members_only(tmp_path, company, require_login=False) as server,
        stranger(server) as browser,
    ):
        battle = await browser.battle()
        await browser.turn(battle)
        await change(server, require_login=True)

        assert (await browser.vote(battle)).status == 200
        refused(await browser.post(BATTLES, {"mode": "battle"}))
