"""A battle from consent to the board, over real HTTP."""

import io

import pyarrow.parquet as pq

from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour

from .server import Browser, Server_


async def test_consent_battle_vote_reveal_board(browser: Browser, server: Server_) -> None:
    battle = await browser.battle()
    turn = await browser.turn(battle, "What is red?")
    assert [name for name, _ in turn.events][-1] == "turn_done"
    assert {turn.answer("a"), turn.answer("b")} == {"Red says hello.", "Blue says hi."}

    reply = await browser.vote(battle, "model_a", reasons=["good"], comment="because")
    reveal = reply.json
    winner, loser = reveal["a"]["contestant"], reveal["b"]["contestant"]
    assert {winner, loser} == {"Redwood", "Bluebell"}
    assert reveal["counted"] is True
    assert reveal["a"]["organization"] == f"{winner} Inc"
    assert reveal["a"]["prompt_tokens"] == 12
    assert reveal["a"]["tokens_reported"] is True
    assert reveal["a"]["cost_usd"] is None
    assert reveal["a"]["seconds"] >= reveal["a"]["ttft_s"] >= 0

    board = (await browser.get("/api/arenas/test/leaderboard")).json
    rows = {row["contestant"]: row for row in board["rows"]}
    assert board["n"] == 1
    assert rows[winner]["wins"] == 1
    assert rows[loser]["losses"] == 1
    assert rows[winner]["preliminary"] is True
    assert rows[winner]["needs_votes"] == 49
    assert rows[winner]["rank"] is None

    state = (await browser.get(f"/api/battles/{battle}")).json
    assert state["status"] == "voted"
    assert state["reveal"]["a"]["contestant"] == winner


async def test_follow_up_turns_send_each_side_its_own_history(
    browser: Browser, upstream: FakeUpstream
) -> None:
    battle = await browser.battle()
    await browser.turn(battle, "one")
    second = await browser.turn(battle, "two")

    assert second.events[-1] == ("turn_done", {"turn": 2})
    by_model = {r.body["model"]: r.body["messages"] for r in upstream.requests[2:]}
    assert by_model["red"] == [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "Red says hello."},
        {"role": "user", "content": "two"},
    ]
    assert by_model["blue"][1]["content"] == "Blue says hi."


async def test_an_answer_that_names_its_author_is_kept_and_not_counted(
    browser: Browser, upstream: FakeUpstream
) -> None:
    upstream.behaviours["red"] = Behaviour(text="I am Claude, made by Anthropic.")
    battle = await browser.battle()
    await browser.turn(battle)
    reveal = (await browser.vote(battle, "tie")).json

    assert reveal["counted"] is False
    assert reveal["excluded"] == "identity-leak"
    board = (await browser.get("/api/arenas/test/leaderboard")).json
    assert board["n"] == 0
    assert board["excluded"] == {"identity-leak": 1}


async def test_stop_keeps_what_is_written(browser: Browser, upstream: FakeUpstream) -> None:
    import asyncio

    upstream.behaviours["red"] = Behaviour(text="word " * 400, chunk_size=5, delay_s=0.02)
    battle = await browser.battle()
    turn = asyncio.create_task(browser.turn(battle))
    await asyncio.sleep(0.6)
    stopped = await browser.post(f"/api/battles/{battle}/stop", {})
    reply = await turn

    assert stopped.json == {"status": "votable"}
    assert reply.events[-1][0] == "turn_done"
    texts = (reply.answer("a"), reply.answer("b"))
    assert "Blue says hi." in texts
    long = max(texts, key=len)
    assert 20 < len(long) < 1000
    assert (await browser.vote(battle)).status == 200


async def test_skip(browser: Browser) -> None:
    battle = await browser.battle()
    await browser.turn(battle)

    assert (await browser.post(f"/api/battles/{battle}/skip")).json == {"status": "skipped"}
    refused = await browser.vote(battle)
    assert (refused.status, refused.json["code"]) == (409, "battle-state")


async def test_a_reader_who_leaves_closes_both_upstreams_and_may_send_again(
    browser: Browser, upstream: FakeUpstream
) -> None:
    import asyncio

    slow = Behaviour(text="word " * 500, chunk_size=5, delay_s=0.02)
    upstream.behaviours |= {"red": slow, "blue": slow}
    battle = await browser.battle()
    turn = asyncio.create_task(browser.turn(battle))
    await asyncio.sleep(0.4)
    turn.cancel()
    async with asyncio.timeout(5):
        await upstream.wait_for_disconnect(count=2)
        while (state := (await browser.get(f"/api/battles/{battle}")).json)["status"] != "waiting":
            await asyncio.sleep(0.02)
    assert state["turns"][0]["status"] == "interrupted"

    upstream.behaviours |= {"red": Behaviour(text="again"), "blue": Behaviour(text="again")}
    assert (await browser.turn(battle)).events[-1] == ("turn_done", {"turn": 1})
    assert (await browser.vote(battle, "both_bad")).status == 200


async def test_owner_sees_and_exports(browser: Browser, server: Server_) -> None:
    password = await server.app.sessions.first_password()
    assert password is not None
    assert await server.app.sessions.first_password() is None
    battle = await browser.battle()
    await browser.turn(battle)
    await browser.vote(battle, "model_b", comment="so")
    assert (await browser.get("/api/arenas/test/votes.parquet")).status == 403

    async with server.browser() as owner:
        wrong = await owner.post("/api/owner/login", {"password": "nonsense"})
        assert (wrong.status, wrong.json["code"]) == (403, "forbidden")
        owner.csrf = (await owner.post("/api/owner/login", {"password": password})).json[
            "csrf_token"
        ]
        page = (await owner.get("/api/owner")).json
        assert [v["comment"] for v in page["votes"]] == ["so"]
        assert {c["name"]: c["sampled"] for c in page["contestants"]} == {
            "Redwood": 0.5,
            "Bluebell": 0.5,
        }
        async with owner.http.get(f"{server.url}/api/arenas/test/votes.parquet") as reply:
            table = pq.read_table(io.BytesIO(await reply.read()))
        assert table.column("winner").to_pylist() == ["model_b"]

        off = page["contestants"][0]["id"]
        switched = await owner.post(f"/api/owner/contestants/{off}", {"enabled": False})
        assert switched.json["health"] == "disabled"
        audit = (await owner.get("/api/owner/audit")).json["lines"]
        assert any(line["what"].startswith("Switched off") for line in audit)
        assert (await owner.post("/api/owner/logout")).json == {"status": "ok"}
        assert (await owner.get("/api/owner")).status == 403

    refused = await browser.post("/api/arenas/test/battles", {})
    assert (refused.status, refused.json["code"]) == (503, "not-ready")
