"""Without a mouse: a whole battle, the order of focus, themes, help."""

import pytest
from playwright.sync_api import Page, expect

from .served import Served
from .steps import Api, wait_revealed, wait_votable

pytestmark = pytest.mark.browser
_FOCUSED = """() => {
  const e = document.activeElement;
  return e === document.body ? 'body' : e.dataset.testid || e.getAttribute('aria-label')
    || e.textContent.trim().replace(/\\s+/g, ' ').slice(0, 40) || e.tagName;
}"""
_RING = """() => {
  const e = document.activeElement.closest('.seg') ?? document.activeElement;
  const near = [e, e.nextElementSibling].filter(Boolean).map((x) => getComputedStyle(x));
  return near.some((s) => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2);
}"""


def _tab_to(page: Page, wanted: str, *, most: int = 30) -> None:
    """Press Tab until something has the focus; each stop on the way must be seen."""
    seen = []
    for _ in range(most):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(_FOCUSED))
        assert page.evaluate(_RING), f"no focus ring at {seen[-1]!r}"
        if seen[-1] == wanted:
            return
    raise AssertionError(f"{wanted!r} cannot be reached by Tab: {seen}")


def test_a_whole_battle(page: Page, lab: Served) -> None:
    """From the picker to the board, never touching a mouse."""
    page.goto(lab.url)
    expect(page.get_by_test_id("arena-card-lab")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate(_FOCUSED) == "Skip to content"
    page.keyboard.press("Enter")
    _tab_to(page, "Vote: Arena lab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    _tab_to(page, "consent-agree")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("composer")).to_be_visible()
    _tab_to(page, "composer")
    page.keyboard.type("Hello there")
    page.keyboard.press("Enter")
    wait_votable(page)

    page.keyboard.press("ArrowRight")
    expect(page.locator("#why-title")).to_be_focused()
    page.keyboard.press("1")
    page.keyboard.press("c")
    expect(page.locator("#comment")).to_be_focused()
    page.keyboard.type("nice 2 c")
    expect(page.locator("#comment")).to_have_value("nice 2 c")
    page.keyboard.press("Enter")
    wait_revealed(page)
    expect(page.locator("#reveal-title")).to_be_focused()
    reveal = Api(page.context, lab.url).get("/battles/" + page.url.rpartition("/")[2])["reveal"]
    assert reveal["outcome"] == "model_b"
    page.keyboard.press("n")
    expect(page.get_by_test_id("composer")).to_be_visible()


def test_order_of_focus(page: Page, lab: Served) -> None:
    """As one reads: frame, page, follow-up, answer again, votes from A to B, skip."""
    Api(page.context, lab.url).consent("lab")
    page.goto(f"{lab.url}/a/lab")
    page.get_by_test_id("composer").fill("Hello")
    page.get_by_test_id("composer").press("Enter")
    wait_votable(page)
    page.evaluate("document.activeElement.blur(); document.getSelection().removeAllRanges()")
    page.locator(".skip").focus()
    order = ["Skip to content"]
    while len(order) < 30 and order[-1] != "skip":
        page.keyboard.press("Tab")
        order.append(page.evaluate(_FOCUSED))
    assert order == [
        "Skip to content",
        *("BlindArena", "Battle", "Leaderboard", "Method", "Owner"),
        *("Theme: follows the system", "Help and keys"),
        *("composer", "regenerate"),
        *("vote-model_a", "vote-tie", "vote-both_bad", "vote-model_b", "skip"),
    ]


def test_keys_rest_while_one_types(page: Page, lab: Served) -> None:
    """Arrows, digits and letters in a field are text."""
    Api(page.context, lab.url).consent("lab")
    page.goto(f"{lab.url}/a/lab")
    page.get_by_test_id("composer").fill("Hello")
    page.get_by_test_id("composer").press("Enter")
    wait_votable(page)
    page.get_by_test_id("composer").focus()
    page.keyboard.type("s t n 1 ?")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_test_id("composer")).to_have_value("s t n 1 ?")
    expect(page.get_by_test_id("reveal")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("document.documentElement.dataset.theme") is None


def test_themes_take_turns_and_stay(page: Page, demo: Served) -> None:
    """System, light, dark, by button and by T; a reload keeps the choice, without a flash."""
    page.emulate_media(color_scheme="dark")
    page.goto(demo.url)
    expect(page.get_by_role("heading", name="Choose an arena")).to_be_visible()
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.get_by_role("button", name="Theme: follows the system").click()
    expect(page.get_by_role("button", name="Theme: light")).to_be_visible()
    light = page.evaluate(ground)
    assert light != dark
    page.reload(wait_until="commit")
    page.wait_for_selector("body")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.evaluate(ground) == light
    expect(page.get_by_role("heading", name="Choose an arena")).to_be_visible()
    page.keyboard.press("t")
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    page.emulate_media(color_scheme="light")
    assert page.evaluate(ground) == dark
    page.keyboard.press("t")
    expect(page.get_by_role("button", name="Theme: follows the system")).to_be_visible()
    assert page.evaluate(ground) == light


def test_help_opens_and_gives_the_focus_back(page: Page, demo: Served) -> None:
    """By its key and by its button."""
    page.goto(demo.url)
    button = page.get_by_role("button", name="Help and keys")
    button.focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("dialog")).to_contain_text("Both good: tie")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()
