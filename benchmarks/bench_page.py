"""Measure how busy a voter's browser is while two answers stream in.

    python benchmarks/bench_page.py [--runs 3]

Budget: at most 5 s of work on the main thread in the 10 s that two answers of 6 KB take at 200
tokens/s each, and no task over 200 ms. The answers are Markdown with headings, lists, bold words,
a table and code. Headless Chromium shows the real page of `blindarena up`; its own counters
(`Performance.getMetrics`) and a PerformanceObserver for long tasks say what it did from the click
on Send until both answers are complete. The median of the runs by busy time is reported.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from playwright.sync_api import Browser, CDPSession

from browsing import chromium, open_battle
from rows import Row, save
from served import paced_upstream, serving, write_site

CHARS = 3  # of one token: 2,000 tokens, 10 s
SIZE = 6000
SECTION = """## Step {n}: check the parcel

The label says **{n} kg**, the scale says otherwise. Take *care* with `weight_{n}` and read on:

1. Open the **claim form** and write down the tracking number
2. Photograph the damage
   - outside, with the label
   - inside, with the *packing material*
3. Send both to the depot

```python
def refund(parcel: Parcel, *, limit: float = {n}.5) -> float:
    # A comment that says why
    if parcel.weight > limit and not parcel.insured:
        return round(parcel.value * 0.{n}, 2)
    return parcel.value
```

| zone | days | price |
| --- | ---: | ---: |
| domestic | {n} | 4.90 |
| **Europe** | 1{n} | 14.50 |
| world | 2{n} | 39.00 |

> Customers wait {n} days at most; see [the terms](https://example.org/terms/{n}).

"""
OBSERVE = """
window.longTasks = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.longTasks.push([entry.startTime, entry.duration]);
}).observe({ type: 'longtask', buffered: true });
"""
SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({ type: 'layout-shift', buffered: true });
"""


@dataclass(frozen=True)
class Busy:
    """What the main thread did, in seconds; the longest task in milliseconds."""

    wall: float
    task: float
    script: float
    style: float
    layout: float
    longest_ms: float
    long_tasks: int
    shifts: float


def answer_text() -> str:
    """Return 6 KB of Markdown."""
    sections = "".join(SECTION.format(n=number) for number in range(1, 10))
    return sections[:SIZE]


def metrics(session: CDPSession) -> dict[str, float]:
    """Return the browser's own counters."""
    return {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}


def measure(browser: Browser, url: str) -> Busy:
    """Run one battle and return what the page did meanwhile."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(OBSERVE + SHIFTS)
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    open_battle(page, url)
    page.wait_for_load_state("networkidle")
    page.get_by_test_id("composer").fill("My parcel is damaged, what now?")
    since = page.evaluate("window.longTasks = []; window.shifts = 0; performance.now()")
    before, begun = metrics(session), monotonic()
    page.get_by_test_id("send").click()
    page.locator("[aria-busy=true]").first.wait_for()
    page.locator("[aria-busy=true]").first.wait_for(state="detached", timeout=120_000)
    wall, after = monotonic() - begun, metrics(session)
    tasks = [ms for start, ms in page.evaluate("window.longTasks") if start >= since]
    shown = len(page.get_by_test_id("answer-a").inner_text())
    if shown < SIZE / 2:
        raise RuntimeError(f"only {shown} characters of the answer are shown")
    busy = Busy(
        wall,
        after["TaskDuration"] - before["TaskDuration"],
        after["ScriptDuration"] - before["ScriptDuration"],
        after["RecalcStyleDuration"] - before["RecalcStyleDuration"],
        after["LayoutDuration"] - before["LayoutDuration"],
        max(tasks, default=0.0),
        len(tasks),
        page.evaluate("window.shifts"),
    )
    context.close()
    print(busy)
    return busy


def main() -> None:
    """Run and write `results/page.json` and `.md`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "answer.md").write_text(answer_text())
        options = ["--text", str(folder / "answer.md"), "--chars", str(CHARS)]
        with (
            paced_upstream(*options, "--tokens-per-s", "200") as upstream,
            serving(write_site(folder, upstream=upstream.url)) as server,
            chromium() as browser,
        ):
            found = [measure(browser, server.url) for _ in range(runs)]
    busy = sorted(found, key=lambda one: one.task)[runs // 2]
    save(
        "page",
        [
            Row("main thread busy while both answers stream", busy.task, "s", "<= 5"),
            Row("of which scripts", busy.script, "s", None),
            Row("of which style", busy.style, "s", None),
            Row("of which layout", busy.layout, "s", None),
            Row("from Send until both answers are complete", busy.wall, "s", None),
            Row("longest task", busy.longest_ms, "ms", "<= 200"),
            Row("tasks over 50 ms", busy.long_tasks, "", None),
            Row("layout shift score meanwhile", busy.shifts, "", None),
        ],
    )


if __name__ == "__main__":
    main()
