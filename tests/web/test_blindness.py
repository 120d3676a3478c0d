"""Before the vote nothing depends on who the contestants are."""

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour

from .server import Browser, Reply, live_plan, serving
from .test_queue import PROMPTS, replay_plan

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TEXT = "The same answer, wörd for word, from both: **bold** and `code`.\n\n- one\n- two"


async def exchange(browser: Browser) -> list[Reply]:
    """Everything from POST /battles until the vote."""
    browser.log.clear()
    battle = await browser.battle()
    await browser.get(f"/api/battles/{battle}")
    await browser.turn(battle, "first")
    await browser.get(f"/api/battles/{battle}")
    await browser.turn(battle, "second")
    await browser.get(f"/api/battles/{battle}")
    await browser.get("/api/arenas/test/me")
    return list(browser.log)


def comparable(reply: Reply) -> tuple[int, dict[str, str], object]:
    """Leave ids and times out; of a stream, keep the bytes of each side in order."""
    headers = {k: v for k, v in reply.headers.items() if k.lower() != "date"}
    if not reply.events:
        return reply.status, headers, UUID.sub("ID", reply.text)
    sides = {
        side: [block for block in reply.text.split("\n\n") if f'"side":"{side}"' in block]
        for side in "ab"
    }
    rest = [block for block in reply.text.split("\n\n") if '"side"' not in block]
    return reply.status, headers, (sides, rest)


@pytest.mark.parametrize("fault", [None, "server_error", "empty", "truncated"])
async def test_swapping_the_contestants_changes_nothing(tmp_path: Path, fault: str | None) -> None:
    """Same text in other pieces, other tokens, other headers: the exchange stays the same."""
    red = Behaviour(text=TEXT, chunk_size=3, usage="never")
    blue = Behaviour(text=TEXT, chunk_size=11, usage="always", reasoning="hm")
    async with FakeUpstream({"red": red, "blue": blue}) as one, FakeUpstream() as other:
        other.behaviours = dict(one.behaviours)
        plan = live_plan(
            tmp_path,
            models={"Redwood": ["red"], "Bluebell": ["blue"]},
            base_urls={"red": one.url, "blue": other.url},
            follow_ups=True,
        )
        async with serving(plan) as server:
            seen = {}
            for swap in (False, True):
                server.app.battles._rng = _Fixed(swap)
                async with server.browser() as browser:
                    await browser.consent()
                    if fault is None:
                        seen[swap] = [comparable(reply) for reply in await exchange(browser)]
                    else:
                        # The same side fails, whoever it is.
                        bad = Behaviour(text=TEXT, fault=fault)  # type: ignore[arg-type]
                        one.behaviours["red"] = red if swap else bad
                        other.behaviours["blue"] = bad if swap else blue
                        browser.log.clear()
                        battle = await browser.battle()
                        await browser.turn(battle)
                        await browser.get(f"/api/battles/{battle}")
                        seen[swap] = [comparable(reply) for reply in browser.log]
                    for reply in browser.log:
                        everything = reply.text + repr(reply.headers)
                        for secret in (
                            one.canary,
                            other.canary,
                            "Redwood",
                            "Bluebell",
                            "red",
                            "blue",
                        ):
                            assert not re.search(rf"\b{secret}", everything, re.IGNORECASE), secret
            assert seen[False] == seen[True]


MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[^\",<]*")
BOARDS = ("leaderboard", "leaderboard.csv", "pareto?x=ttft", "decision", "pairs", "history")


async def boards(browser: Browser) -> dict[str, str]:
    """Return everything that is public about the contestants, without the time it was made at."""
    pages = [f"/api/arenas/test/{name}" for name in BOARDS] + ["/api/arenas", "/plain/test"]
    return {page: MOMENT.sub("", (await browser.get(page)).text) for page in pages}


async def test_no_board_tells_whose_answers_are_being_read(tmp_path: Path) -> None:
    """What an answer cost and how fast it came is told once its battle has its vote."""
    names = {"Redwood": ["red"], "Bluebell": ["blue"], "Goldfinch": ["gold"]}
    async with FakeUpstream(default=Behaviour(text=TEXT, usage="always")) as upstream:
        urls = {model: upstream.url for (model,) in names.values()}
        plan = live_plan(tmp_path, models=names, base_urls=urls, follow_ups=True)
        async with serving(plan) as server, server.browser() as browser:
            await browser.consent()
            for _ in range(4):
                before = await boards(browser)
                battle = await browser.battle()
                await browser.turn(battle, "first")
                assert await boards(browser) == before
                await browser.turn(battle, "second")
                assert await boards(browser) == before
                await browser.vote(battle)
                after = await boards(browser)
                for name in ("leaderboard", "leaderboard.csv"):
                    assert after[f"/api/arenas/test/{name}"] != before[f"/api/arenas/test/{name}"]
            rows = (await browser.get("/api/arenas/test/leaderboard")).json["rows"]
            assert {row["ttft_s"] is not None for row in rows if row["votes"]} == {True}
            arena = await server.app.pool.by_slug("test")
            assert sum(one.answers for one in await server.app.contestant_stats(arena)) == 16


class _Fixed(random.Random):
    """Draws the one pair there is, with the sides as told."""

    def __init__(self, swap: bool) -> None:
        super().__init__(1)
        self._swap = swap

    def random(self) -> float:
        return 0.1 if self._swap else 0.9


@pytest.mark.parametrize(
    "fault", ["unauthorized", "rate_limited", "server_error", "error_event", "html", "bad_request"]
)
async def test_a_vendor_is_never_quoted(tmp_path: Path, fault: str) -> None:
    async with FakeUpstream(default=Behaviour(fault=fault)) as upstream:  # type: ignore[arg-type]
        plan = live_plan(
            tmp_path,
            models={"Redwood": ["red"], "Bluebell": ["blue"]},
            base_urls={"red": upstream.url, "blue": upstream.url},
        )
        async with serving(plan) as server, server.browser() as browser:
            await browser.consent()
            browser.log.clear()
            battle = await browser.battle()
            turn = await browser.turn(battle)
            await browser.get(f"/api/battles/{battle}")
            assert [name for name, _ in turn.events].count("error") == 3
            for reply in browser.log:
                assert upstream.canary not in reply.text + repr(reply.headers)
                assert str(upstream.url) not in reply.text


async def rate(browser: Browser) -> list[Reply]:
    """Everything a rater can ask of two pairs of the review queue, votes and a change included."""
    queue = "/api/arenas/test/queue"
    await browser.consent()
    browser.log.clear()
    await browser.post(f"{queue}/join", {"invite": None})
    await browser.get(queue)
    pair = (await browser.post(f"{queue}/next", {})).json["battle_id"]
    for path in (f"{queue}/items/{pair}", f"/api/battles/{pair}", "/api/me/data.json"):
        await browser.get(path)
    for refused in ("vote", "turns", "regenerate", "stop", "skip", "share"):
        await browser.post(
            f"/api/battles/{pair}/{refused}", {"outcome": "tie"} if refused == "vote" else {}
        )
    for outcome in ("model_a", "tie"):
        await browser.post(f"{queue}/items/{pair}/vote", {"outcome": outcome})
    for path in (queue, f"{queue}/items/{pair}", f"/api/battles/{pair}", "/api/arenas/test/me"):
        await browser.get(path)
    left = (await browser.post(f"{queue}/next", {"after": pair})).json
    await browser.post(f"{queue}/items/{left['battle_id']}/skip")
    await browser.get("/api/me/data")
    return list(browser.log)


async def test_swapping_the_contestants_of_a_queue_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same answers, of the other contestants."""
    seen = {}
    for swap in (False, True):
        (tmp_path / str(swap)).mkdir()
        plan = replay_plan(tmp_path / str(swap))
        arena = plan.arenas[0]
        plan = replace(
            plan,
            arenas=(
                replace(
                    arena,
                    contestants=arena.contestants[:2],
                    prompts=tuple(  # alike, so that their order does not matter
                        replace(one, text=PROMPTS[0], category="") for one in arena.prompts
                    ),
                ),
            ),
            replays={name: dict.fromkeys(PROMPTS, TEXT) for name in plan.replays},
        )
        monkeypatch.setattr(
            "blindarena.arena.queue.first_is_a", lambda *given, swap=swap: lambda pair: swap
        )
        async with serving(plan) as server, server.browser() as browser:
            seen[swap] = [comparable(reply) for reply in await rate(browser)]
            for reply in browser.log:
                everything = reply.text + repr(reply.headers)
                assert not re.search("Redwood|Bluebell|upstream-", everything), everything
    assert len(seen[True]) == 21
    for one, other in zip(seen[False], seen[True], strict=True):
        assert neutral(one) == neutral(other)


def neutral(reply: tuple[int, dict[str, str], object]) -> str:
    """Leave moments, pseudonyms and which of the tickets came first out of a reply."""
    text = re.sub(r'"(pseudonym|voter)": ?"\w+"', "WHO", MOMENT.sub("", str(reply)))
    text = re.sub(r'"key": ?"T\d"', "TICKET", text)
    return re.sub(r"'Content-Length': '\d+'", "LENGTH", text)  # moments have more digits or fewer
