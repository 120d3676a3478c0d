"""The owner's routes of the gateway's keys and of usage."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from blindarena.domain.ids import uuid7
from blindarena.domain.usage import UsageRow

from .server import Browser, Server_

KEYS = "/api/owner/gateway/keys"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def owner(server: Server_) -> AsyncIterator[Browser]:
    async with server.browser() as browser:
        password = await server.app.sessions.first_password()
        login = await browser.post("/api/owner/login", {"password": password})
        browser.csrf = login.json["csrf_token"]
        yield browser


async def send(browser: Browser, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with browser.http.request(
        method, browser.url + path, json=body, headers={"X-CSRF-Token": browser.csrf}
    ) as reply:
        return reply.status, await reply.json()


async def test_a_key_is_made_changed_and_revoked(owner: Browser) -> None:
    made = await owner.post(KEYS, {"name": " ci ", "models": ["small"], "usd_per_day": 1.5})
    assert made.status == 201
    secret = made.json["secret"]
    assert secret.startswith(made.json["prefix"])
    listed = await owner.get(KEYS)
    assert secret not in listed.text
    (key,) = listed.json["keys"]
    assert (key["name"], key["models"], key["usd_per_day"]) == ("ci", ["small"], 1.5)
    assert key["revoked_at"] is None

    path = f"{KEYS}/{key['id']}"
    status, changed = await send(owner, "PUT", path, {"name": "=ci", "requests_per_minute": 5})
    assert status == 200
    assert (changed["models"], changed["requests_per_minute"]) == ([], 5)
    status, gone = await send(owner, "DELETE", path)
    assert (status, gone["revoked_at"] is None) == (200, False)
    assert await send(owner, "DELETE", path) == (200, gone)

    audit = (await owner.get("/api/owner/audit?what=API key")).json["lines"]
    assert [line["what"] for line in audit] == [
        "Revoked the API key =ci",
        "Changed the API key =ci",
        "Created the API key ci",
    ]
    assert "models small, 1.5 USD/day" in audit[2]["detail"]
    assert secret not in str(audit)


WRONG: list[dict[str, Any]] = [
    {},
    {"name": ""},
    {"name": "two\nlines"},
    {"name": "x", "rpm": 5},
    {"name": "x", "requests_per_minute": 0},
    {"name": "x", "usd_per_day": -1},
    {"name": "x", "usd_per_month": 1e30},
    {"name": "x", "models": [" "]},
    {"name": "x", "models": ["m"] * 101},
    {"name": "x", "expires_at": "2020-01-01T00:00:00Z"},
    {"name": "x", "expires_at": "2099-01-01T00:00:00"},
]


async def test_what_makes_no_sense_is_refused(owner: Browser) -> None:
    assert [(await owner.post(KEYS, body)).status for body in WRONG] == [422] * len(WRONG)
    assert (await owner.get(KEYS)).json == {"keys": []}


async def test_only_the_owner_with_a_token_may(owner: Browser, server: Server_) -> None:
    nowhere = f"{KEYS}/{uuid7()}"
    assert (await owner.post(KEYS, {"name": "x"}, csrf=False)).status == 403
    for method, body in (("PUT", {"name": "x"}), ("DELETE", None)):
        assert (await send(owner, method, nowhere, body))[0] == 404
        owner.csrf, kept = "wrong", owner.csrf
        assert (await send(owner, method, nowhere, body))[0] == 403
        owner.csrf = kept
    async with server.browser() as stranger:
        await stranger.consent()
        for path in (KEYS, "/api/owner/usage", "/api/owner/usage.csv"):
            assert (await stranger.get(path)).status == 403
        assert (await stranger.post(KEYS, {"name": "x"})).status == 403


def row(key: str, **changed: Any) -> UsageRow:
    made = UsageRow(
        uuid7(), AT, "r-1", UUID(key), "chat", "small", "local", True,
        10, 5, 4, True, 0.25, 0.5, 2.0, 200,
    )  # fmt: skip
    return replace(made, **changed)


async def test_usage_is_summed_and_taken_away(owner: Browser, server: Server_) -> None:
    assert (await owner.get("/api/owner/usage")).json == {"sums": [], "total": None}
    key = (await owner.post(KEYS, {"name": "=cmd()"})).json["id"]
    await server.app.key_book.usage.add(
        [
            row(key),
            row(
                key,
                at=AT.replace(hour=13),
                model="@big",
                status=502,
                cost_usd=None,
                fault="server",
                ttft_s=None,
            ),
            row(key, key_id=None, at=AT.replace(day=2)),
        ]
    )

    sums = (await owner.get("/api/owner/usage?by=key&by=model&until=2026-03-01")).json
    assert [(s["key_name"], s["model"], s["requests"]) for s in sums["sums"]] == [
        ("=cmd()", "@big", 1),
        ("=cmd()", "small", 1),
    ]
    assert (sums["sums"][0]["cost_usd"], sums["sums"][0]["unpriced"]) == (None, 1)
    total = sums["total"]
    assert (total["requests"], total["errors"], total["cost_usd"]) == (2, 1, 0.25)
    assert (total["key_id"], total["day"], total["ttft_s_mean"]) == (None, None, 0.5)
    assert (await owner.get("/api/owner/usage?by=colour")).status == 422

    text = (await owner.get(f"/api/owner/usage.csv?key={key}")).text
    lines = list(csv.DictReader(io.StringIO(text)))
    assert [line["model"] for line in lines] == ["small", "'@big"]
    assert {line["key_name"] for line in lines} == {"'=cmd()"}
    assert (lines[1]["cost_usd"], lines[1]["fault"]) == ("", "server")
    assert lines[0]["at"] == "2026-03-01T12:00:00+00:00"
    audit = (await owner.get("/api/owner/audit?what=usage")).json["lines"]
    assert audit[0]["detail"] == f"key_id {key}"
