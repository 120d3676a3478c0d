"""Keys that the owner enters: used at once, encrypted at rest, never told again."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blindarena.bootstrap.plan import Plan
from blindarena.settings import Deployment
from blindarena.settings.base import KeySource
from blindarena.testing.fake_upstream import FakeUpstream

from .server import Browser, Server_, live_plan, serving

KEY = "sk-planted-0123456789"


def plan_with(root: Path, upstream: FakeUpstream) -> Plan:
    plan = live_plan(
        root,
        models={"Redwood": ["red"], "Bluebell": ["blue"]},
        base_urls={"red": upstream.url, "blue": upstream.url},
    )
    deployments: dict[str, Deployment] = {
        name: one.model_copy(update={"key": KeySource(vault="vendor")})
        for name, one in plan.deployments.items()
    }
    deployments["env"] = Deployment(
        provider="openai-compatible",
        base_url=upstream.url,
        model="red",
        key=KeySource(env="OTHER_KEY"),
    )
    return replace(plan, deployments=deployments)


@pytest.fixture
async def server(tmp_path: Path, upstream: FakeUpstream) -> AsyncIterator[Server_]:
    async with serving(plan_with(tmp_path, upstream)) as running:
        yield running


async def owner_of(server: Server_, browser: Browser) -> Browser:
    password = await server.app.sessions.first_password()
    login = await browser.post("/api/owner/login", {"password": password})
    browser.csrf = login.json["csrf_token"]
    return browser


def sent_keys(upstream: FakeUpstream) -> set[str | None]:
    return {request.headers.get("Authorization") for request in upstream.requests}


async def test_a_key_is_used_at_once_and_never_told(
    server: Server_, tmp_path: Path, upstream: FakeUpstream, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with server.browser() as browser, server.browser() as voter:
        await owner_of(server, browser)
        before = (await browser.get("/api/owner/keys")).json
        assert before["problem"] == ""
        assert before["keys"] == [
            {
                "name": "vendor",
                "source": "vault",
                "deployments": ["red", "blue"],
                "is_set": False,
                "set_at": None,
            },
            {
                "name": "OTHER_KEY",
                "source": "environment",
                "deployments": ["env"],
                "is_set": False,
                "set_at": None,
            },
        ]
        assert "vendor is not entered yet" in (await browser.get("/api/owner")).text

        entered = await browser.post("/api/owner/keys/vendor", {"value": f" {KEY}\n"})

        assert entered.status == 200
        assert entered.json["keys"][0]["is_set"]
        assert entered.json["keys"][0]["set_at"] is not None
        await voter.consent()
        turn = await voter.turn(await voter.battle())
        assert turn.events[-1][0] == "turn_done"
        assert sent_keys(upstream) == {f"Bearer {KEY}"}
        await browser.get("/api/owner")
        assert KEY not in "".join(reply.text for reply in [*browser.log, *voter.log])
        assert KEY not in caplog.text
        assert not any(KEY.encode() in file.read_bytes() for file in tmp_path.glob("*"))
        assert "Entered the key vendor" in (await browser.get("/api/owner/audit")).text

        async with browser.http.delete(
            f"{browser.url}/api/owner/keys/vendor", headers={"X-CSRF-Token": browser.csrf}
        ) as gone:
            assert gone.status == 200
        assert "vendor is not entered yet" in (await browser.get("/api/owner")).text


async def test_what_is_no_key_is_refused_without_being_repeated(server: Server_) -> None:
    async with server.browser() as browser:
        await owner_of(server, browser)
        for body in ({"value": "two\nlines-" + KEY}, {"valeu": KEY}, {"value": "ü" + KEY}):
            refused = await browser.post("/api/owner/keys/vendor", body)
            assert refused.status == 422
            assert KEY not in refused.text
        assert (await browser.post("/api/owner/keys/other", {"value": KEY})).status == 404
        unsafe = await browser.post("/api/owner/keys/vendor", {"value": KEY}, csrf=False)
        assert unsafe.status == 403
    async with server.browser() as stranger:
        assert (await stranger.get("/api/owner/keys")).status == 403


async def test_keys_outlive_a_restart_a_rotation_and_tell_of_a_lost_master_key(
    tmp_path: Path, upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    from blindarena.cli import app as commands

    monkeypatch.chdir(tmp_path)  # the command goes to its configuration's folder
    plan = plan_with(tmp_path, upstream)
    async with serving(plan) as server:
        await server.app.keys.set("vendor", KEY)
    master = (tmp_path / "secret.key").read_text()
    (tmp_path / "blindarena.toml").write_text(
        f'[server]\ndatabase = "sqlite:///{tmp_path / "test.db"}"\n'
    )
    command = ["db", "rotate-secret", "--config", str(tmp_path / "blindarena.toml")]
    said = await asyncio.to_thread(CliRunner().invoke, commands, command)
    assert "1 keys are encrypted with the new master key" in said.output
    assert (tmp_path / "secret.key").read_text() != master

    async with serving(plan) as server:
        assert server.app.router.statuses()["red"].status == "ready"
        assert server.app.keys.problem == ""
    (tmp_path / "secret.key").unlink()
    async with serving(plan) as server:
        assert server.app.router.statuses()["red"].status == "down"
        assert "secret.key is gone" in server.app.keys.problem
        await server.app.keys.set("vendor", KEY)
        assert server.app.keys.problem == ""
