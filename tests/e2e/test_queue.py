"""The review queue: three raters by keyboard, changes of mind, one who leaves, invites."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from .conftest import DESK
from .queues import PROMPTS, fill, invite
from .served import Served
from .steps import PATIENCE_MS, Api, consent, log_in
from .watch import Watch

pytestmark = pytest.mark.browser
SETTLE_MS = 400
"""A little longer than a page takes no vote for the pair that has only just come up."""

Join = Callable[..., Page]


@pytest.fixture
def owner(chromium: Browser, lab: Served) -> Iterator[Api]:
    context = chromium.new_context()
    api = Api(context, lab.url)
    api.log_in(lab.password)
    yield api
    context.close()


@pytest.fixture
def join(chromium: Browser, watch: Watch) -> Iterator[Join]:
    """Let one more person open an invite link, agree and start."""
    contexts = []

    def new(link: str) -> Page:
        context = chromium.new_context(viewport=DESK, locale="en-GB")
        contexts.append(context)
        watch.over(context)
        page = context.new_page()
        page.goto(link)
        page.get_by_test_id("invite-start").press("Enter")
        consent(page)
        expect(page.locator("#queue-title")).not_to_have_text("Review queue", timeout=PATIENCE_MS)
        return page

    watch.expect(r"status of 403", r"/queue$")
    yield new
    for context in contexts:
        context.close()


def _title(page: Page) -> str:
    return page.locator("#queue-title").inner_text()


def _press(page: Page, key: str) -> None:
    """Press a key that brings something else to the page."""
    before = _title(page)
    page.wait_for_timeout(SETTLE_MS)
    page.keyboard.press(key)
    expect(page.locator("#queue-title")).not_to_have_text(before, timeout=PATIENCE_MS)


def _over(page: Page) -> bool:
    return page.get_by_test_id("queue-message").count() > 0


def _stored(owner: Api, slug: str, ratings: int) -> None:
    """Wait until the server has so many votes: a page sends them while the next pair is read."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while owner.get(f"/owner/arenas/{slug}/progress")["ratings"] != ratings:
        assert time.monotonic() < end, f"{ratings} votes are not stored"
        time.sleep(0.1)


def _run_out(lab: Served, slug: str) -> None:
    """End the time of every reservation, as if the raters had left long ago."""
    file = lab.app.settings.server.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, timeout=20)) as db:
        db.execute(
            "UPDATE queue_takes SET expires_at = '2001-01-01 00:00:00.000000' WHERE arena_id ="
            " (SELECT id FROM arenas WHERE slug = ?)",
            (slug,),
        )
        db.commit()


def test_three_raters_by_keyboard(owner: Api, join: Join) -> None:
    """They take turns; each pair gets its two ratings and nobody one pair twice."""
    fill(owner, "queue-1")
    link = invite(owner, "queue-1")
    raters = [join(link) for _ in range(3)]
    keys = ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown")
    presses = 0
    while active := [page for page in raters if not _over(page)]:
        for page in active:
            _press(page, keys[presses % 4])
            presses += 1
        assert presses <= 2 * len(PROMPTS) + len(raters)

    progress = owner.get("/owner/arenas/queue-1/progress")
    assert progress["ratings"] == progress["ratings_wanted"] == 2 * len(PROMPTS) == presses
    support = {"group": "Support", "invited": 3, "joined": 3, "active": 3, "ratings": presses}
    assert support in progress["groups"]
    assert all(rater["ratings"] <= len(PROMPTS) for rater in progress["raters"])
    assert any("done. Thank you." in _title(page) for page in raters)


def test_back_change_skip_and_reasons(owner: Api, join: Join, lab: Served) -> None:
    """B goes back and another key changes the vote; N leaves a pair to others."""
    fill(owner, "queue-2")
    page = join(invite(owner, "queue-2"))
    api = Api(page.context, lab.url)
    first = _title(page)
    page.keyboard.press("1")
    _press(page, "ArrowLeft")
    expect(page.get_by_test_id("queue-progress")).to_contain_text("1 of 3 done")
    expect(page.locator("#queue-title")).to_be_focused()
    _press(page, "b")
    assert _title(page) == first
    expect(page.get_by_test_id("vote-model_a")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("checkbox", name="Correct")).to_be_checked()
    page.keyboard.press("c")
    page.keyboard.type("b 1 n")
    expect(page.get_by_label("Comment")).to_have_value("b 1 n")
    _press(page, "Enter")
    _press(page, "b")
    _press(page, "ArrowDown")
    _press(page, "n")
    _press(page, "n")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    _stored(owner, "queue-2", 1)
    state = api.get("/arenas/queue-2/queue")
    assert (state["done"], state["arena_done"]) == (1, 1)
    rater = owner.get("/owner/arenas/queue-2/progress")["raters"][0]
    assert (rater["ratings"], rater["skipped"]) == (1, 2)


def test_a_rater_leaves_and_comes_back_late(owner: Api, join: Join, lab: Served) -> None:
    """What one holds comes to others once the time is over; the late vote is not lost."""
    fill(owner, "queue-3")
    link = invite(owner, "queue-3")
    leaver, other = join(link), join(link)
    while not _over(other):
        _press(other, "ArrowRight")
    held = owner.get("/owner/arenas/queue-3/progress")
    assert held["held"] > 0
    assert held["ratings"] + held["held"] == held["ratings_wanted"] == len(PROMPTS)
    expect(other.get_by_text("at another rater").or_(other.get_by_text("at other"))).to_be_visible()

    _run_out(lab, "queue-3")
    other.get_by_role("button", name="Look again").press("Enter")
    expect(other.get_by_test_id("vote-tie")).to_be_enabled(timeout=PATIENCE_MS)
    while not _over(other):
        _press(other, "ArrowUp")
    taken = owner.get("/owner/arenas/queue-3/progress")
    assert (taken["ratings"], taken["held"]) == (len(PROMPTS), 0)

    with leaver.expect_response("**/vote"):
        _press(leaver, "ArrowLeft")
    late = owner.get("/owner/arenas/queue-3/progress")
    assert (late["ratings"], late["late"]) == (len(PROMPTS) + 1, 1)


def test_votes_outlive_a_lost_connection(owner: Api, join: Join, watch: Watch) -> None:
    """The rater goes on with what is here; all is sent once the server is back."""
    watch.expect("ERR_FAILED", "/api/")
    fill(owner, "queue-4")
    page = join(invite(owner, "queue-4", None))

    def cut(route: Route) -> None:
        route.abort()

    page.wait_for_timeout(SETTLE_MS)
    page.route("**/api/**/vote", cut)
    _press(page, "ArrowLeft")
    status = page.get_by_test_id("dock-status")
    expect(status).to_contain_text("Connection lost. Your vote is kept here")
    _press(page, "ArrowRight")
    expect(status).to_contain_text("2 votes are kept here")
    page.unroute("**/api/**/vote", cut)
    expect(status).not_to_contain_text("Connection lost", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("queue-progress")).to_contain_text("2 of 3 done")
    _stored(owner, "queue-4", 2)


def test_invites_of_the_owner(page: Page, lab: Served, watch: Watch, join: Join) -> None:
    """Create, copy, withdraw; who has a withdrawn link is told so, and a stranger too."""
    watch.expect(r"status of (403|404)", r"/api/")
    page.goto(f"{lab.url}/owner")
    log_in(page, lab.password)
    page.get_by_test_id("voters-arena").get_by_role("combobox").select_option("queue-5")
    page.get_by_test_id("invite-group").select_option("Legal")
    page.get_by_test_id("make-invite").click()
    field = page.get_by_test_id("invite-link")
    expect(field).to_be_focused()
    link = field.input_value()
    assert link.startswith(f"{lab.url}/q/")
    page.get_by_test_id("copy-invite").press("Enter")
    expect(page.locator("#voters")).to_contain_text("Copied.")
    row = page.get_by_test_id("invites").get_by_role("row").filter(has_text="Legal")
    expect(row).to_contain_text("open")

    rater = join(link)
    expect(rater.get_by_role("heading", name="Nothing to rate")).to_be_visible()
    row.get_by_role("button", name="Withdraw the invite for Legal").press("Enter")
    expect(row).to_contain_text("withdrawn")
    expect(row).to_contain_text("1")
    rater.goto(link)
    expect(rater.get_by_role("heading", name="no longer good")).to_be_visible()
    rater.goto(f"{lab.url}/q/no-such-token")
    expect(rater.get_by_role("heading", name="There is no such invite")).to_be_visible()
    Api(page.context, lab.url).consent("queue-4")
    page.goto(f"{lab.url}/a/queue-4/queue")
    expect(page.get_by_role("heading", name="for invited raters")).to_be_visible()
