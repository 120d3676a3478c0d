"""The pilot, as a new owner goes through it: from an empty folder to the decision report."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from .pilot import TAKEN, Pilot, planted
from .vendor import Vendor, answering
from .watch import Watch

pytestmark = pytest.mark.browser
VOTES = 8
"""Of each rater."""
STOPS = [
    *("owner", "arena-file", "import", "answers-missing", "answers-made"),
    *("invite", "invited", "consent", "pair", "judged"),
    *("progress", "board", "report"),
]


def _import(page: Page) -> None:
    preview = page.get_by_test_id("import-preview")
    expect(preview).to_contain_text("Rows read60")
    expect(preview).to_contain_text("3 that repeat another one")
    expect(preview).to_contain_text("Answers in the filetoday 45")
    expect(preview).to_contain_text("replaced by placeholders: reference 7, ")
    expect(preview).to_contain_text("Please call me on [PHONE_1]")


def _missing(page: Page) -> None:
    expect(page.get_by_test_id("make-missing")).to_contain_text(f"{12 + 2 * TAKEN} answers")
    row = page.get_by_test_id("make-answers").get_by_role("row")
    expect(row.filter(has_text="strict")).to_contain_text("57")
    expect(row.filter(has_text="today")).to_contain_text("unknown")


def _made(page: Page) -> None:
    expect(page.get_by_test_id("make-ended")).to_contain_text(f"{12 + 2 * TAKEN} of ")
    expect(page.get_by_test_id("make-missing")).to_have_text("No answer is missing.")


def _consent(page: Page) -> None:
    expect(page.get_by_text("say which one is better. Your votes and")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="127.0.0.1")).to_contain_text("EU")


def _progress(page: Page) -> None:
    groups = page.get_by_test_id("queue-groups").get_by_role("row")
    expect(groups.filter(has_text="day shift")).to_contain_text(str(2 * VOTES))
    expect(groups.filter(has_text="night shift")).to_contain_text(str(VOTES))


def _board(page: Page) -> None:
    expect(page.get_by_test_id("board")).to_contain_text("Cost / sendable")
    expect(page.get_by_text(re.compile(rf"^{3 * VOTES} votes"))).to_be_visible()


def _report(page: Page) -> None:
    said = page.locator("body").inner_text()
    assert re.search(
        r"^(Take \w+|No decision yet, and about [\d,]+ more votes would change that)", said, re.M
    ), said
    assert f"{3 * VOTES} votes by 3 voters" in said
    assert "Share of answers that can be sent" in said


CHECKS: dict[str, Callable[[Page], None]] = {
    "import": _import,
    "answers-missing": _missing,
    "answers-made": _made,
    "consent": _consent,
    "progress": _progress,
    "board": _board,
    "report": _report,
}


def test_from_an_empty_folder_to_the_report(chromium: Browser, built: None, tmp_path: Path) -> None:
    """Each stop says what it should; nothing planted is on a page, sent, or in the folder."""
    vendor, watch, seen = Vendor(), Watch(), []
    watch.expect(r"status of 40[13]", r"/api/")
    with answering(vendor):
        for name, page in Pilot(chromium, tmp_path, vendor, VOTES, watch).stops():
            seen.append(name)
            if check := CHECKS.get(name):
                check(page)
            shown = page.content()
            assert [text for text in planted() if text in shown] == [], name

    assert seen == STOPS
    assert watch.faults == []
    assert len(vendor.requests) == 2 * TAKEN
    sent = json.dumps([request.body for request in vendor.requests], ensure_ascii=False)
    assert "[PHONE_1]" in sent
    assert [text for text in planted() if text in sent] == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert "blindarena.db" in {path.name for path in files}
    kept = {path.name: path.read_bytes() for path in files}
    leaks = [(name, t) for name, what in kept.items() for t in planted() if t.encode() in what]
    assert leaks == []
