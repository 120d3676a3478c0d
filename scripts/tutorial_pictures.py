"""Play the pilot of docs/tutorial/pilot.md and take a picture of each step.

    python scripts/tutorial_pictures.py            into docs/images/tutorial/
    python scripts/tutorial_pictures.py FOLDER     elsewhere

It needs Chromium, the built pages (`make front`) and the test group (`make check` installs it).
"""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import FloatRect, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from e2e.chromium import ARGS, find_chromium  # noqa: E402
from e2e.pilot import WINDOW, Pilot  # noqa: E402
from e2e.vendor import Vendor, answering  # noqa: E402

VOTES = 20
"""Of each rater: what one person does in ten minutes."""
MOST_BYTES = 2_500_000
HEIGHTS = {
    **{"owner": 460, "arena-file": 860, "answers-missing": 630, "answers-made": 260},
    **{"invited": 400, "consent": 640, "progress": 600, "report": 1000},
}
"""Of the pictures that show less, or more, than a window."""


def shoot(page: Page, path: Path, height: int) -> int:
    """Take one picture; return its size in bytes."""
    page.mouse.move(0, 0)
    area = FloatRect(x=0, y=0, width=WINDOW["width"], height=height)
    page.screenshot(path=path, animations="disabled", caret="hide", clip=area)
    return path.stat().st_size


def main() -> int:
    """Take the pictures; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    default = ROOT / "docs" / "images" / "tutorial"
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    folder: Path = parser.parse_args().folder
    chromium = find_chromium()
    if chromium is None:
        print("error: Chromium is missing (Debian package chromium)", file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    vendor, total, taken = Vendor(), 0, 0
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright, answering(vendor):
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGS))
        for name, page in Pilot(browser, Path(made), vendor, VOTES).stops():
            height = HEIGHTS.get(name, WINDOW["height"])
            page.set_viewport_size({"width": WINDOW["width"], "height": max(height, 800)})
            total += shoot(page, folder / f"{name}.png", height)
            taken += 1
        browser.close()
    print(f"{taken} pictures in {folder}, {total:,} bytes")
    return 1 if total > MOST_BYTES else 0


if __name__ == "__main__":
    sys.exit(main())
