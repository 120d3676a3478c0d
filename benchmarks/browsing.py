"""A headless Chromium for the benchmarks: the machine's own where there is one."""

import contextlib
import os
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, sync_playwright

from served import SLUG


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser named by CHROMIUM, or the machine's, or else Playwright's own."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def open_battle(page: Page, url: str) -> None:
    """Go to the arena, agree to its terms, and wait until a prompt can be written."""
    page.goto(f"{url}/a/{SLUG}")
    page.get_by_test_id("consent-agree").click()
    page.get_by_test_id("composer").wait_for()
