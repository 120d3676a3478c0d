"""The owner compares an arena, a run of judges and a table, by keyboard, and opens the report."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from blindarena.bootstrap import Plan
from blindarena.testing.fake_upstream import FakeUpstream
from judge.made_up_run import NAMES, write_run
from web.server import live_plan

from .conftest import DESK, PHONE
from .served import Served, served
from .steps import PATIENCE_MS, Api, log_in, overflow
from .watch import Watch

pytestmark = pytest.mark.browser
RENAMED = "model,score\nAlder,9\nbirch,3\ncedar,5\n"


@pytest.fixture(scope="module")
def site(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("agreement")

    async def make(upstream: FakeUpstream) -> Plan:
        return live_plan(
            folder,
            models={name: [name] for name in NAMES},
            base_urls=dict.fromkeys(NAMES, upstream.url),
        )

    with served(make, folder) as server:
        yield server


@pytest.fixture
def owner(chromium: Browser, site: Served) -> Iterator[Page]:
    watch = Watch(site.url)
    watch.expect(r"status of 422", r"/api/agreement")
    context = chromium.new_context(viewport=DESK, locale="en-GB")
    watch.over(context)
    page = context.new_page()
    page.goto(f"{site.url}/owner/agreement")
    yield page
    context.close()
    report = f"new window: {site.url}/api/agreement/"  # so that the choice stays where it is
    assert [fault for fault in watch.faults if not fault.startswith(report)] == []


def test_evaluations_are_chosen_compared_and_the_report_is_opened(
    owner: Page, chromium: Browser, site: Served, tmp_path: Path
) -> None:
    """From nothing to compare, over a wrong table and a name to take, to the whole report."""
    owner.goto(f"{site.url}/owner")
    log_in(owner, site.password)
    owner.get_by_role("link", name="Agreement", exact=True).press("Enter")
    owner.get_by_role("link", name="Compare evaluations").press("Enter")
    expect(owner.get_by_test_id("agreement-alone")).to_contain_text("nothing to compare yet")
    expect(owner.get_by_test_id("compare")).to_be_disabled()

    voter = Api(chromium.new_context(), site.url)
    voter.consent("test")
    voter.vote("test", ["model_a", "model_b", "tie"] * 5)
    write_run(site.app.judge_runs.folder / "support")
    owner.reload()
    state = owner.get_by_test_id("compare-state")
    expect(state).to_have_text("Choose two evaluations.")
    owner.get_by_role("checkbox", name="Test arena").press("Space")
    expect(state).to_have_text("Choose one more evaluation.")
    table = tmp_path / "bench.csv"
    table.write_text("model,points\nalder,1\n")
    owner.get_by_test_id("agreement-table").set_input_files(table)
    owner.get_by_test_id("compare").press("Enter")
    error = owner.get_by_test_id("compare-error")
    expect(error).to_contain_text("rename one of them", timeout=PATIENCE_MS)
    owner.get_by_role("button", name="Remove bench.csv").press("Enter")
    table.write_text(RENAMED)
    owner.get_by_test_id("agreement-table").set_input_files(table)
    owner.get_by_role("checkbox", name="support").press("Space")
    owner.get_by_test_id("compare").press("Enter")

    result = owner.get_by_test_id("agreement-result")
    expect(result).to_contain_text("test · giddy · steady · bench", timeout=PATIENCE_MS)
    expect(error).to_have_count(0)
    owner.get_by_role("button", name="Take alder for Alder").press("Enter")
    expect(owner.get_by_test_id("agreement-aliases")).to_have_value("alder=Alder")
    expect(state).to_contain_text("The choice has changed")
    owner.get_by_test_id("compare").press("Enter")
    expect(result).to_contain_text("'alder' was taken for 'Alder'", timeout=PATIENCE_MS)
    expect(owner.get_by_test_id("agreement-suggestions")).to_have_count(0)

    with owner.context.expect_page() as opened:
        owner.get_by_role("link", name="Open the report").press("Enter")
    expect(opened.value.get_by_role("heading", name="Methods and limits")).to_be_visible()
    with owner.expect_download() as fetched:
        owner.get_by_role("link", name="Markdown").press("Enter")
    assert fetched.value.path().read_text().startswith("# How far the evaluations agree")
    for part in result.locator("summary").all():
        part.press("Enter")
    owner.set_viewport_size(PHONE)
    assert overflow(owner) <= 0


def test_a_voter_is_asked_to_log_in(owner: Page) -> None:
    """The address alone shows nothing."""
    expect(owner.get_by_test_id("owner-password")).to_be_visible()
    expect(owner.get_by_test_id("compare")).to_have_count(0)
