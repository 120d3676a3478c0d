"""The review queue over real HTTP, on prepared answers and without any model."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from blindarena.bootstrap import Plan
from blindarena.domain.arenas import VoterGroup
from blindarena.domain.queue import QueueRules
from blindarena.settings import Deployment

from .server import Browser, Reply, Server_, live_plan, serving

NAMES = {"Redwood": "upstream-1", "Bluebell": "upstream-2", "Goldfinch": "upstream-3"}
PROMPTS = ("Where is my parcel?", "Please cancel my order.")
PAIRS = 6
QUEUE = "/api/arenas/test/queue"
OWNER = "/api/owner/arenas/test"
GROUPS = (VoterGroup("day shift", 4), VoterGroup("night shift"))


def replay_plan(root: Path, **arena: Any) -> Plan:
    """Plan an arena of three contestants whose answers were written beforehand."""
    defaults: dict[str, Any] = {
        "modes": ("battle", "queue"),
        "queue": QueueRules(open_to_all=True, overlap=0.0),
    }
    plan = live_plan(
        root,
        models={name: [model] for name, model in NAMES.items()},
        base_urls=dict.fromkeys(NAMES.values(), "http://127.0.0.1:9"),
        prompts=PROMPTS,
        **(defaults | arena),
    )
    return replace(
        plan,
        deployments={name: Deployment(replay=Path(name)) for name in NAMES.values()},
        replays={
            name: {text: f"Answer {number} to {text}" for text in PROMPTS}
            for number, name in enumerate(NAMES.values())
        },
    )


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server_]:
    async with serving(replay_plan(tmp_path)) as running:
        yield running


@contextlib.asynccontextmanager
async def rating(server: Server_, invite: str | None = None) -> AsyncIterator[Browser]:
    async with server.browser() as browser:
        await browser.consent()
        reply = await browser.post(f"{QUEUE}/join", {"invite": invite})
        assert reply.status == 200, reply.text
        yield browser


@contextlib.asynccontextmanager
async def owning(server: Server_) -> AsyncIterator[Browser]:
    password = await server.app.sessions.first_password()
    async with server.browser() as browser:
        reply = await browser.post("/api/owner/login", {"password": password})
        browser.csrf = reply.json["csrf_token"]
        yield browser


async def next_pair(browser: Browser, after: str | None = None) -> Any:
    reply = await browser.post(f"{QUEUE}/next", {"after": after})
    assert reply.status == 200, reply.text
    return reply.json


async def cast(browser: Browser, battle: str, outcome: str = "model_a", **more: Any) -> Reply:
    return await browser.post(f"{QUEUE}/items/{battle}/vote", {"outcome": outcome, **more})


async def votes_on_board(server: Server_) -> int:
    arena = await server.app.pool.by_slug("test")
    return await server.app.boards.votes(arena, population="people")


async def test_a_rater_goes_through_all_pairs_and_learns_no_name(server: Server_) -> None:
    async with rating(server) as browser:
        state = (await browser.get(QUEUE)).json
        assert (state["done"], state["total"], state["finished"]) == (0, PAIRS, False)
        assert (state["arena_total"], state["overlap_share"], state["group"]) == (PAIRS, 0.0, None)

        item, seen = await next_pair(browser), []
        while item is not None:
            assert (item["finished"], item["number"], item["of"]) == (False, len(seen) + 1, PAIRS)
            assert item["previous"] == (seen[-1]["battle_id"] if seen else None)
            assert item["prompt"] in PROMPTS
            assert all(item["prompt"] in answer for answer in item["answers"].values())
            seen.append(item)
            reply = await cast(browser, item["battle_id"], "tie", reasons=["good"])
            item, state = reply.json["next"], reply.json["state"]
            assert state["done"] == len(seen)

        assert len({(i["prompt"], *sorted(i["answers"].values())) for i in seen}) == PAIRS
        assert (state["finished"], state["arena_done"], state["total"]) == (True, PAIRS, PAIRS)
        assert state["minutes_left_estimate"] == 0.0
        assert await next_pair(browser) == {"finished": True, "waiting": 0}
        assert await votes_on_board(server) == PAIRS
        page = await browser.get(f"/api/battles/{seen[0]['battle_id']}")
        assert page.json["reveal"] is None
        await browser.get("/api/me/data.json")
        told = "".join(reply.text for reply in browser.log[1:])  # the first names the arena's all
        assert [name for name in (*NAMES, *NAMES.values()) if name in told] == []


async def test_other_routes_refuse_a_pair_of_the_queue(server: Server_) -> None:
    async with rating(server) as browser:
        battle = (await next_pair(browser))["battle_id"]

        replies = [
            await browser.vote(battle),
            await browser.turn(battle),
            await browser.post(f"/api/battles/{battle}/skip"),
            await browser.post(f"/api/battles/{battle}/regenerate"),
        ]
        assert [(reply.status, reply.json["code"]) for reply in replies] == [
            (409, "battle-state")
        ] * 4
        await cast(browser, battle)
        assert (await browser.post(f"/api/battles/{battle}/share")).status == 403


async def test_going_back_and_changing_a_vote(server: Server_, tmp_path: Path) -> None:
    async with rating(server) as browser:
        first = await next_pair(browser)
        reply = await cast(browser, first["battle_id"], "model_a", comment="clearer")
        second = reply.json["next"]
        back = (await browser.get(f"{QUEUE}/items/{second['previous']}")).json
        assert back["battle_id"] == first["battle_id"]
        assert back["answers"] == first["answers"]
        assert (back["vote"]["outcome"], back["vote"]["comment"]) == ("model_a", "clearer")

        again = await cast(browser, first["battle_id"], "model_a", comment="clearer")
        assert again.json["vote_id"] == reply.json["vote_id"]
        changed = await cast(browser, first["battle_id"], "both_bad")
        assert changed.json["vote_id"] != reply.json["vote_id"]
        assert changed.json["next"]["battle_id"] == second["battle_id"]
        assert changed.json["state"]["done"] == 1
        assert await votes_on_board(server) == 1

    arena = await server.app.pool.by_slug("test")
    await server.app.export_votes(arena, tmp_path / "votes.parquet")
    rows = pq.read_table(tmp_path / "votes.parquet").to_pylist()
    assert sorted((row["winner"], row["excluded"]) for row in rows) == [
        ("both_bad", None),
        ("model_a", "retracted"),
    ]
    assert {row["mode"] for row in rows} == {"queue"}
    assert {row["probability"] for row in rows} == {1 / 3}


async def test_leaving_a_pair_open_and_leaving_it_to_others(server: Server_) -> None:
    async with rating(server) as browser:
        first = await next_pair(browser)
        second = await next_pair(browser, first["battle_id"])
        assert second["battle_id"] != first["battle_id"]
        assert (await next_pair(browser))["battle_id"] == first["battle_id"]

        skipped = await browser.post(f"{QUEUE}/items/{first['battle_id']}/skip")
        assert skipped.json["battle_id"] == second["battle_id"]
        assert skipped.json["of"] == PAIRS - 1
        await cast(browser, second["battle_id"])
        for _ in range(4):
            await cast(browser, (await next_pair(browser))["battle_id"])
        assert await next_pair(browser) == {"finished": True, "waiting": 0}
    async with rating(server) as other:
        last = await next_pair(other)
        assert last["prompt"] == first["prompt"]
        assert sorted(last["answers"].values()) == sorted(first["answers"].values())


async def test_raters_beside_each_other_share_the_pairs(server: Server_) -> None:
    async with contextlib.AsyncExitStack() as stack:
        raters = [await stack.enter_async_context(rating(server)) for _ in range(3)]

        async def work(browser: Browser) -> list[tuple[str, ...]]:
            seen, item = [], await next_pair(browser)
            while item is not None and not item["finished"]:
                seen.append((item["prompt"], *sorted(item["answers"].values())))
                twice = await asyncio.gather(*(cast(browser, item["battle_id"]) for _ in range(2)))
                assert [reply.status for reply in twice] == [200, 200]
                item = await next_pair(browser)
            return seen

        found = await asyncio.gather(*(work(browser) for browser in raters))

    assert Counter(pair for seen in found for pair in seen).total() == PAIRS
    assert len({pair for seen in found for pair in seen}) == PAIRS
    assert await votes_on_board(server) == PAIRS


async def test_groups_by_invite_and_what_the_owner_sees(tmp_path: Path) -> None:
    plan = replay_plan(tmp_path, groups=GROUPS, queue=QueueRules(overlap=1.0))
    async with serving(plan) as server, owning(server) as owner:
        links = []
        for group in ("day shift", "night shift"):
            made = await owner.post(f"{OWNER}/invites", {"group": group, "expires_days": 7})
            assert made.status == 201, made.text
            links.append(made.json["link"])
            assert made.json["link"].startswith(f"{server.url}/q/")
        for link, outcomes in zip(
            links, (["tie"] * 6, ["tie"] * 3 + ["both_bad"] * 3), strict=True
        ):
            token = link.rpartition("/")[2]
            async with rating(server, token) as browser:
                shown = (await browser.get(f"/api/queue/invites/{token}")).json
                assert (shown["slug"], shown["title"]) == ("test", "Test arena")
                for outcome in outcomes:
                    item = await next_pair(browser)
                    said = outcome if item["prompt"] == PROMPTS[0] else "tie"
                    reply = await cast(browser, item["battle_id"], said)
                assert reply.json["state"]["group"] == shown["group"]

        progress = (await owner.get(f"{OWNER}/progress")).json
        assert (progress["pairs"], progress["pairs_done"], progress["ratings"]) == (6, 6, 12)
        assert (progress["ratings_wanted"], progress["overlap_share"]) == (12, 1.0)
        assert progress["groups"] == [
            {"group": "day shift", "invited": 4, "joined": 1, "active": 1, "ratings": 6},
            {"group": "night shift", "invited": None, "joined": 1, "active": 1, "ratings": 6},
        ]
        assert [len(one["rater"]) for one in progress["raters"]] == [8, 8]
        everyone, between = progress["agreement"]
        assert (everyone["groups"], everyone["pairs"], everyone["ratings"]) == (None, 6, 12)
        assert between["groups"] == ["day shift", "night shift"]
        assert between["share_equal"] == everyone["share_equal"]

        arena = await server.app.pool.by_slug("test")
        await server.app.export_votes(arena, tmp_path / "votes.parquet")
        rows = pq.read_table(tmp_path / "votes.parquet").to_pylist()
        assert Counter(row["voter_group"] for row in rows) == {"day shift": 6, "night shift": 6}
        audit = (await owner.get("/api/owner/audit")).json["lines"]
        assert [line["what"] for line in audit].count("Made an invite") == 2


async def test_an_invite_is_needed_open_and_of_this_arena(tmp_path: Path) -> None:
    plan = replay_plan(tmp_path, groups=GROUPS, queue=QueueRules())
    async with serving(plan) as server, owning(server) as owner, server.browser() as browser:
        assert (await browser.post(f"{QUEUE}/join", {"invite": None})).json["code"] == (
            "consent-required"
        )
        await browser.consent()
        refused = [
            await browser.post(f"{QUEUE}/join", {"invite": None}),
            await browser.get(QUEUE),
            await browser.post(f"{QUEUE}/next"),
        ]
        assert [reply.status for reply in refused] == [403] * 3
        assert (await browser.post(f"{QUEUE}/join", {"invite": "x"})).status == 404
        assert (await owner.post(f"{OWNER}/invites", {"group": "nobody"})).status == 422

        made = (await owner.post(f"{OWNER}/invites", {"group": None})).json
        token = made["link"].rpartition("/")[2]
        assert (await browser.post(f"{QUEUE}/join", {"invite": token})).json["group"] is None
        closed = await owner.post(f"{OWNER}/invites/{made['id']}/withdraw")
        assert (closed.json["status"], closed.json["joined"]) == ("withdrawn", 1)
        assert (await browser.get(f"/api/queue/invites/{token}")).status == 403
        assert (await browser.post(f"{QUEUE}/join", {"invite": token})).status == 403
        assert (await next_pair(browser))["finished"] is False
        listed = (await owner.get(f"{OWNER}/invites")).json
        assert [invite["status"] for invite in listed["invites"]] == ["withdrawn"]
        assert "link" not in listed["invites"][0]
        assert listed["groups"] == ["day shift", "night shift"]
        assert (await browser.get(f"{OWNER}/invites")).status == 403


async def test_anothers_pair_and_an_unknown_one(server: Server_) -> None:
    async with rating(server) as ann, rating(server) as bob:
        battle = (await next_pair(ann))["battle_id"]

        assert (await bob.get(f"{QUEUE}/items/{battle}")).status == 403
        assert (await cast(bob, battle)).status == 403
        unknown = "00000000-0000-7000-8000-000000000000"
        assert (await cast(bob, unknown)).status == 404
        assert (await cast(ann, battle, "a_wins")).status == 422
        assert (await cast(ann, battle, reasons=["nice"])).status == 422
        wrong = {"a": {"send": "as_is"}, "b": {"send": "never"}}
        assert (await cast(ann, battle, usable=wrong)).status == 422
        no_token = await ann.post(f"{QUEUE}/next", {}, csrf=False)
        assert no_token.status == 403


async def test_the_usable_question_is_asked_and_shown_again(tmp_path: Path) -> None:
    plan = replay_plan(tmp_path, usable_answer=True)
    async with serving(plan) as server, rating(server) as browser:
        item = await next_pair(browser)
        assert item["usable_answer"] is True
        assert (await cast(browser, item["battle_id"])).status == 422
        usable = {
            "a": {"send": "as_is", "breaks_policy": False},
            "b": {"send": "never", "breaks_policy": True},
        }
        reply = await cast(browser, item["battle_id"], usable=usable)
        assert reply.status == 200, reply.text
        back = (await browser.get(f"{QUEUE}/items/{item['battle_id']}")).json
        assert back["vote"]["usable"] == usable


async def test_without_the_mode_there_is_no_queue(tmp_path: Path) -> None:
    plan = replay_plan(tmp_path, modes=("battle",))
    async with serving(plan) as server, server.browser() as browser:
        await browser.consent()
        reply = await browser.post(f"{QUEUE}/join", {"invite": None})
        assert (reply.status, reply.json["code"]) == (422, "invalid-input")
        assert "modes" in reply.json["detail"]
