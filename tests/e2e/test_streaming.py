"""While two long answers stream: nothing jumps, and what one reads stays where it is."""

import pytest
from playwright.sync_api import Page, expect

from .lab import LONG
from .served import Served
from .steps import PATIENCE_MS, Api, ask, wait_votable

pytestmark = pytest.mark.browser
MOST_SHIFT = 0.01
_OBSERVE = """() => {
  window.shifts = [];
  const name = ({ node }) => `${node?.nodeName}.${node?.className}`;
  new PerformanceObserver((list) => window.shifts.push(...list.getEntries()
    .filter((e) => !e.hadRecentInput).map((e) => [e.value, e.sources.map(name).join()])
  )).observe({ type: 'layout-shift' });
}"""


@pytest.mark.parametrize("wide", [True, False], ids=["desk", "phone"])
def test_no_layout_shift(request: pytest.FixtureRequest, lab: Served, wide: bool) -> None:
    """Headings, lists, tables and code grow in both answers; the votes stay under the pointer."""
    page: Page = request.getfixturevalue("page" if wide else "phone")
    Api(page.context, lab.url).consent("long")
    page.goto(f"{lab.url}/a/long")
    ask(page)
    page.wait_for_timeout(600)  # what follows a key or a click within 500 ms is no surprise
    page.evaluate(_OBSERVE)
    expect(page.get_by_test_id("dock-status")).to_contain_text("writing")
    before = page.locator(".votes").bounding_box()
    wait_votable(page)
    page.wait_for_timeout(100)
    assert page.locator(".votes").bounding_box() == before
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, _ in shifts) < MOST_SHIFT, shifts


def test_the_whole_text_arrives(page: Page, lab: Served) -> None:
    """Nothing of either answer is lost or doubled on its way through the renderer."""
    Api(page.context, lab.url).consent("long")
    page.goto(f"{lab.url}/a/long")
    ask(page)
    wait_votable(page)
    for side in "ab":
        text = page.get_by_test_id(f"answer-{side}").inner_text()
        for number in range(1, 7):
            assert text.count(f"look at part {number},") == 1
            assert text.count(f"value_{number} = {number} * 7") == 1
    assert "caret" not in page.get_by_test_id("answer-a").inner_html()
    assert LONG.count("## ") == page.get_by_test_id("answer-a").locator("h3").count()


def test_reading_is_not_pulled_along(page: Page, lab: Served) -> None:
    """Who reads the top while the bottom grows stays at the top; a selection survives."""
    Api(page.context, lab.url).consent("long")
    page.goto(f"{lab.url}/a/long")
    ask(page)
    first = page.get_by_test_id("answer-a").locator("p").first
    expect(page.get_by_test_id("answer-a")).to_contain_text("another thing", timeout=PATIENCE_MS)
    first.select_text()
    chosen = page.evaluate("getSelection().toString()")
    at = page.evaluate("scrollY")
    wait_votable(page)
    assert page.evaluate("getSelection().toString()") == chosen != ""
    assert page.evaluate("scrollY") == at
