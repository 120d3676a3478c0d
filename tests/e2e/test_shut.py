"""Arenas where nothing can be begun: the page says why, and where to go instead."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from .queues import fill, invite
from .served import Served
from .steps import Api, consent
from .watch import Watch

pytestmark = pytest.mark.browser
PAGES = ("", "/queue", "/chat")


@contextmanager
def owning(chromium: Browser, lab: Served) -> Iterator[Api]:
    context = chromium.new_context()
    owner = Api(context, lab.url)
    owner.log_in(lab.password)
    yield owner
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_closed_arena_leads_to_its_leaderboard(page: Page, lab: Served, path: str) -> None:
    """No terms to agree to, no field to write in, and the day on which it ended."""
    page.goto(f"{lab.url}/a/over{path}")
    closed = page.get_by_test_id("arena-closed")
    expect(closed).to_contain_text("The last day of “Arena over” was 2024-08-14 (UTC)")
    expect(page.get_by_test_id("composer")).to_have_count(0)
    expect(page.get_by_test_id("consent-agree")).to_have_count(0)
    closed.get_by_role("link", name="See the leaderboard").click()
    expect(page).to_have_url(f"{lab.url}/a/over/leaderboard")


def test_a_closed_arena_is_no_place_to_vote_in_the_list(page: Page, lab: Served) -> None:
    """Its card names the day and has the leaderboard only."""
    page.goto(lab.url)
    card = page.get_by_test_id("arena-card-over")
    expect(card).to_contain_text("Closed on 2024-08-14 (UTC)")
    expect(card.get_by_role("link")).to_have_count(1)


@pytest.mark.parametrize("path", PAGES)
def test_an_arena_for_people_who_log_in_says_so(page: Page, lab: Served, path: str) -> None:
    """The way to the provider comes back to this page; nothing can be written before."""

    def options(route: Route) -> None:
        route.fulfill(body=json.dumps({"oidc": "Example Ltd"}), content_type="application/json")

    page.route("**/api/login", options)
    page.goto(f"{lab.url}/a/members{path}")
    go = page.get_by_role("link", name="Log in with Example Ltd")
    back = quote(f"/a/members{path}", safe="")
    expect(go).to_have_attribute("href", f"/login/oidc?back={back}")
    invited = page.get_by_text("If somebody sent you an invite link")
    expect(invited).to_have_count(1 if path == "/queue" else 0)
    expect(page.get_by_test_id("composer")).to_have_count(0)
    expect(page.get_by_test_id("consent-agree")).to_have_count(0)


def test_an_invite_needs_no_login(page: Page, lab: Served, chromium: Browser) -> None:
    """Whoever has the link rates, and still begins no battle."""
    with owning(chromium, lab) as owner:
        fill(owner, "members")
        page.goto(invite(owner, "members", None))
    page.get_by_test_id("invite-start").click()
    consent(page)
    expect(page.get_by_test_id("vote-model_a")).to_be_enabled()
    page.goto(f"{lab.url}/a/members")
    expect(page.get_by_test_id("login-first")).to_be_visible()


def test_the_board_of_an_open_queue_waits(
    page: Page, lab: Served, chromium: Browser, watch: Watch
) -> None:
    """A rater reads until when, and no name; the owner sees the board."""
    watch.expect("status of 403", "/api/arenas/quiet/")
    with owning(chromium, lab) as owner:
        fill(owner, "quiet")
        page.goto(f"{lab.url}/a/quiet/queue")
        consent(page)
        expect(page.get_by_test_id("vote-model_a")).to_be_enabled()
        page.goto(f"{lab.url}/a/quiet/leaderboard")
        held = page.get_by_test_id("board-held")
        expect(held).to_contain_text("This board is shown when every pair of the review queue")
        expect(page.get_by_text("Polite")).to_have_count(0)
        assert owner.get("/arenas/quiet/leaderboard")["n"] == 0
