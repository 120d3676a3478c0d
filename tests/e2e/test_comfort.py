"""Sharing a revealed battle, answering again, and contestants chosen by name."""

import pytest
from playwright.sync_api import Browser, Page, expect

from .served import Served
from .steps import PATIENCE_MS, Api, ask, consent, overflow, reveal, wait_revealed, wait_votable

pytestmark = pytest.mark.browser
LAB = "lab"


def _revealed(page: Page, lab: Served) -> str:
    page.goto(f"{lab.url}/a/{LAB}")
    consent(page)
    ask(page, "What do you say?")
    wait_votable(page)
    reveal(page)
    return page.url.rsplit("/", 1)[1]


def test_a_shared_battle_is_read_by_somebody_else_until_it_is_withdrawn(
    page: Page, lab: Served, chromium: Browser
) -> None:
    _revealed(page, lab)
    names = page.locator(".versus thead b").all_inner_texts()
    page.get_by_test_id("share").click()
    link = page.get_by_test_id("share-url").input_value()
    assert link.startswith(f"{lab.url}/s/")
    assert not overflow(page)

    other = chromium.new_context()
    try:
        reader = other.new_page()
        reader.goto(link)
        expect(reader.locator("h1")).to_have_text(f"{names[0]} was preferred to {names[1]}")
        expect(reader.get_by_test_id("shared")).to_contain_text("What do you say?")
        assert reader.locator('meta[name="robots"]').get_attribute("content") == "noindex, nofollow"

        page.get_by_test_id("share-withdraw").click()
        expect(page.get_by_test_id("share")).to_be_visible()
        reader.reload()
        expect(reader.locator("h1")).to_have_text("This link leads nowhere")
    finally:
        other.close()


def test_both_answer_again_by_key_and_no_more_than_three_times(page: Page, lab: Served) -> None:
    page.goto(f"{lab.url}/a/{LAB}")
    consent(page)
    ask(page)
    wait_votable(page)
    for _ in range(3):
        page.locator("main").focus()
        page.keyboard.press("r")
        wait_votable(page)
    expect(page.get_by_test_id("regenerate")).to_have_count(0)
    battle = page.url.rsplit("/", 1)[1]
    [turn] = Api(page.context, lab.url).get(f"/battles/{battle}")["turns"]
    assert turn["replaced"] == 3
    reveal(page, "tie")


def test_two_are_chosen_by_name_and_the_vote_does_not_count(page: Page, lab: Served) -> None:
    page.goto(f"{lab.url}/a/named/chat")
    consent(page)
    page.get_by_test_id("choice-a").select_option("Bluebell")
    page.get_by_test_id("choice-b").select_option("Bluebell")
    page.get_by_test_id("chat-start").click()
    expect(page.get_by_role("alert")).to_have_text("Choose two different ones.")
    page.get_by_test_id("choice-b").select_option("Redwood")
    page.get_by_test_id("chat-start").click()
    ask(page)
    wait_votable(page)
    expect(page.locator(".answers h2")).to_have_text(["Bluebell", "Redwood"])

    page.get_by_test_id("vote-model_b").click()
    page.get_by_test_id("reveal").click()
    wait_revealed(page)

    expect(page.get_by_test_id("reveal-card")).to_contain_text("you knew who was who")
    board = Api(page.context, lab.url).get("/arenas/named/leaderboard")
    assert (board["n"], board["excluded"]) == (0, {"not-blind": 1})
    page.get_by_test_id("next").click()
    expect(page.get_by_test_id("chat-form")).to_be_visible()


def test_a_chat_with_one_goes_on_and_asks_for_no_vote(page: Page, lab: Served) -> None:
    page.goto(f"{lab.url}/a/named/chat")
    consent(page)
    page.get_by_label("A chat with one").check()
    page.get_by_test_id("choice-a").select_option("Redwood")
    page.get_by_test_id("chat-start").click()
    for message in ("First.", "Second."):
        ask(page, message)
        expect(page.get_by_test_id("dock-status")).to_contain_text("Write on", timeout=PATIENCE_MS)
    expect(page.get_by_test_id("vote-model_a")).to_have_count(0)
    expect(page.locator(".answers h2")).to_have_text(["Redwood", "Redwood"])
    assert not overflow(page)
