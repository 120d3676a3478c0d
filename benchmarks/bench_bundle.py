"""Measure what the battle page loads.

    python benchmarks/bench_bundle.py

Budget: 100 KB of JavaScript and CSS, gzipped, and no request to a third party. "Initial" is what
`index.html` names (scripts, styles, preloads), compressed as a server with gzip would. Then
headless Chromium opens the battle page, agrees to the terms, and gets one answer with code and a
table: all JavaScript and CSS it has fetched by then, and every request that left our origin.
"""

import gzip
import re
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page

import blindarena
from browsing import chromium, open_battle
from rows import Row, save
from served import paced_upstream, serving, write_site

STATIC = Path(blindarena.__file__).parent / "web" / "static"
INITIAL = re.compile(
    r"""<script\b[^>]*\bsrc="([^"]+)"|<link\b(?=[^>]*\brel="(?:stylesheet|modulepreload)")"""
    r"""[^>]*\bhref="([^"]+)\""""
)
ANSWER = "# Title\n\n```python\nprint(1)\n```\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def initial_files() -> list[Path]:
    """Return the scripts and styles that index.html names.

    Raises:
        RuntimeError: it names none, or one of another site.
    """
    text = (STATIC / "index.html").read_text(encoding="utf-8")
    names = [script or link for script, link in INITIAL.findall(text)]
    if not names or any(not name.startswith("/") or name.startswith("//") for name in names):
        raise RuntimeError(f"index.html does not load files of its own alone: {names}")
    return [STATIC / name.lstrip("/") for name in names]


def gzip_kb(files: list[Path]) -> float:
    """Return the size of the files, each gzipped, in KB of 1,000 bytes."""
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) / 1e3


def visit(page: Page, url: str) -> tuple[list[str], list[str], float]:
    """Open the page and see one battle; return the paths fetched, foreign addresses, bytes."""
    addresses: list[str] = []
    received = 0.0
    page.on("request", lambda request: addresses.append(request.url))
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def count(event: dict[str, float]) -> None:
        nonlocal received
        received += event["encodedDataLength"]

    session.on("Network.loadingFinished", count)
    open_battle(page, url)
    page.wait_for_load_state("networkidle")
    opened = received
    page.get_by_test_id("composer").fill("Hello")
    page.get_by_test_id("send").click()
    page.locator("[data-testid=vote-model_a]:enabled").wait_for()
    page.get_by_test_id("answer-a").locator("table").wait_for()
    page.wait_for_load_state("networkidle")
    ours = [urlsplit(a).path for a in addresses if a.startswith(url)]
    foreign = [a for a in addresses if not a.startswith((url, "data:", "blob:"))]
    return ours, foreign, opened / 1e3


def main() -> None:
    """Run and write `results/bundle.json` and `.md`."""
    files = initial_files()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "answer.md").write_text(ANSWER)
        options = ["--text", str(folder / "answer.md"), "--tokens-per-s", "200"]
        with (
            paced_upstream(*options) as upstream,
            serving(write_site(folder, upstream=upstream.url)) as server,
            chromium() as browser,
        ):
            ours, foreign, wire_kb = visit(browser.new_page(), server.url)
    fetched = sorted({STATIC / path.lstrip("/") for path in ours if path.startswith("/assets/")})
    code = [file for file in fetched if file.suffix in (".js", ".css")]
    save(
        "bundle",
        [
            Row("initial JavaScript and CSS, gzipped", gzip_kb(files), "KB", "<= 100"),
            Row("all of it once an answer with code stands, gzipped", gzip_kb(code), "KB", None),
            Row("bytes on the wire until a prompt can be written", wire_kb, "KB", None),
            Row("requests to third parties", len(foreign), "", "<= 0"),
        ],
    )


if __name__ == "__main__":
    main()
