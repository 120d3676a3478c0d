"""The judges' page: what is wrong with a judge, a blind vote by keyboard, filters."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from blindarena.bootstrap import Plan
from blindarena.testing.fake_upstream import FakeUpstream
from judge.made_up_run import write_run

from .conftest import DESK, PHONE
from .lab import lab_plan
from .served import Served, served
from .steps import log_in, overflow
from .watch import Watch

pytestmark = pytest.mark.browser
NAMES = re.compile("alder|birch|cedar")


@pytest.fixture(scope="module")
def judged(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("judged")

    async def make(upstream: FakeUpstream) -> Plan:
        return lab_plan(folder, upstream)

    with served(make, folder) as server:
        yield server


@pytest.fixture
def owner(chromium: Browser, judged: Served) -> Iterator[Page]:
    watch = Watch(judged.url)
    context = chromium.new_context(viewport=DESK, locale="en-GB")
    watch.over(context)
    page = context.new_page()
    page.goto(f"{judged.url}/owner")
    log_in(page, judged.password)
    yield page
    context.close()
    assert watch.faults == []


def test_a_run_is_read_and_voted_on_blind_by_keyboard(owner: Page, judged: Served) -> None:
    owner.get_by_role("link", name="Judges", exact=True).press("Enter")
    expect(owner.get_by_test_id("judge-runs-none")).to_contain_text("blindarena judge answer")
    write_run(judged.app.judge_runs.folder / "support")
    owner.get_by_role("link", name="support", exact=True).press("Enter")

    first = owner.get_by_test_id("judge-verdicts").get_by_role("listitem").first
    expect(first).to_contain_text("Not to be relied on")
    expect(first).to_contain_text("giddy")
    items, counted = owner.get_by_test_id("judged-items"), owner.get_by_test_id("judged-count")
    expect(counted).to_have_text("12 pairs")
    expect(items).not_to_contain_text(NAMES)

    items.get_by_role("link").first.press("Enter")
    status, save = owner.get_by_test_id("judged-status"), owner.get_by_test_id("judged-save")
    expect(status).to_contain_text("Names and verdicts come after your vote")
    expect(owner.get_by_test_id("answer-a")).not_to_be_empty()
    expect(owner.get_by_test_id("judged-item")).not_to_contain_text(NAMES)
    expect(save).to_be_disabled()
    owner.keyboard.press("ArrowLeft")
    expect(status).to_have_text("Enter saves your vote.")
    owner.keyboard.press("Enter")
    expect(status).to_contain_text("cast blind")
    said = owner.get_by_role("region", name="steady, pairs")
    expect(said).to_contain_text(re.compile("As you say|Not as you say"))
    expect(said).to_contain_text("shown first, as A")
    expect(owner.get_by_role("region", name="giddy, pairs")).to_contain_text(
        "its two orders differ"
    )
    assert owner.evaluate("document.title") != "1", "an answer's markup was run"

    owner.keyboard.press("ArrowDown")
    owner.keyboard.press("Enter")
    expect(status).to_have_text("Your vote counts: both bad.")
    owner.keyboard.press("n")
    expect(owner.get_by_text("2 of 12")).to_be_visible()
    expect(status).to_contain_text("Names and verdicts come after your vote")
    owner.get_by_role("link", name="Back to support").press("Enter")
    expect(owner.get_by_test_id("judge-people")).to_contain_text("steady")
    expect(owner.get_by_text("1 vote counts, of 1 person.")).to_be_visible()


def test_filters_and_agreeing_openly(owner: Page, judged: Served) -> None:
    """What flips and what cannot be read is found; agreeing makes a vote that is not blind."""
    if not (judged.app.judge_runs.folder / "open").exists():
        write_run(judged.app.judge_runs.folder / "open")
    owner.goto(f"{judged.url}/owner/judges/open")
    counted = owner.get_by_test_id("judged-count")
    owner.get_by_test_id("judge-flag").select_option("flipped")
    expect(counted).to_contain_text("11 pairs")
    owner.get_by_test_id("judge-judge").select_option("steady")
    expect(counted).to_contain_text("No pair is like that.")
    owner.get_by_role("button", name="Show all").press("Enter")
    owner.get_by_test_id("judge-flag").select_option("unparsed")
    expect(counted).to_contain_text("1 pair")
    owner.get_by_test_id("judge-blind-false").check(force=True)
    items = owner.get_by_test_id("judged-items")
    expect(items).to_contain_text("no verdict can be read")
    owner.set_viewport_size(PHONE)
    assert overflow(owner) <= 0
    items.get_by_role("link").first.press("Enter")
    said = owner.get_by_role("region", name="steady, pairs")
    expect(said).to_contain_text("cedar is better")
    said.get_by_role("button", name="Disagree with steady").press("Enter")
    expect(owner.get_by_test_id("judged-status")).to_contain_text("Not what steady says")
    said.get_by_role("button", name="Agree with steady", exact=True).press("Enter")
    expect(owner.get_by_test_id("judged-status")).to_have_text("Your vote counts: cedar is better.")
    expect(said).to_contain_text("As you say")
    assert overflow(owner) <= 0
    owner.go_back()
    expect(counted).to_contain_text("1 pair")
