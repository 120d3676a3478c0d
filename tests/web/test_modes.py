"""Answering again, suggested prompts, and contestants chosen by name, over real HTTP."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pyarrow.parquet as pq
import pytest

from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour

from .server import Browser, Server_, live_plan, serving


@pytest.fixture
async def open_server(upstream: FakeUpstream, tmp_path: Path) -> AsyncIterator[Server_]:
    plan = live_plan(
        tmp_path,
        models={"Redwood": ["red"], "Bluebell": ["blue"]},
        base_urls={"red": upstream.url, "blue": upstream.url},
        modes=("battle", "side_by_side", "direct"),
        suggested_prompts=("Explain tides.",),
    )
    async with serving(plan) as running:
        yield running


@pytest.fixture
async def chooser(open_server: Server_) -> AsyncIterator[Browser]:
    async with open_server.browser() as one:
        await one.consent()
        yield one


async def _named(browser: Browser, mode: str, *names: str) -> str:
    reply = await browser.post(
        "/api/arenas/test/battles", {"mode": mode, "contestants": list(names)}
    )
    assert reply.status == 201, reply.text
    return str(reply.json["battle_id"])


async def test_both_sides_answer_again_and_the_first_answers_are_kept(
    browser: Browser, server: Server_, upstream: FakeUpstream
) -> None:
    battle = await browser.battle()
    await browser.turn(battle, "one")
    await browser.turn(battle, "two")
    upstream.behaviours["red"] = Behaviour(text="Red, once more.")
    upstream.behaviours["blue"] = Behaviour(text="Blue, once more.")

    again = await browser.post(f"/api/battles/{battle}/regenerate")

    assert again.events[-1] == ("turn_done", {"turn": 2})
    assert upstream.requests[-1].body["messages"][-1] == {"role": "user", "content": "two"}
    assert len(upstream.requests[-1].body["messages"]) == 3
    state = (await browser.get(f"/api/battles/{battle}")).json
    assert [turn["replaced"] for turn in state["turns"]] == [0, 1]
    assert {state["turns"][1][side] for side in "ab"} == {"Red, once more.", "Blue, once more."}
    [old] = [
        record
        for record in await server.app.battles.turns(UUID(battle))
        if record.turn.status == "replaced"
    ]
    assert {answer.text for answer in old.answers.values()} == {"Red says hello.", "Blue says hi."}


async def test_only_so_often_and_only_before_the_vote(browser: Browser) -> None:
    battle = await browser.battle()
    assert (await browser.post(f"/api/battles/{battle}/regenerate")).status == 409

    await browser.turn(battle)
    limit = (await browser.get("/api/arenas/test")).json["regenerations"]
    for _ in range(limit):
        assert (await browser.post(f"/api/battles/{battle}/regenerate")).status == 200
    refused = await browser.post(f"/api/battles/{battle}/regenerate")
    assert (refused.status, str(limit) in refused.json["detail"]) == (409, True)

    assert (await browser.vote(battle)).status == 200
    other = await browser.battle()
    await browser.turn(other)
    await browser.vote(other)
    assert (await browser.post(f"/api/battles/{other}/regenerate")).status == 409


async def test_the_data_say_which_prompts_were_suggested(
    chooser: Browser, open_server: Server_
) -> None:
    for content in ("Explain tides.", "Explain tides, briefly.", " Explain tides.\n"):
        battle = await chooser.battle()
        await chooser.turn(battle, content)
        await chooser.vote(battle, "tie")

    arena = await open_server.app.pool.by_slug("test")
    table = pq.read_table(io.BytesIO(await open_server.app._database.votes_parquet(arena.id)))

    assert table.column("origin").to_pylist() == ["suggested", "typed", "suggested"]


async def test_a_named_vote_is_kept_with_its_mode_and_never_counted(
    chooser: Browser, open_server: Server_
) -> None:
    battle = await _named(chooser, "side_by_side", "Bluebell", "Redwood")
    state = (await chooser.get(f"/api/battles/{battle}")).json
    assert (state["mode"], state["contestants"]) == (
        "side_by_side",
        {"a": "Bluebell", "b": "Redwood"},
    )
    turn = await chooser.turn(battle)
    assert (turn.answer("a"), turn.answer("b")) == ("Blue says hi.", "Red says hello.")

    reveal = (await chooser.vote(battle, "model_a")).json

    assert (reveal["counted"], reveal["excluded"]) == (False, "not-blind")
    board = (await chooser.get("/api/arenas/test/leaderboard")).json
    assert (board["n"], board["excluded"]) == (0, {"not-blind": 1})
    beside = (await chooser.get("/api/arenas/test/leaderboard?excluded=with")).json
    assert beside["n"] == 0


async def test_a_chat_has_one_side_and_no_vote(chooser: Browser, upstream: FakeUpstream) -> None:
    battle = await _named(chooser, "direct", "Redwood")
    turn = await chooser.turn(battle, "one")
    await chooser.turn(battle, "two")

    assert (turn.answer("a"), turn.answer("b")) == ("Red says hello.", "")
    assert [request.body["model"] for request in upstream.requests] == ["red", "red"]
    assert upstream.requests[-1].body["messages"][1]["content"] == "Red says hello."
    state = (await chooser.get(f"/api/battles/{battle}")).json
    assert state["contestants"] == {"a": "Redwood", "b": None}
    assert [one["b"] for one in state["turns"]] == ["", ""]
    assert (await chooser.vote(battle)).status == 409
    assert (await chooser.post(f"/api/battles/{battle}/regenerate")).status == 200


async def test_a_blind_arena_names_nobody(browser: Browser) -> None:
    body = {"mode": "side_by_side", "contestants": ["Redwood", "Bluebell"]}
    assert (await browser.post("/api/arenas/test/battles", body)).status == 403
    assert (await browser.get("/api/arenas/test/contestants")).status == 403
    blind = (await browser.post("/api/arenas/test/battles", {})).json
    assert (blind["mode"], blind["contestants"]) == ("battle", None)


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        ("side_by_side", []),
        ("side_by_side", ["Redwood"]),
        ("side_by_side", ["Redwood", "Redwood"]),
        ("direct", ["Redwood", "Bluebell"]),
        ("direct", ["Greenfield"]),
    ],
)
async def test_a_choice_that_cannot_be_is_refused_in_words(
    chooser: Browser, mode: str, names: list[str]
) -> None:
    reply = await chooser.post("/api/arenas/test/battles", {"mode": mode, "contestants": names})

    assert reply.status == 422
    assert "choose" in reply.json["detail"] or "chosen" in reply.json["detail"]


async def test_who_can_be_chosen_is_listed(chooser: Browser) -> None:
    listed = (await chooser.get("/api/arenas/test/contestants")).json["contestants"]

    assert [(one["name"], one["ready"]) for one in listed] == [
        ("Redwood", True),
        ("Bluebell", True),
    ]
