"""The owner takes a file in, corrects the arena's file, and enters a key, by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from blindarena.bootstrap import Plan
from blindarena.bootstrap.configured import plan_of
from blindarena.settings import load_settings
from blindarena.testing.fake_upstream import FakeUpstream
from web.test_arena_files import site

from .conftest import DESK, PHONE
from .served import Served, served
from .steps import PATIENCE_MS, log_in, overflow
from .watch import Watch

pytestmark = pytest.mark.browser
TICKETS = (
    "Nummer;Frage;Art\n"
    "T7;Mein Name ist Anna Schmidt, wo bleibt mein Paket? anna@example.org;late\n"
    "T8;How do I send a pair of shoes back that does not fit?;return\n"
    "T9;;return\n"
)


@pytest.fixture(scope="module")
def pilot(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("pilot")

    async def make(upstream: FakeUpstream) -> Plan:
        site(folder, upstream)
        path = folder / "blindarena.toml"
        keyed = f'{path.read_text()}key = {{ vault = "vendor" }}\n'
        path.write_text(keyed)
        return plan_of(load_settings(path, environ={}))

    with served(make, folder) as server:
        yield server


@pytest.fixture
def owner(chromium: Browser, pilot: Served) -> Iterator[Page]:
    watch = Watch(pilot.url)
    watch.expect(r"status of 4(09|22)", r"/api/")
    context = chromium.new_context(viewport=DESK, locale="en-GB")
    watch.over(context)
    page = context.new_page()
    page.goto(f"{pilot.url}/owner")
    log_in(page, pilot.password)
    yield page
    context.close()
    assert watch.faults == []


def test_a_file_is_looked_at_then_taken_in(owner: Page, tmp_path: Path) -> None:
    """A wrong column and a wrong row are said, put right on the page, and nothing is doubled."""
    tickets = tmp_path / "tickets.csv"
    tickets.write_text(TICKETS)
    owner.get_by_role("link", name="Prompts", exact=True).press("Enter")
    said = owner.get_by_test_id("import-said")
    owner.get_by_test_id("import-pii").select_option("redact")
    owner.get_by_test_id("import-file").set_input_files(tickets)
    expect(said).to_contain_text('the column "prompt" is missing', timeout=PATIENCE_MS)
    for ours, theirs in (("prompt", "Frage"), ("id", "Nummer"), ("category", "Art")):
        owner.get_by_test_id(f"map-{ours}").select_option(theirs)
    owner.get_by_role("button", name="Read the file again").press("Enter")
    expect(said).to_contain_text("row 4", timeout=PATIENCE_MS)
    owner.get_by_role("button", name="Take the other rows").press("Enter")
    preview = owner.get_by_test_id("import-preview")
    expect(preview).to_contain_text("email 1", timeout=PATIENCE_MS)
    expect(preview).to_contain_text("late 1, return 1")
    expect(preview).to_contain_text("1 row that cannot be read")
    expect(preview).not_to_contain_text("Schmidt")
    owner.set_viewport_size(PHONE)
    assert overflow(owner) <= 0
    owner.get_by_test_id("import-confirm").press("Enter")
    expect(said).to_contain_text("2 prompts of tickets.csv are in the arena")
    expect(owner.get_by_test_id("imports")).to_contain_text("taken in")
    expect(owner.get_by_test_id("make-missing")).to_contain_text("6 answers are missing")


def test_the_arena_file_with_an_error_and_then_saved(owner: Page, pilot: Served) -> None:
    """The problem is at its line; what saving does is said before it is done."""
    owner.get_by_role("link", name="Arena file").press("Enter")
    text = owner.get_by_test_id("file-text")
    before = text.input_value()
    assert "# keep this comment" in before
    text.fill(before.replace("question", "qestion"))
    owner.get_by_test_id("file-save").press("Enter")
    problems = owner.get_by_test_id("file-problems")
    expect(problems).to_contain_text('Line 3 unknown key "qestion"')
    expect(owner.get_by_test_id("file-save")).to_be_disabled()
    owner.get_by_role("button", name="Line 3").press("Enter")
    expect(text).to_be_focused()
    owner.keyboard.type('question = "Which one?"')
    text.fill(text.input_value().replace("Be brief.", "Be long."))
    owner.get_by_test_id("file-save").press("Enter")
    expect(owner.get_by_test_id("file-said")).to_contain_text("saving begins version")
    save = owner.get_by_role("button", name="Save and begin version")
    save.press("Enter")
    expect(owner.get_by_test_id("file-said")).to_contain_text("Saved. The arena is version")
    written = pilot.app.arena_files._plan("support").text
    assert 'question = "Which one?"\n' in written
    assert "Be long." in written


def test_a_key_is_entered_and_not_shown(owner: Page) -> None:
    """Entered by keyboard; afterwards the page holds only since when it is set."""
    owner.get_by_role("link", name="Keys", exact=True).press("Enter")
    keys = owner.get_by_test_id("keys")
    expect(keys).to_contain_text("not entered yet")
    owner.get_by_role("button", name="Enter the key vendor").press("Enter")
    owner.keyboard.press("Enter")
    expect(owner.get_by_role("dialog")).to_contain_text("Paste the key first")
    owner.get_by_test_id("key-value").fill("sk-planted-42")
    owner.keyboard.press("Enter")
    expect(owner.get_by_test_id("keys-said")).to_contain_text("vendor is stored and in use")
    expect(keys).to_contain_text("set on")
    assert "sk-planted-42" not in owner.content()
