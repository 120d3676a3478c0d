"""What a voter reads when something is wrong, and that nothing is lost by it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .lab import BATTLES_PER_MINUTE
from .served import Child, Served
from .steps import PATIENCE_MS, Api, ask, consent, reveal, wait_revealed, wait_votable
from .walk import use_up_battles
from .watch import Watch

pytestmark = pytest.mark.browser
_CONFIG = """
[deployments.short]
replay = "short.json"
[deployments.long]
replay = "long.json"
"""
_ARENA = """
title = "Desk"
start_together_s = 1
reasons = ["Correct"]
[prompts]
file = "prompts.csv"
[[contestants]]
name = "Short"
deployment = "short"
[[contestants]]
name = "Long"
deployment = "long"
"""
_PROMPTS = ("Where is my parcel?", "May I return it?", "Who are you?")


@pytest.fixture
def child(built: None, tmp_path: Path, watch: Watch) -> Iterator[Child]:
    """Serve a configured replay arena by `blindarena up`, in a process that may be killed."""
    (tmp_path / "arenas").mkdir()
    (tmp_path / "blindarena.toml").write_text(_CONFIG)
    (tmp_path / "arenas" / "desk.toml").write_text(_ARENA)
    (tmp_path / "arenas" / "prompts.csv").write_text("\n".join(("prompt", *_PROMPTS)))
    for name, words in (("short", "Soon there. " * 200), ("long", "Patience. " * 250)):
        (tmp_path / f"{name}.json").write_text(json.dumps(dict.fromkeys(_PROMPTS, words)))
    server = Child(tmp_path)
    watch.own(server.url)
    watch.expect("net::ERR_", server.url)
    server.start()
    yield server
    server.kill()


def _stop_both(page: Page) -> None:
    """Make an end of two long answers that have begun."""
    for side in "ab":
        expect(page.get_by_test_id(f"answer-{side}")).not_to_be_empty(timeout=PATIENCE_MS)
    for side in "ab":
        page.get_by_test_id(f"stop-{side}").click()
    wait_votable(page)


def test_the_connection_is_lost_while_voting(page: Page, child: Child) -> None:
    """The choice stays on the page, and lands by itself when the server is back."""
    page.goto(f"{child.url}/a/desk")
    consent(page)
    _stop_both(page)
    page.get_by_test_id("vote-model_b").click()
    page.get_by_label("Correct").check()
    page.get_by_label("Comment").fill("Kept through it all.")
    child.kill()
    page.get_by_test_id("reveal").click()
    expect(page.get_by_test_id("dock-status")).to_contain_text("Your choice is kept here")
    expect(page.get_by_label("Comment")).to_have_value("Kept through it all.")
    child.start()
    wait_revealed(page)
    api = Api(page.context, child.url)
    assert api.get("/battles/" + page.url.rpartition("/")[2])["reveal"]["outcome"] == "model_b"
    assert api.get("/arenas/desk/leaderboard")["n"] == 1


def test_a_choice_outlives_a_reload(page: Page, lab: Served) -> None:
    """A page that is read again shows the choice that was not sent yet."""
    page.goto(f"{lab.url}/a/lab")
    consent(page)
    ask(page)
    wait_votable(page)
    page.get_by_test_id("vote-model_b").click()
    page.get_by_label("Clear").check()
    page.reload()
    expect(page.get_by_test_id("vote-model_b")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Clear")).to_be_checked()
    page.get_by_test_id("reveal").click()
    wait_revealed(page)


def test_the_server_is_killed_in_the_middle_of_an_answer(page: Page, child: Child) -> None:
    """The page says so, and sends the same message again when it is asked to."""
    page.goto(f"{child.url}/a/desk")
    consent(page)
    expect(page.get_by_test_id("answer-a")).not_to_be_empty(timeout=PATIENCE_MS)
    child.kill()
    expect(page.get_by_test_id("dock-status")).to_contain_text("Connection lost")
    expect(page.get_by_test_id("vote-model_a")).to_be_disabled()
    child.start()
    expect(page.get_by_test_id("again")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_test_id("again").click()
    _stop_both(page)
    reveal(page, "tie")


def test_a_reload_in_the_middle_of_an_answer(page: Page, lab: Served) -> None:
    """The turn is interrupted, not lost: the message is there, and can be sent again."""
    page.goto(f"{lab.url}/a/stuck")
    consent(page)
    ask(page, "Are you still there?")
    expect(page.get_by_test_id("answer-a")).to_contain_text("then write", timeout=PATIENCE_MS)
    page.reload()
    expect(page.get_by_test_id("dock-status")).to_contain_text("connection broke")
    expect(page.get_by_text("Are you still there?")).to_be_visible()
    page.get_by_test_id("again").click()
    _stop_both(page)
    reveal(page)


def test_a_failed_side_is_no_vote(page: Page, lab: Served) -> None:
    """The voter reads what happened in plain words, cannot vote, and goes on."""
    page.goto(f"{lab.url}/a/broken")
    consent(page)
    ask(page)
    expect(page.get_by_test_id("next")).to_be_visible(timeout=PATIENCE_MS)
    failed = re.compile("^[AB] could not answer. Its server .*This battle does not count")
    expect(page.get_by_test_id("dock-status")).to_have_text(failed)
    said = page.get_by_test_id("dock-status").inner_text()
    expect(page.locator(f"section.{said[0].lower()}")).to_contain_text(said)
    expect(page.locator("main").get_by_text("could not answer")).to_have_count(1)
    for outcome in ("model_a", "tie", "both_bad", "model_b"):
        expect(page.get_by_test_id(f"vote-{outcome}")).to_have_count(0)
    said = page.locator("main").inner_text()
    for secret in (lab.upstream.canary, "500", "Faulty", "Traceback"):
        assert secret not in said
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_test_id("reveal")).to_have_count(0)
    page.get_by_test_id("next").click()
    expect(page.get_by_test_id("composer")).to_be_visible()


def test_an_arena_wakes_up(page: Page, lab: Served, watch: Watch) -> None:
    """Who waits goes on without a reload; who must agree anew is asked and keeps the message."""
    owner = Api(page.context.browser.new_context(), lab.url)  # type: ignore[union-attr]
    owner.log_in(lab.password)
    page.goto(f"{lab.url}/a/asleep")
    consent(page)
    expect(page.get_by_role("heading", name="not ready")).to_be_visible()
    try:
        owner.switch("asleep", enabled=True)
        expect(page.get_by_test_id("composer")).to_be_visible()
        watch.expect("status of 403", "/api/")
        ask(page, "Are you awake?")
        expect(page.get_by_test_id("consent-agree")).to_be_visible()
        consent(page)
        expect(page.get_by_test_id("composer")).to_have_value("Are you awake?")
        page.get_by_test_id("send").click()
        wait_votable(page)
        expect(page.get_by_text("Are you awake?")).to_be_visible()
    finally:
        owner.switch("asleep", enabled=False)


def test_too_many_battles(page: Page, lab: Served, watch: Watch) -> None:
    """The page says for how long to wait, keeps the message, and then goes on."""
    api = Api(page.context, lab.url)
    api.consent("lab")
    page.goto(f"{lab.url}/a/lab")
    page.get_by_test_id("composer").fill("Kept?")
    use_up_battles(api)
    watch.expect("status of 429", "/api/")
    page.get_by_test_id("send").click()
    expect(page.get_by_text("Too many requests")).to_have_count(1)
    expect(page.get_by_test_id("composer")).to_have_value("Kept?")
    page.wait_for_timeout(60_000 / BATTLES_PER_MINUTE)
    if page.get_by_test_id("send").is_enabled():
        page.get_by_test_id("send").click()
    wait_votable(page)


def test_no_ticket_left(page: Page, lab: Served, watch: Watch) -> None:
    """After the last ticket the page thanks and shows the way to the board."""
    page.goto(f"{lab.url}/a/tickets")
    consent(page)
    wait_votable(page)
    reveal(page)
    watch.expect("status of 409", "/api/")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="The only ticket is done. Thank you.")).to_be_visible()
    page.get_by_role("link", name="See the leaderboard").click()
    expect(page.get_by_test_id("board")).to_be_visible()


def test_not_found(page: Page, lab: Served, watch: Watch) -> None:
    """Unknown pages, arenas and battles, and the battle of somebody else."""
    watch.expect("status of 40[34]", "/api/")
    for path in ("/nothing", "/a/nothing", "/a/nothing/leaderboard", "/a/lab/b/x/y", "/owner/x"):
        page.goto(lab.url + path)
        expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    other = Api(page.context.browser.new_context(), lab.url)  # type: ignore[union-attr]
    other.consent("lab")
    battle = other.post("/arenas/lab/battles", {"mode": "battle"})["battle_id"]
    page.goto(f"{lab.url}/a/lab/b/{battle}")
    consent(page)
    expect(page.get_by_role("heading", name="This battle is not here")).to_be_visible()
    page.get_by_role("button", name="Start a new battle").click()
    expect(page.get_by_test_id("composer")).to_be_visible()
