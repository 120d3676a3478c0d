"""The walk past the page on agreement: the choice, an error, the answer with all tables open."""

from collections.abc import Iterator

from playwright.sync_api import FilePayload, Page, expect

from .served import Served
from .steps import PATIENCE_MS, log_in

NAMES = ("alder", "birch", "cedar", "elm")


def table(name: str, *scores: float) -> FilePayload:
    """Return a table of scores as a file."""
    rows = (
        f"{who},{score},{score - 1},{score + 1}\n" for who, score in zip(NAMES, scores, strict=True)
    )
    text = f"model,score,lower,upper\n{''.join(rows)}"
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def agreement(page: Page, lab: Served) -> Iterator[str]:
    """As the owner; voters never see this page."""
    page.goto(f"{lab.url}/owner")
    log_in(page, lab.password)
    page.goto(f"{lab.url}/owner/agreement")
    expect(page.get_by_test_id("compare-state")).to_have_text("Choose two evaluations.")
    field = page.get_by_test_id("agreement-table")
    field.set_input_files({"name": "a.xlsx", "mimeType": "text/csv", "buffer": b""})
    expect(page.get_by_role("alert")).to_contain_text("a.xlsx is no .csv")
    yield "a choice of evaluations"
    field.set_input_files(table("one.csv", 9, 7, 5, 1))
    field.set_input_files(table("other.csv", 8, 6, 7, 2))
    page.get_by_test_id("compare").click()
    expect(page.get_by_test_id("agreement-result")).to_be_visible(timeout=PATIENCE_MS)
    for part in page.locator("details").all():
        part.locator("summary").click()
    yield "how far evaluations agree"
