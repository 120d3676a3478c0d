"""Would you send it? By keyboard, through a reload, on a phone, and on the board."""

import pytest
from playwright.sync_api import Page, expect

from .served import Served
from .steps import consent, overflow, wait_revealed, wait_votable

pytestmark = pytest.mark.browser


def _chosen(page: Page) -> list[str]:
    """Return what is chosen below the answers: "a as_is", "b breach"."""
    said: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.use input:checked')].map((e) => {
          const side = e.closest('.use').dataset.testid.slice(-1);
          return `${side} ${e.type === 'radio' ? e.value : 'breach'}`;
        })"""
    )
    return said


def test_by_keyboard_through_a_reload_to_the_board(page: Page, lab: Served) -> None:
    page.goto(f"{lab.url}/a/asking")
    consent(page)
    expect(page.get_by_test_id("use-a")).to_have_count(0)
    wait_votable(page)
    for key in "WUJ":
        page.keyboard.press(key)
    assert _chosen(page) == ["a after_edits", "b as_is", "b breach"]
    page.reload()
    wait_votable(page)
    assert _chosen(page) == ["a after_edits", "b as_is", "b breach"]

    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    page.keyboard.press("E")
    page.keyboard.press("ArrowRight")
    assert _chosen(page) == ["a never", "b as_is", "b breach"]
    page.keyboard.press("Enter")
    wait_revealed(page)

    page.goto(f"{lab.url}/a/asking/leaderboard")
    table = page.get_by_test_id("board")
    expect(table).to_contain_text("Would send")
    expect(table.get_by_test_id("board-row")).to_have_count(2)
    expect(table).to_contain_text("100 %")
    expect(table).to_contain_text("unknown")  # nobody knows what the answers cost
    assert overflow(page) == 0


def test_on_a_phone_it_leads_to_what_is_missing(phone: Page, lab: Served) -> None:
    phone.goto(f"{lab.url}/a/asking")
    consent(phone)
    wait_votable(phone)
    phone.get_by_test_id("use-a").get_by_role("radio").first.tap()
    phone.get_by_test_id("vote-tie").tap()
    phone.get_by_test_id("reveal").tap()
    expect(phone.get_by_test_id("dock-status")).to_contain_text("Would you send B?")
    expect(phone.get_by_test_id("use-b")).to_be_in_viewport()
    expect(phone.locator('[name="use-b"]').first).to_be_focused()
    assert overflow(phone) == 0
    phone.get_by_test_id("use-b").get_by_role("radio").last.tap()
    expect(phone.get_by_test_id("dock-status")).to_have_count(0)
    phone.get_by_test_id("reveal").tap()
    wait_revealed(phone)
