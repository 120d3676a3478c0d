"""Nothing that is personal reaches an upstream, the database or the log under redact and block."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from blindarena.domain.arenas import PiiPattern
from blindarena.pipeline.pii.measuring import read_labelled
from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour

from .server import Browser, Server_, live_plan, serving

LEA = "Hi, my name is Lea Sommer, mail lea.sommer@example.org about LOCK-77-QX, please."
PLANTED = ("Lea", "Sommer", "lea.sommer@example.org", "LOCK-77-QX")
Start = Callable[..., AbstractAsyncContextManager[tuple[Server_, Browser]]]


@pytest.fixture
def start(tmp_path: Path, upstream: FakeUpstream) -> Start:
    @asynccontextmanager
    async def starting(**arena: Any) -> AsyncIterator[tuple[Server_, Browser]]:
        plan = live_plan(
            tmp_path,
            models={"Redwood": ["red"], "Bluebell": ["blue"]},
            base_urls={"red": upstream.url, "blue": upstream.url},
            pii_patterns=(PiiPattern("locker", "LOCK-##-@@"),),
            **arena,
        )
        async with serving(plan) as server, server.browser() as browser:
            await browser.consent()
            yield server, browser

    return starting


def everything(folder: Path, upstream: FakeUpstream, log: pytest.LogCaptureFixture) -> str:
    """Return all that went out, was written to disk, or was logged."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    sent = [repr(request.body) for request in upstream.requests]
    return "\n".join([*(one.decode("utf-8", "replace") for one in files), *sent, log.text])


async def test_redact_sends_stores_and_shows_placeholders(
    start: Start, upstream: FakeUpstream, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    red = "Dear [NAME_1], we wrote to [EMAIL_1]."
    upstream.behaviours["red"] = Behaviour(text=red)
    async with start(pii="redact") as (_, browser):
        battle = await browser.battle()
        first = await browser.turn(battle, LEA)
        assert first.events[0] == (
            "message_changed",
            {
                "content": "Hi, my name is [NAME_1], mail [EMAIL_1] about [LOCKER_1], please.",
                "replaced": "1 e-mail address, 1 order or customer number and 1 name",
            },
        )
        assert red in (first.answer("a"), first.answer("b"))
        second = await browser.turn(battle, "Lea Sommer again. Ask Tom Berger, tom@example.com.")
        assert second.events[0][1]["content"] == "[NAME_1] again. Ask [NAME_2], [EMAIL_2]."
        quiet = await browser.turn(battle, "Thanks, and how long does it take?")
        assert "message_changed" not in [name for name, _ in quiet.events]
        state = (await browser.get(f"/api/battles/{battle}")).json
        assert state["turns"][1]["content"] == "[NAME_1] again. Ask [NAME_2], [EMAIL_2]."
        await browser.vote(battle, "tie", comment="Lea Sommer likes it, lea.sommer@example.org")

    assert len(upstream.requests) == 6
    found = everything(tmp_path, upstream, caplog)
    assert "likes it" in found
    assert [value for value in (*PLANTED, "Berger", "tom@example.com") if value in found] == []


async def test_values_come_back_only_where_the_owner_wants_and_only_on_the_page(
    start: Start, upstream: FakeUpstream, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said = "Dear [NAME_1], we wrote to [EMAIL_1], see [NAME_9]"
    for name in ("red", "blue"):
        upstream.behaviours[name] = Behaviour(text=said, chunk_size=5)
    shown = "Dear Lea Sommer, we wrote to lea.sommer@example.org, see [NAME_9]"
    async with start(pii="redact", restore_placeholders=True) as (server, browser):
        battle = await browser.battle()
        turn = await browser.turn(battle, LEA)
        assert (turn.answer("a"), turn.answer("b")) == (shown, shown)
        state = (await browser.get(f"/api/battles/{battle}")).json
        assert (state["turns"][0]["a"], state["turns"][0]["b"]) == (shown, shown)
        assert "[NAME_1]" in state["turns"][0]["content"]
        await browser.vote(battle)
        after = (await browser.get(f"/api/battles/{battle}")).json
        assert after["turns"][0]["a"] == said
        assert not server.app.battles.screening._values

    found = everything(tmp_path, upstream, caplog)
    assert [value for value in PLANTED if value in found] == []


async def test_after_a_restart_a_new_value_gets_a_placeholder_of_its_own(
    start: Start, upstream: FakeUpstream
) -> None:
    async with start(pii="redact") as (server, browser):
        battle = await browser.battle()
        await browser.turn(battle, LEA)
        server.app.battles.screening._values.clear()
        turn = await browser.turn(battle, "My name is Tom Berger, like [NAME_1].")
        assert turn.events[0][1]["content"] == "My name is [NAME_2], like [NAME_1]."


async def test_block_refuses_by_kind_and_keeps_nothing(
    start: Start, upstream: FakeUpstream, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with start(pii="block") as (_, browser):
        battle = await browser.battle()
        for body in ({"content": LEA}, {"content": LEA, "confirm": True}):
            refused = await browser.post(f"/api/battles/{battle}/turns", body)
            assert (refused.status, refused.json["code"]) == (422, "personal-data")
            assert refused.json["found"] == {"email": 1, "reference": 1, "name": 1}
            assert [value for value in PLANTED if value in refused.text] == []
        assert (await browser.turn(battle, "How long does it take?")).events[-1][0] == "turn_done"
        await browser.vote(battle, comment="Lea Sommer likes it, lea.sommer@example.org")

    assert len(upstream.requests) == 2
    found = everything(tmp_path, upstream, caplog)
    assert [value for value in PLANTED if value in found] == []


async def test_warn_asks_once_and_sends_what_is_confirmed(
    start: Start, upstream: FakeUpstream
) -> None:
    async with start(pii="warn") as (_, browser):
        battle = await browser.battle()
        asked = await browser.turn(battle, LEA)
        assert (asked.status, asked.json["code"]) == (422, "personal-data-confirm")
        assert asked.json["detail"] == (
            "Your message seems to hold 1 e-mail address, 1 order or customer number and 1 name. "
            "Nothing has been sent or stored yet."
        )
        assert upstream.requests == []
        assert (await browser.get(f"/api/battles/{battle}")).json["turns"] == []

        sent = await browser.post(f"/api/battles/{battle}/turns", {"content": LEA, "confirm": True})
        assert sent.events[-1][0] == "turn_done"
        assert repr(LEA) in repr(upstream.requests[0].body)


@pytest.mark.parametrize(("pii", "sent"), [("redact", True), ("block", False), ("warn", True)])
async def test_prepared_prompts_are_looked_at_too(
    start: Start, upstream: FakeUpstream, pii: str, sent: bool, tmp_path: Path
) -> None:
    """As where an arena's mode was changed after an import."""
    plan = live_plan(
        tmp_path,
        models={"Redwood": ["red"], "Bluebell": ["blue"]},
        base_urls={"red": upstream.url, "blue": upstream.url},
        prompts=[LEA],
        pii=pii,
    )
    async with serving(plan) as server, server.browser() as browser:
        await browser.consent()
        turn = await browser.turn(await browser.battle())
    assert (turn.status == 200) is sent
    assert bool(upstream.requests) is sent
    if pii == "redact":
        assert "Lea" not in repr([request.body for request in upstream.requests])


async def test_no_labelled_piece_with_a_check_digit_gets_through(
    start: Start, upstream: FakeUpstream, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Every message of our own set as one thread after another, as a voter would type them."""
    file = Path(__file__).parents[1] / "data" / "pii" / "en.txt"
    messages = read_labelled(file.read_text(encoding="utf-8"), where=file.name)[:24]
    sure = {"email", "iban", "card", "url", "national_id", "phone"}
    planted = {
        message.text[piece.start : piece.end]
        for message in messages
        for piece in message.spans
        if piece.kind in sure
    }
    assert len(planted) > 5
    async with start(pii="redact") as (_, browser):
        for at in range(0, len(messages), 8):
            battle = await browser.battle()
            for message in messages[at : at + 8]:
                assert (await browser.turn(battle, message.text)).events[-1][0] == "turn_done"

    assert len(upstream.requests) == 2 * len(messages)
    found = everything(tmp_path, upstream, caplog)
    assert [value for value in planted if value in found] == []
