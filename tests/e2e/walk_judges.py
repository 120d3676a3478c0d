"""The walk past the judges' pages: the list, a run, a pair before and after the vote."""

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from judge.made_up_run import write_run

from .served import Served
from .steps import log_in


def judges(page: Page, lab: Served) -> Iterator[str]:
    """As the owner; voters never see these pages."""
    folder = lab.app.judge_runs.folder
    page.goto(f"{lab.url}/owner")
    log_in(page, lab.password)
    page.goto(f"{lab.url}/owner/judges")
    expect(page.get_by_test_id("judge-runs-none")).to_be_visible()
    yield "no run of judges"
    write_run(folder / "walked")
    broken = folder / "broken" / "run.json"
    broken.parent.mkdir()
    broken.write_text("{")
    expect(page.get_by_role("link", name="walked")).to_be_visible()
    yield "runs of judges"
    page.get_by_role("link", name="walked").click()
    expect(page.get_by_test_id("judged-items")).to_be_visible()
    for part in page.get_by_role("group").and_(page.locator("details")).all():
        part.locator("summary").click()
    yield "a run of judges"
    page.get_by_test_id("judged-items").get_by_role("link").first.click()
    expect(page.get_by_test_id("answer-a")).not_to_be_empty()
    yield "a judged pair, blind"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What the judges say")).to_be_visible()
    yield "a judged pair, revealed"
