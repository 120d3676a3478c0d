"""A pilot from an empty folder to its report, as a new owner and three raters go through it.

The two files that the owner writes are those of `docs/tutorial/pilot.md`; the tickets, the answers
and what is planted in them are in `tests/data/pilot`. The test and the pictures share this run.
"""

import os
import random
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from typer.testing import CliRunner

from blindarena.cli import app
from doc_blocks import SOURCES, blocks_of

from .served import Child
from .steps import PATIENCE_MS, consent, log_in
from .vendor import DATA, Vendor
from .watch import Watch

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorial" / "pilot.md"
ARENA = "customer-replies"
TAKEN = 57
"""Prompts of the 60 tickets; three repeat another one nearly."""
WINDOW: ViewportSize = {"width": 1280, "height": 800}
SETTLE_MS = 400
"""A little longer than a page takes no vote for the pair that has only just come up."""

Stop = tuple[str, Page]
"""The name of a stop, and the page as it is then."""

USES: dict[str, dict[str, float]] = {
    "strict": {"as_is": 0.75, "after_edits": 0.25},
    "friendly": {"as_is": 0.5, "after_edits": 0.5},
    "today": {"after_edits": 0.6, "never": 0.4},
}
"""What raters would do with a contestant's answers, as long as they promise nothing."""
PROMISES = ("tomorrow", "refund the full value", "at any time today")
KEYS = {
    "a": {"as_is": "q", "after_edits": "w", "never": "e", "breach": "f"},
    "b": {"as_is": "u", "after_edits": "i", "never": "o", "breach": "j"},
}
WORTH = ("never", "after_edits", "as_is")


def planted() -> list[str]:
    """Return what of the tickets is personal data that must be found."""
    return (DATA / "planted.txt").read_text(encoding="utf-8").splitlines()


def command(*words: str) -> str:
    """Run a command that needs no process of its own; return what it printed."""
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return done.output


def prepare(folder: Path, vendor: Vendor) -> None:
    """Make the files of a pilot in an empty folder, as the tutorial says."""
    config = str(folder / "blindarena.toml")
    command("init", str(folder))
    for example in (folder / "arenas").iterdir():
        example.unlink()
    command("arena", "new", ARENA, "--config", config)
    for block in blocks_of(TUTORIAL):
        if block.language == "toml":
            name = block.text.split("\n", 1)[0].removeprefix("# ")
            text = re.sub(r'(?<=base_url = ")[^"]+', vendor.url, block.text)
            (folder / name).write_text(text, encoding="utf-8")
    (folder / "replies.json").write_bytes((DATA / "replies.json").read_bytes())
    assert f"{ARENA}.toml: ok" in command("arena", "check", "--config", config)


def write_report(folder: Path) -> Path:
    """Write the decision report while the server runs, in a process of its own as an owner does."""
    words = ["report", ARENA, "--out", "report.html"]
    done = subprocess.run(
        [sys.executable, "-m", "blindarena", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "report.html"


@dataclass
class Pilot:
    """One run; `stops` goes through it, in the order of the tutorial.

    Args:
        folder: an empty one, the owner's.
        votes: of each rater.
        watch: looks at every page of the server.
    """

    browser: Browser
    folder: Path
    vendor: Vendor
    votes: int
    watch: Watch = field(default_factory=Watch)
    url: str = ""
    pages: list[Page] = field(default_factory=list)

    def stops(self) -> Iterator[Stop]:
        """Go from stop to stop; the server runs until the last one."""
        prepare(self.folder, self.vendor)
        child = Child(self.folder)
        child.start()
        self.url = child.url
        self.watch.own(child.url)
        try:
            owner = self._page()
            yield from self._owner_prepares(owner)
            yield from self._raters_vote(owner)
            yield from self._votes_are_counted(owner)
        finally:
            for page in self.pages:
                page.context.close()
            child.kill()

    def _page(self, *, watched: bool = True) -> Page:
        """Open a browser of somebody's own."""
        context = self.browser.new_context(viewport=WINDOW, locale="en-GB", color_scheme="light")
        if watched:
            self.watch.over(context)
        self.pages.append(context.new_page())
        return self.pages[-1]

    def _password(self) -> str:
        """Return the owner's, as the server printed it at its first start."""
        said = (self.folder / "server.log").read_text(encoding="utf-8")
        found = re.search(r"password +(\S+)$", said, re.MULTILINE)
        assert found, said
        return found[1]

    def _owner_prepares(self, page: Page) -> Iterator[Stop]:
        page.goto(f"{self.url}/owner")
        log_in(page, self._password())
        yield "owner", page
        _go(page, "Arena file")
        page.get_by_test_id("file-check").press("Enter")
        expect(page.get_by_test_id("file-said")).to_contain_text("The file is well")
        yield "arena-file", _show(page, page.locator("#file"))
        _go(page, "Prompts")
        page.get_by_test_id("import-pii").select_option("redact")
        page.get_by_test_id("import-file").set_input_files(DATA / "tickets.csv")
        preview = page.get_by_test_id("import-preview")
        expect(preview).to_be_visible(timeout=PATIENCE_MS)
        yield "import", _show(page, preview)
        page.get_by_test_id("import-confirm").press("Enter")
        said = page.get_by_test_id("import-said")
        expect(said).to_contain_text(f"{TAKEN} prompts of tickets.csv are in the arena")
        make = page.get_by_test_id("make-answers")
        expect(page.get_by_test_id("make-missing")).to_contain_text("are missing")
        page.get_by_label("Stop at").fill("2.00")
        yield "answers-missing", _show(page, page.get_by_test_id("imports"), below=120)
        page.get_by_test_id("make-start").press("Enter")
        expect(page.get_by_test_id("make-ended")).to_be_visible(timeout=2 * PATIENCE_MS)
        yield "answers-made", _show(page, make)

    def _raters_vote(self, owner: Page) -> Iterator[Stop]:
        day, night = (self._invite(owner, group) for group in ("day shift", "night shift"))
        yield "invite", _show(owner, owner.locator("#voters"))
        raters = []
        for number, link in enumerate((day, day, night)):
            page = self._page()
            page.goto(link)
            start = page.get_by_test_id("invite-start")
            expect(start).to_be_visible()
            if number == 0:
                yield "invited", page
            start.press("Enter")
            expect(page.get_by_test_id("consent-agree")).to_be_visible()
            if number == 0:
                yield "consent", page
            consent(page)
            raters.append(Rater(page, random.Random(number)))
            raters[-1].wait()
        yield "pair", raters[0].page
        raters[0].judge()
        yield "judged", raters[0].page
        raters[0].send()
        for vote in range(self.votes):
            for rater in raters[1:] if vote == 0 else raters:
                rater.judge()
                rater.send()

    def _invite(self, owner: Page, group: str) -> str:
        _go(owner, "Voters and invites")
        owner.get_by_test_id("invite-group").select_option(group)
        made = owner.get_by_test_id("invite-link")
        owner.get_by_test_id("make-invite").press("Enter")
        expect(owner.get_by_label(f"Invite link for: {group}")).to_be_visible()
        return made.input_value()

    def _votes_are_counted(self, owner: Page) -> Iterator[Stop]:
        owner.reload()
        _go(owner, "Voters and invites")
        figures = owner.get_by_test_id("queue-figures")
        expect(figures).to_contain_text(f"{3 * self.votes} of", timeout=PATIENCE_MS)
        yield "progress", _show(owner, figures, below=120)
        owner.goto(f"{self.url}/a/{ARENA}/leaderboard")
        expect(owner.get_by_test_id("board-row")).to_have_count(3)
        expect(owner.get_by_text("being computed")).to_have_count(0, timeout=PATIENCE_MS)
        yield "board", owner
        page = self._page(watched=False)
        page.goto(write_report(self.folder).as_uri())
        yield "report", page


@dataclass
class Rater:
    """Somebody who rates pairs, with the keyboard only."""

    page: Page
    rng: random.Random

    OWN_MIND = 0.2
    """Share of the answers that a rater takes differently from the others."""

    def wait(self) -> None:
        """Wait for the first pair."""
        expect(self._title).not_to_have_text("Review queue", timeout=PATIENCE_MS)

    def judge(self) -> None:
        """Say for each side what one would do with it, then which one is better."""
        self.page.wait_for_timeout(SETTLE_MS)
        uses = {side: self._use(side) for side in "ab"}
        for side, (use, breach) in uses.items():
            self.page.keyboard.press(KEYS[side][use])
            if breach:
                self.page.keyboard.press(KEYS[side]["breach"])
        a, b = (WORTH.index(uses[side][0]) for side in "ab")
        even = "ArrowUp" if a else "ArrowDown"
        self.page.keyboard.press("ArrowLeft" if a > b else "ArrowRight" if b > a else even)

    def send(self) -> None:
        """Send the vote; the next pair comes."""
        before = self._title.inner_text()
        self.page.keyboard.press("Enter")
        expect(self._title).not_to_have_text(before, timeout=PATIENCE_MS)

    @property
    def _title(self) -> Locator:
        return self.page.locator("#queue-title")

    def _use(self, side: str) -> tuple[str, bool]:
        """Choose what to do with an answer, and whether it breaks the policy."""
        text = self.page.get_by_test_id(f"answer-{side}").inner_text()
        if any(words in text for words in PROMISES):
            return "never", True
        who = "today" if "Kind regards" in text else "friendly" if "!" in text else "strict"
        differs = self.rng.random() < self.OWN_MIND
        rng = self.rng if differs else random.Random(zlib.crc32(text.encode()))
        return rng.choices(list(USES[who]), list(USES[who].values()))[0], False


def _go(page: Page, section: str) -> None:
    """Follow the rail of the owner's page."""
    page.get_by_role("navigation").get_by_role("link", name=section, exact=True).press("Enter")


def _show(page: Page, what: Locator, *, below: int = 88) -> Page:
    """Bring something to the top of the window, below the page's head."""
    what.evaluate("(one, y) => scrollBy(0, one.getBoundingClientRect().top - y)", below)
    return page
