"""A voter's way: consent, two streams, vote, reveal, and the vote on the board."""

import pytest
from playwright.sync_api import Page, expect

from .served import Served
from .steps import (
    PATIENCE_MS,
    Api,
    ask,
    consent,
    cut_short,
    overflow,
    reveal,
    wait_revealed,
    wait_votable,
)

pytestmark = pytest.mark.browser
PARCEL = "parcel-support"
KEYS = {"model_a": "ArrowLeft", "model_b": "ArrowRight", "tie": "ArrowUp", "both_bad": "ArrowDown"}


def _votes(page: Page, server: Served, slug: str) -> int:
    """Read the board's number of votes, as the page says it."""
    page.goto(f"{server.url}/a/{slug}/leaderboard")
    expect(page.get_by_test_id("board")).to_be_visible()
    return int(page.locator("h1 + .cap").inner_text().split(" vote")[0].replace(",", ""))


def test_from_consent_to_the_board_by_mouse(page: Page, demo: Served) -> None:
    """The replay arena of the demo, as a first visitor meets it."""
    before = _votes(page, demo, PARCEL)
    page.goto(demo.url)
    card = page.get_by_test_id(f"arena-card-{PARCEL}")
    expect(card).to_contain_text("no real model")
    card.get_by_role("link", name="Vote").click()
    expect(page.get_by_role("heading", name="Before you vote")).to_be_visible()
    consent(page)
    for side in ("a", "b"):
        expect(page.get_by_test_id(f"answer-{side}")).not_to_be_empty(timeout=PATIENCE_MS)
    expect(page.get_by_test_id("vote-model_a")).to_be_disabled()
    expect(page.get_by_test_id("dock-status")).to_contain_text("writing")
    wait_votable(page)
    answers = {side: page.get_by_test_id(f"answer-{side}").inner_text() for side in "ab"}
    names = [c["contestant"] for c in Api(page.context, demo.url).get(_board(PARCEL))["rows"]]
    assert len(names) == 4
    assert not any(name in page.content() for name in names), "a name before the vote"

    page.get_by_test_id("vote-model_b").click()
    page.get_by_label("Follows policy").check()
    page.get_by_label("Comment").fill("Says what happens next.")
    page.get_by_test_id("reveal").click()
    wait_revealed(page)

    title = page.locator("#reveal-title")
    expect(title).to_be_focused()
    assert sum(name in title.inner_text() for name in names) == 2
    expect(page.get_by_test_id("reveal-card")).to_contain_text("unknown")  # a replay has no price
    expect(page.get_by_test_id("mirror")).to_contain_text("9 more votes until your mirror")
    page.get_by_role("button", name="Read both again").click()
    for side, text in answers.items():
        expect(page.get_by_test_id(f"answer-{side}")).to_have_text(text, use_inner_text=True)
    expect(page.get_by_text("23 tickets left")).to_be_visible()
    assert _votes(page, demo, PARCEL) == before + 1


@pytest.mark.parametrize("outcome", KEYS)
def test_each_vote_by_keyboard(page: Page, lab: Served, outcome: str) -> None:
    """An arrow chooses, a digit gives a reason, Enter reveals, N goes on."""
    page.goto(f"{lab.url}/a/lab")
    consent(page)
    ask(page)
    wait_votable(page)

    page.keyboard.press(KEYS[outcome])
    expect(page.get_by_test_id(f"vote-{outcome}")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("2")
    expect(page.get_by_label("Clear")).to_be_checked()
    page.keyboard.press("Enter")
    wait_revealed(page)

    battle = Api(page.context, lab.url).get("/battles/" + page.url.rpartition("/")[2])
    assert battle["status"] == "voted"
    assert battle["reveal"]["outcome"] == outcome
    page.keyboard.press("n")
    expect(page.get_by_test_id("composer")).to_be_visible()


def test_a_choice_can_be_undone(page: Page, lab: Served) -> None:
    """Nothing is stored before Enter; Escape takes the choice back."""
    page.goto(f"{lab.url}/a/lab")
    consent(page)
    ask(page)
    wait_votable(page)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("reveal")).to_have_count(0)
    expect(page.get_by_test_id("vote-tie")).to_be_focused()
    battle = Api(page.context, lab.url).get("/battles/" + page.url.rpartition("/")[2])
    assert battle["status"] == "votable"


def test_follow_up_skip_and_stop(page: Page, lab: Served) -> None:
    """A second turn goes to the same two; a skip starts anew; a stopped side keeps its words."""
    page.goto(f"{lab.url}/a/lab")
    consent(page)
    ask(page, "First question")
    wait_votable(page)
    battle = page.url
    ask(page, "And then?")
    wait_votable(page)
    assert page.url == battle
    expect(page.get_by_text("First question")).to_be_visible()
    expect(page.get_by_role("heading", name="Answer A to message 1")).to_be_visible()
    page.get_by_test_id("skip").click()
    expect(page.get_by_role("heading", name="Which answer would you send?")).to_be_visible()

    page.goto(f"{lab.url}/a/long")
    consent(page)
    ask(page)
    expect(page.get_by_test_id("answer-a")).to_contain_text("First look", timeout=PATIENCE_MS)
    page.get_by_test_id("stop-a").click()
    page.get_by_test_id("stop-b").click()
    wait_votable(page)
    assert "Step 6" not in page.get_by_test_id("answer-a").inner_text()
    reveal(page)


def test_a_whole_battle_on_a_phone(phone: Page, demo: Served) -> None:
    """At 320 px: one answer at a time behind a switch, nothing wider than the window."""
    phone.goto(demo.url)
    assert overflow(phone) <= 0
    phone.get_by_test_id(f"arena-card-{PARCEL}").get_by_role("link", name="Vote").tap()
    expect(phone.get_by_test_id("consent-agree")).to_be_visible()
    assert overflow(phone) <= 0
    phone.get_by_test_id("consent-agree").tap()
    wait_votable(phone)
    a, b = (phone.get_by_test_id(f"answer-{side}") for side in "ab")
    expect(a).to_be_visible()
    expect(b).to_be_hidden()
    phone.get_by_role("radio", name="B").tap()
    expect(b).to_be_visible()
    expect(a).to_be_hidden()
    assert overflow(phone) <= 0
    phone.get_by_test_id("vote-model_b").tap()
    assert overflow(phone) <= 0
    phone.get_by_role("button", name="Change").tap()
    phone.get_by_test_id("vote-both_bad").tap()
    phone.get_by_test_id("reveal").tap()
    wait_revealed(phone)
    expect(phone.locator("#reveal-title")).to_contain_text("both bad")
    assert overflow(phone) <= 0


def test_the_mirror_after_ten_keyboard_votes(page: Page, demo: Served) -> None:
    """Who always chooses left is told so. No mouse; the middle eight answers are cut short."""
    page.goto(f"{demo.url}/a/{PARCEL}")
    consent(page)
    for done in range(10):
        if 0 < done < 9:
            cut_short(page)
        wait_votable(page)
        expect(page.locator("header")).to_contain_text(f"{done} of 24 tickets")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        wait_revealed(page)
        if done < 9:
            expect(page.get_by_test_id("mirror")).to_contain_text("until your mirror")
            page.keyboard.press("n")
    mirror = page.get_by_test_id("mirror")
    expect(mirror).to_contain_text("10 of 10")
    expect(mirror).to_contain_text("Outside of what chance gives 9 people in 10")
    expect(mirror).to_contain_text("how often you chose left")
    for habit in ("longer", "more formatted"):
        expect(mirror).to_contain_text(habit)


def _board(slug: str) -> str:
    return f"/arenas/{slug}/leaderboard"
