"""Pictures from the message to the upstream, back to page, link and export; and refused."""

import asyncio
import json
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from blindarena.bootstrap import Plan
from blindarena.domain.images import read_images
from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour
from domain.image_builders import SECRET, picture

from .server import Browser, Server_, live_plan, serving

PNG, JPEG, WEBP = (picture(kind) for kind in ("PNG", "JPEG", "WEBP"))
NAMES = {"Redwood": ["red"], "Bluebell": ["blue"], "Elm": ["elm"], "Fir": ["fir"]}


def plan_of(tmp_path: Path, upstream: FakeUpstream, *, take: str, **arena: Any) -> Plan:
    """Plan four contestants, of which those named in `take` take pictures."""
    urls = {name: upstream.url for names in NAMES.values() for name in names}
    plan = live_plan(tmp_path, models=NAMES, base_urls=urls, **arena)
    [one] = plan.arenas
    contestants = tuple(replace(c, images=c.name in take.split()) for c in one.contestants)
    return replace(plan, arenas=(replace(one, contestants=contestants),))


@pytest.fixture
async def some(upstream: FakeUpstream, tmp_path: Path) -> AsyncIterator[Server_]:
    modes = ("battle", "side_by_side", "direct")
    async with serving(plan_of(tmp_path, upstream, take="Elm Fir", modes=modes)) as running:
        yield running


@pytest.fixture
async def seer(some: Server_) -> AsyncIterator[Browser]:
    async with some.browser() as one:
        await one.consent()
        yield one


async def begin(browser: Browser, **given: Any) -> str:
    reply = await browser.post("/api/arenas/test/battles", given or {"images": True})
    assert reply.status == 201, reply.text
    return str(reply.json["battle_id"])


async def send(browser: Browser, battle: str, *files: bytes, **given: Any) -> Any:
    images = [b64encode(data).decode() for data in files]
    body = {"content": "What is this?", "images": images, **given}
    return await browser.post(f"/api/battles/{battle}/turns", body)


def cleaned(*files: bytes) -> list[bytes]:
    return [one.image.data for one in read_images(files)]


async def test_bytes_reach_both_upstreams_and_come_again(
    seer: Browser, upstream: FakeUpstream
) -> None:
    battle = await begin(seer)
    first = await send(seer, battle, PNG, JPEG, WEBP)
    assert first.events[-1] == ("turn_done", {"turn": 1})

    assert {r.body["model"] for r in upstream.requests} == {"elm", "fir"}
    for request in upstream.requests:
        assert [i.data for i in request.images] == cleaned(PNG, JPEG, WEBP)
        assert [i.media_type for i in request.images] == ["image/png", "image/jpeg", "image/webp"]
        assert SECRET not in b"".join(i.data for i in request.images)

    await send(seer, battle, content="And then?")
    follow_up = upstream.requests[-1]
    assert [i.data for i in follow_up.images] == cleaned(PNG, JPEG, WEBP)
    assert follow_up.body["messages"][-1] == {"role": "user", "content": "And then?"}

    await send(seer, battle, WEBP)
    await seer.post(f"/api/battles/{battle}/regenerate")
    assert [i.data for i in upstream.requests[-1].images] == cleaned(PNG, JPEG, WEBP, WEBP)

    turns = (await seer.get(f"/api/battles/{battle}")).json["turns"]
    assert [len(turn["images"]) for turn in turns] == [3, 0, 1]
    assert turns[2]["replaced"] == 1
    assert (turns[0]["images"][0]["width"], turns[0]["images"][0]["height"]) == (12, 8)


async def test_only_contestants_that_take_pictures_are_drawn_with_the_right_probability(
    seer: Browser, some: Server_
) -> None:
    assert (await seer.get("/api/arenas/test")).json["images"] == "some"
    with_images, without = Counter[str](), Counter[str]()
    for n in range(20):
        for asked, drawn in ((True, with_images), (False, without))[n > 3 :]:
            reply = await seer.post("/api/arenas/test/battles", {"images": asked})
            assert reply.json["images"] is asked
            assert set(reply.json) == {
                "battle_id", "mode", "contestants", "prompt", "ticket", "progress", "images",
            }  # fmt: skip
            battle = await some.app.battles._battles.get(UUID(reply.json["battle_id"]))
            arena = await some.app.pool.by_slug("test")
            for side in ("a", "b"):
                one = await some.app.pool.contestant(arena, battle.contestant(side))
                drawn[one.name] += 1
            assert battle.probability == pytest.approx(1.0 if asked else 1 / 6)
    assert set(with_images) == {"Elm", "Fir"}
    assert set(without) == set(NAMES)


async def test_a_conversation_that_began_without_takes_none(seer: Browser) -> None:
    battle = await begin(seer, images=False)

    reply = await send(seer, battle, PNG)

    assert reply.status == 422
    assert "this conversation takes no pictures" in reply.json["detail"]
    assert (await seer.get(f"/api/battles/{battle}")).json["turns"] == []
    assert (await send(seer, battle)).status == 200


@pytest.mark.parametrize(
    ("take", "arena", "offer"),
    [
        ("Elm", {}, "none"),
        ("Elm Fir", {}, "some"),
        ("Redwood Bluebell Elm Fir", {}, "all"),
        ("Elm Fir", {"sampling": "versus_baseline", "baseline": "Redwood"}, "none"),
        ("Elm Fir", {"sampling": "versus_baseline", "baseline": "Elm"}, "some"),
        ("Elm Fir", {"prompts": ["A ticket."]}, "none"),
    ],
)
async def test_what_an_arena_offers(
    upstream: FakeUpstream, tmp_path: Path, take: str, arena: dict[str, Any], offer: str
) -> None:
    plan = plan_of(tmp_path, upstream, take=take, **arena)
    async with serving(plan) as server, server.browser() as browser:
        await browser.consent()
        assert (await browser.get("/api/arenas/test")).json["images"] == offer
        asked = await browser.post("/api/arenas/test/battles", {"images": True})
        plain = await browser.post("/api/arenas/test/battles", {})
    assert asked.status == (422 if offer == "none" else 201)
    assert plain.json["images"] is (offer == "all")


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([b"GIF89a" + bytes(40)], "picture 1 is no PNG, JPEG or WebP file"),
        ([PNG, b"\x89PNG\r\n\x1a\n" + bytes(20)], "picture 2 is damaged"),
        ([PNG] * 5, "the message has 5 pictures; at most 4 are taken"),
    ],
)
async def test_refusals_are_one_line_and_send_nothing(
    seer: Browser, upstream: FakeUpstream, files: list[bytes], why: str
) -> None:
    battle = await begin(seer)
    reply = await send(seer, battle, *files)

    assert reply.status == 422
    assert why in reply.json["detail"]
    assert "\n" not in reply.json["detail"]
    assert upstream.requests == []
    assert (await seer.get(f"/api/battles/{battle}")).json["status"] == "waiting"


async def test_what_is_no_base64_is_refused_without_an_echo(seer: Browser) -> None:
    battle = await begin(seer)
    for wrong in ("no" * 50_000 + "!", "abc", "ü"):
        body = {"content": "?", "images": [wrong]}
        reply = await seer.post(f"/api/battles/{battle}/turns", body)
        assert reply.status == 422
        assert reply.json["detail"].startswith("picture 1 is no base64 text")
        assert len(reply.text) < 1_000


async def test_only_messages_may_be_that_large(seer: Browser) -> None:
    battle = await begin(seer)
    large = {"content": "?" * 300_000}
    assert (await seer.post(f"/api/battles/{battle}/vote", large)).status == 413
    assert (await seer.post(f"/api/battles/{battle}/turns", large)).status == 422

    host, port = seer.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"POST /api/battles/{battle}/turns HTTP/1.1\r\nHost: x\r\nContent-Length: 40000000\r\n\r\n"
    )
    writer.write(head.encode())
    assert b" 413 " in await reader.readline()
    writer.close()


async def test_a_picture_is_shown_to_its_voter_alone_and_is_nothing_but_a_picture(
    seer: Browser, some: Server_
) -> None:
    battle = await begin(seer)
    await send(seer, battle, JPEG)
    [image] = (await seer.get(f"/api/battles/{battle}")).json["turns"][0]["images"]
    url = f"{some.url}/api/battles/{battle}/images/{image['id']}"

    async with seer.http.get(url) as reply:
        assert await reply.read() == cleaned(JPEG)[0]
        headers = reply.headers
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Disposition"] == "inline"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "no-store" in headers["Cache-Control"]

    async with some.browser() as other:
        assert (await other.get(url.removeprefix(some.url))).status == 403
        await other.consent()
        assert (await other.get(url.removeprefix(some.url))).status == 403
    [secret] = [c.value for c in seer.http.cookie_jar if c.key == "blindarena_session"]
    for cookies, status in (
        ({"blindarena_embedded": secret}, 200),  # an image in a frame can send no header
        ({"blindarena_session": "old", "blindarena_embedded": secret}, 200),
        ({"blindarena_session": "old"}, 403),
    ):
        async with aiohttp.ClientSession(cookies=cookies) as framed, framed.get(url) as reply:
            assert reply.status == status, cookies
    another = await begin(seer)
    missing = await seer.get(f"/api/battles/{another}/images/{image['id']}")
    assert missing.status == 404


async def test_a_link_shows_them_until_it_is_withdrawn_or_the_voter_erased(
    seer: Browser, some: Server_
) -> None:
    battle = await begin(seer)
    await send(seer, battle, PNG)
    await seer.post(f"/api/battles/{battle}/vote", {"outcome": "tie"})
    link = (await seer.post(f"/api/battles/{battle}/share")).json["url"]
    token = link.rsplit("/", 1)[1]

    async with some.browser() as reader:
        [turn] = (await reader.get(f"/api/shares/{token}")).json["turns"]
        url = f"{some.url}/api/shares/{token}/images/{turn['images'][0]['id']}"
        async with reader.http.get(url) as reply:
            assert await reply.read() == cleaned(PNG)[0]
            assert "noindex" in reply.headers["X-Robots-Tag"]
            assert "sandbox" in reply.headers["Content-Security-Policy"]
        export = json.loads((await seer.get("/api/me/data.json")).text)
        [kept] = export["arenas"][0]["stored"]["images"]
        assert b64decode(kept["data"]) == cleaned(PNG)[0]
        await seer.post("/api/me/erase")
        async with reader.http.get(url) as reply:
            assert reply.status == 404


async def test_named_modes_take_them_where_the_chosen_do(
    seer: Browser, upstream: FakeUpstream
) -> None:
    choices = (await seer.get("/api/arenas/test/contestants")).json["contestants"]
    assert {c["name"] for c in choices if c["images"]} == {"Elm", "Fir"}

    pair = await begin(seer, mode="side_by_side", contestants=["Fir", "Elm"])
    assert (await send(seer, pair, PNG)).status == 200
    alone = await begin(seer, mode="direct", contestants=["Fir"])
    assert (await send(seer, alone, PNG)).status == 200
    assert all(len(r.images) == 1 for r in upstream.requests)
    mixed = await begin(seer, mode="side_by_side", contestants=["Fir", "Redwood"])
    assert (await send(seer, mixed, PNG)).status == 422


async def test_an_interrupted_message_keeps_its_pictures(
    seer: Browser, upstream: FakeUpstream
) -> None:
    upstream.default = Behaviour(fault="hang")
    battle = await begin(seer)
    path = f"/api/battles/{battle}/turns"
    images = [b64encode(PNG).decode()]
    async with seer.http.post(
        f"{seer.url}{path}",
        json={"content": "What is this?", "images": images},
        headers={"X-CSRF-Token": seer.csrf},
    ) as reply:
        await reply.content.readline()
    await upstream.wait_for_disconnect(count=2)
    while (await seer.get(f"/api/battles/{battle}")).json["status"] == "streaming":
        await asyncio.sleep(0.01)
    upstream.default = Behaviour()

    again = await send(seer, battle, keep_images=True)

    assert again.status == 200, again.text
    assert [i.data for i in upstream.requests[-1].images] == cleaned(PNG)
    [turn] = (await seer.get(f"/api/battles/{battle}")).json["turns"]
    assert len(turn["images"]) == 1


async def test_the_same_question_on_another_picture_is_another_message(
    seer: Browser, some: Server_
) -> None:
    marks = []
    for data in (PNG, PNG, JPEG):
        battle = await begin(seer)
        await send(seer, battle, data)
        known = some.app.battles._recent.get(UUID(battle))
        marks.append(await some.app.guards.repeats.mark(known.battle, known.turns))
    assert marks[0] == marks[1] != marks[2]
