"""The owner makes a key, a program uses it, and the page shows, drains and asks; by keyboard."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from blindarena.bootstrap import Plan
from blindarena.settings.gateway import Gateway
from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour
from web.server import live_plan

from .conftest import DESK, PHONE
from .served import Served, served
from .steps import PATIENCE_MS, log_in, overflow
from .watch import Watch

pytestmark = pytest.mark.browser
LONG = "One two three four. " * 400


@pytest.fixture(scope="module")
def site(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("gateway")

    async def make(upstream: FakeUpstream) -> Plan:
        said = "Red says **hello**. <img src=x onerror=alert(1)>"
        upstream.behaviours["red"] = Behaviour(text=said)
        upstream.behaviours["long"] = Behaviour(text=LONG, chunk_size=8, delay_s=0.02)
        upstream.behaviours["ill"] = Behaviour(fault="server_error")
        names = ("red", "long", "ill")
        urls = dict.fromkeys(names, upstream.url)
        plan = live_plan(folder, models={"Redwood": ["red"]}, base_urls=urls)
        priced = {"input_price": 1.0, "output_price": 2.0}
        deployments = dict(plan.deployments)
        deployments["red"] = deployments["red"].model_copy(update=priced)
        return replace(plan, deployments=deployments)

    with served(make, folder) as server:
        yield server


@pytest.fixture
def owner(chromium: Browser, site: Served) -> Iterator[Page]:
    yield from _owner(chromium, site)


def _owner(chromium: Browser, site: Served) -> Iterator[Page]:
    watch = Watch(site.url)
    context = chromium.new_context(viewport=DESK, locale="en-GB")
    watch.over(context)
    page = context.new_page()
    page.goto(f"{site.url}/owner")
    log_in(page, site.password)
    yield page
    context.close()
    assert watch.faults == []


def go(page: Page, section: str) -> Locator:
    """Go to a section by the list at the side."""
    page.get_by_role("link", name=section, exact=True).press("Enter")
    return page.locator(
        "section", has=page.get_by_role("heading", name=section, exact=True, level=2)
    )


def call(page: Page, site: Served, secret: str, model: str = "red") -> Any:
    """Ask as a program does."""
    return page.request.post(
        f"{site.url}/v1/chat/completions",
        headers={"Authorization": f"Bearer {secret}"},
        data={"model": model, "messages": [{"role": "user", "content": "Hello?"}]},
    )


def test_a_key_is_made_used_seen_in_usage_and_revoked(owner: Page, site: Served) -> None:
    keys = go(owner, "API keys")
    owner.get_by_test_id("new-key").press("Enter")
    owner.get_by_test_id("api-key-save").press("Enter")
    expect(owner.get_by_role("dialog")).to_contain_text("Give it a name")
    expect(owner.get_by_test_id("api-key-name")).to_be_focused()
    owner.keyboard.type("support app")
    owner.get_by_test_id("api-key-day").fill("two")
    owner.keyboard.press("Enter")
    expect(owner.get_by_test_id("api-key-day")).to_be_focused()
    owner.get_by_test_id("api-key-day").fill("2")
    owner.get_by_role("checkbox", name="red").press("Space")
    owner.keyboard.press("Enter")

    field = owner.get_by_test_id("secret")
    expect(field).to_be_focused()
    secret = field.input_value()
    owner.get_by_test_id("secret-seen").press("Enter")
    expect(owner.get_by_test_id("new-key")).to_be_focused()
    assert secret not in owner.content()
    listed = owner.get_by_test_id("api-keys")
    expect(listed).to_contain_text("$0 of $2.00")

    assert call(owner, site, secret).status == 200
    assert call(owner, site, secret, "long").status == 403
    usage = go(owner, "Usage")
    expect(owner.get_by_test_id("usage-sums")).to_contain_text("support app", timeout=PATIENCE_MS)
    expect(owner.get_by_test_id("usage-total")).to_contain_text("1 request, 0 errors")
    expect(owner.get_by_test_id("usage-charts").get_by_role("img")).to_have_count(3)
    usage.get_by_role("radio", name="Table").check(force=True)
    expect(owner.get_by_test_id("usage-table").locator("tbody tr")).to_have_count(1)
    owner.get_by_test_id("usage-by").select_option("deployment")
    expect(owner.get_by_test_id("usage-sums")).to_contain_text("red")
    with owner.expect_download() as taken:
        usage.get_by_role("link", name="usage.csv").press("Enter")
    assert "support app" in taken.value.path().read_text()

    keys.get_by_role("button", name="Revoke: support app").press("Enter")
    owner.keyboard.press("Escape")
    expect(owner.get_by_role("dialog")).to_have_count(0)
    assert call(owner, site, secret).status == 200
    keys.get_by_role("button", name="Revoke: support app").press("Enter")
    owner.get_by_test_id("revoke-yes").press("Enter")
    expect(owner.get_by_test_id("api-keys-said")).to_contain_text("support app is revoked")
    expect(keys).to_contain_text("There is no key yet")
    expect(owner.get_by_test_id("new-key")).to_be_focused()
    keys.get_by_role("button", name="Show 1 revoked key").press("Enter")
    expect(listed).to_contain_text("revoked")
    owner.set_viewport_size(PHONE)
    assert overflow(owner) <= 0


def test_a_deployment_is_drained_asked_and_let_back(owner: Page, site: Served) -> None:
    gateway = go(owner, "Gateway")
    row = owner.get_by_test_id("dep-red")
    expect(row).to_contain_text("Ready")
    drain = gateway.get_by_role("button", name="Drain: red")
    drain.press("Enter")
    expect(row).to_contain_text("Drained")
    expect(owner.get_by_test_id("gateway-models").get_by_role("row", name="red")).to_contain_text(
        "0 of 1 ready"
    )
    assert site.app.router.states()["red"].held
    gateway.get_by_role("button", name="Ask now: red").press("Enter")
    expect(owner.get_by_test_id("asked-red")).to_contain_text("Red says", timeout=PATIENCE_MS)
    gateway.get_by_role("button", name="Ask now: ill").press("Enter")
    expect(owner.get_by_test_id("asked-ill")).to_contain_text("failed", timeout=PATIENCE_MS)
    undrain = gateway.get_by_role("button", name="Undrain: red")
    undrain.press("Enter")
    expect(row).to_contain_text("Ready")
    expect(drain).to_be_focused()
    owner.set_viewport_size(PHONE)
    assert overflow(owner) <= 0


def test_the_playground_answers_stops_and_tells_the_same_request(owner: Page, site: Served) -> None:
    section = go(owner, "Playground")
    owner.get_by_test_id("play-model").select_option("red")
    owner.get_by_test_id("play-send").press("Enter")
    expect(section.get_by_role("alert")).to_contain_text("Write a message first")
    owner.get_by_test_id("play-temperature").fill("0.5")
    owner.get_by_test_id("play-text").fill("Who is there?")
    code = owner.get_by_test_id("play-code")
    expect(code).to_contain_text(f"{site.url}/v1/chat/completions")
    section.get_by_role("radio", name="Python").check(force=True)
    expect(code).to_contain_text('{"role": "user", "content": "Who is there?"}')
    owner.get_by_test_id("play-text").press("Enter")
    answer = owner.get_by_test_id("play-answer")
    expect(answer.locator("strong")).to_have_text("hello")
    expect(answer.locator("img")).to_have_count(0)
    expect(owner.get_by_test_id("play-used")).to_contain_text("by red", timeout=PATIENCE_MS)
    expect(owner.get_by_test_id("play-used")).to_contain_text("$0.0")
    assert site.upstream.requests[-1].body["temperature"] == 0.5

    owner.get_by_test_id("play-model").select_option("long")
    owner.get_by_test_id("play-text").fill("And now at length")
    owner.get_by_test_id("play-text").press("Enter")
    last = owner.get_by_test_id("play-answer").last
    expect(last).to_contain_text("three", timeout=PATIENCE_MS)
    left = site.upstream.disconnects
    owner.get_by_test_id("play-stop").press("Enter")
    expect(owner.get_by_test_id("play-used").last).to_contain_text("Stopped here")
    expect(owner.get_by_test_id("play-text")).to_be_focused()
    while site.upstream.disconnects == left:
        owner.wait_for_timeout(20)

    owner.get_by_test_id("play-model").select_option("ill")
    owner.get_by_test_id("play-text").fill("Are you well?")
    owner.get_by_test_id("play-text").press("Enter")
    expect(owner.get_by_test_id("play-error")).to_contain_text("It failed", timeout=PATIENCE_MS)
    section.get_by_role("button", name="New conversation").press("Enter")
    expect(owner.get_by_test_id("play-talk")).to_have_count(0)
    owner.set_viewport_size(PHONE)
    assert overflow(owner) <= 0


def test_with_the_gateway_off_and_without_a_deployment(
    built: None, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The page says how it is, and what to do."""
    folder = tmp_path_factory.mktemp("off")

    async def make(upstream: FakeUpstream) -> Plan:
        plan = live_plan(folder, models={}, base_urls={})
        off = plan.settings.model_copy(update={"gateway": Gateway(enabled=False)})
        return replace(plan, settings=off, arenas=())

    with served(make, folder) as server:
        for page in _owner(chromium, server):
            gateway = go(page, "Gateway")
            expect(page.get_by_test_id("gateway-off")).to_contain_text("switched off")
            expect(gateway).to_contain_text("There is no deployment yet")
            expect(go(page, "Playground")).to_contain_text("switched off")
            expect(go(page, "Usage")).to_contain_text("No request in these days")
