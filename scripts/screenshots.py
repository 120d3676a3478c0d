"""Take pictures of the pages, with real content, from the demo and from the tests' lab.

    python scripts/screenshots.py            the six of README and docs, into docs/images/
    python scripts/screenshots.py FOLDER     every page and state, 1440 and 320 px, light and dark

It needs Chromium, the built pages (`make front`) and the test group (`make check` installs it).
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from blindarena.bootstrap import Plan  # noqa: E402
from blindarena.testing.fake_upstream import FakeUpstream  # noqa: E402
from e2e.busy import busy_plan, fill  # noqa: E402
from e2e.chromium import ARGS, find_chromium  # noqa: E402
from e2e.lab import lab_plan  # noqa: E402
from e2e.reported import write_report  # noqa: E402
from e2e.served import Served, served, served_demo  # noqa: E402
from e2e.steps import Api, log_in, wait_revealed, wait_votable  # noqa: E402
from e2e.walk import DEMO_WALKS, LAB_WALKS, PARCEL, Walk  # noqa: E402

Theme = Literal["light", "dark"]
DESK: ViewportSize = {"width": 1440, "height": 900}
TALL: ViewportSize = {"width": 1440, "height": 1210}
REPORT: ViewportSize = {"width": 1440, "height": 1010}
PHONE: ViewportSize = {"width": 320, "height": 640}
MOST_BYTES = 250_000


@contextmanager
def _served_lab(folder: Path) -> Iterator[Served]:
    async def make(upstream: FakeUpstream) -> Plan:
        return lab_plan(folder, upstream)

    with served(make, folder) as lab:
        yield lab


def _shoot(page: Page, path: Path, theme: Theme, *, full: bool = False) -> None:
    """Take one picture; of a page with a dock or a dialog only what the window shows."""
    full = full and page.locator(".dock, dialog[open]").count() == 0
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.mouse.move(0, 0)
    if full:
        page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=path, full_page=full, animations="disabled", caret="hide")


def take_all(browser: Browser, demo: Served, lab: Served, folder: Path) -> int:
    """Walk past every state; return how many pictures were taken."""
    taken = 0
    for number, walk in enumerate((*DEMO_WALKS, *LAB_WALKS), 1):
        server = lab if walk in LAB_WALKS else demo
        taken += _take_walk(browser, walk, server, folder / f"{number}-{walk.__name__}")
    return taken


def _take_walk(browser: Browser, walk: Walk, server: Served, stem: Path) -> int:
    context = browser.new_context(viewport=DESK, locale="en-GB", accept_downloads=False)
    page = context.new_page()
    taken = 0
    for stop in walk(page, server):
        for width, size in (("320", PHONE), ("1440", DESK)):
            page.set_viewport_size(size)
            for theme in ("dark", "light"):
                name = f"{stem.name}-{stop}-{width}-{theme}.png"
                _shoot(page, stem.with_name(name), theme, full=True)
                taken += 1
    context.close()
    return taken


def take_few(browser: Browser, demo: Served, folder: Path) -> None:
    """Take the pictures of README and docs: a battle, its reveal, the simulated board."""
    context = browser.new_context(viewport=DESK, locale="en-GB", color_scheme="light")
    page = context.new_page()
    Api(context, demo.url).consent(PARCEL)
    page.goto(f"{demo.url}/a/{PARCEL}")
    _find_telling_battle(page)
    _shoot(page, folder / "battle-dark.png", "dark")
    _shoot(page, folder / "battle.png", "light")
    page.get_by_test_id("vote-model_a").click()
    page.get_by_test_id("reveal").click()
    wait_revealed(page)
    _shoot(page, folder / "reveal.png", "light")
    page.goto(f"{demo.url}/a/{PARCEL}/leaderboard")
    page.get_by_test_id("simulate").click()
    expect(page.get_by_test_id("truth")).to_be_visible()
    page.set_viewport_size(TALL)
    page.evaluate("scrollTo(0, 0)")
    _shoot(page, folder / "leaderboard.png", "light")
    context.close()


def take_report(browser: Browser, report: Path, folder: Path) -> None:
    """Take the picture of a decision report, its file opened as it is."""
    page = browser.new_page(viewport=REPORT, color_scheme="light")
    page.goto(report.as_uri())
    _shoot(page, folder / "report.png", "light")
    page.close()


def take_gateway(browser: Browser, folder: Path, made: Path) -> None:
    """Take the picture of the owner's view of a gateway that has something to do."""
    made.mkdir()

    async def make(upstream: FakeUpstream) -> Plan:
        return await busy_plan(made, upstream)

    with served(make, made) as site:
        secret = site.run(fill(site.app))
        page = browser.new_page(viewport=DESK, locale="en-GB", color_scheme="light")
        for _ in range(6):
            page.request.post(
                f"{site.url}/v1/chat/completions",
                headers={"Authorization": f"Bearer {secret}"},
                data={
                    "model": "support",
                    "messages": [{"role": "user", "content": "Where is it?"}],
                    "stream": True,
                },
            )
        page.goto(f"{site.url}/owner")
        log_in(page, site.password)
        page.get_by_role("link", name="Gateway").press("Enter")
        expect(page.get_by_test_id("gateway-models")).to_be_visible()
        for _ in range(10):  # what stands above it grows when it comes near the window
            page.evaluate("document.getElementById('gateway').scrollIntoView()")
            page.wait_for_timeout(200)
        page.mouse.wheel(0, 72)
        page.wait_for_timeout(300)
        _shoot(page, folder / "gateway.png", "light")
        page.close()


def _find_telling_battle(page: Page, *, most: int = 12) -> None:
    """Skip battles until both answers fit above the votes and differ in form."""
    for _ in range(most):
        wait_votable(page)
        heights = [page.get_by_test_id(f"answer-{s}").bounding_box() for s in "ab"]
        plain, rich = sorted(
            page.get_by_test_id(f"answer-{s}").locator("li, strong").count() for s in "ab"
        )
        fits = all(box is not None and box["y"] + box["height"] < 740 for box in heights)
        if fits and plain == 0 < rich:
            return
        page.get_by_test_id("skip").click()
        expect(page.get_by_test_id("vote-model_a")).to_be_disabled()


def main() -> int:
    """Take the pictures; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", type=Path, help="for every page and state")
    folder: Path | None = parser.parse_args().folder
    chromium = find_chromium()
    if chromium is None:
        print("error: Chromium is missing (Debian package chromium)", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as made:
        if folder is not None:
            print(f"{_all(folder, chromium, Path(made))} pictures in {folder}")
            return 0
        few = ROOT / "docs" / "images"
        few.mkdir(parents=True, exist_ok=True)
        report = asyncio.run(write_report(Path(made)))  # before the browser, which has a loop
        with _browser(chromium) as browser, served_demo(Path(made, "demo")) as demo:
            take_few(browser, demo, few)
            take_report(browser, report, few)
            take_gateway(browser, few, Path(made, "gateway"))
        heavy = [path.name for path in few.glob("*.png") if path.stat().st_size > MOST_BYTES]
        print(f"6 pictures in {few}" + (f"; too heavy: {heavy}" if heavy else ""))
    return 0


def _all(folder: Path, chromium: str, made: Path) -> int:
    """Take every page and state into a folder; return how many pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        _browser(chromium) as browser,
        served_demo(made / "demo") as demo,
        _served_lab(made / "lab") as lab,
    ):
        return take_all(browser, demo, lab, folder)


@contextmanager
def _browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGS))
        yield browser
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
