"""An arena in the page of another website, which is another site to the browser."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from blindarena.bootstrap import Plan
from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour
from web.server import live_plan

from .served import Served, served
from .steps import PATIENCE_MS

pytestmark = pytest.mark.browser


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def website(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Serve another website; its name is another site's to the browser, the machine is the same."""
    folder = tmp_path_factory.mktemp("website")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_address[1]}", folder
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def arena(
    built: None, website: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("framed")

    async def make(upstream: FakeUpstream) -> Plan:
        upstream.behaviours.update(red=Behaviour(text="Red."), blue=Behaviour(text="Blue."))
        return live_plan(
            folder,
            models={"Redwood": ["red"], "Bluebell": ["blue"]},
            base_urls={"red": upstream.url, "blue": upstream.url},
            embed_origins=(website[0],),
        )

    with served(make, folder) as server:
        (website[1] / "page.html").write_text(
            "<!doctype html><title>A website</title><h1>A website</h1>"
            f'<script src="{server.url}/embed.js" data-arena="test" data-height="700"></script>'
        )
        yield server


@pytest.fixture
def guest(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1000, "height": 900}, locale="en-GB")
    yield context.new_page()
    context.close()


def _vote(frame: FrameLocator) -> None:
    frame.get_by_test_id("composer").fill("Hello?")
    frame.get_by_test_id("send").click()
    expect(frame.get_by_test_id("vote-tie")).to_be_enabled(timeout=PATIENCE_MS)
    frame.get_by_test_id("vote-tie").click()
    frame.get_by_test_id("reveal").click()
    expect(frame.get_by_test_id("reveal-card")).to_be_visible(timeout=PATIENCE_MS)


def test_a_visitor_of_the_website_votes_in_the_frame(
    guest: Page, arena: Served, website: tuple[str, Path]
) -> None:
    guest.goto(f"{website[0]}/page.html")
    frame = guest.frame_locator("iframe")
    frame.get_by_test_id("consent-agree").click()
    _vote(frame)

    [cookie] = guest.context.cookies()
    assert cookie["name"] == "blindarena_embedded"
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "None")
    assert cookie["partitionKey"].startswith("http://localhost")
    assert frame.get_by_role("link", name="Owner").count() == 0

    guest.reload()
    expect(frame.get_by_test_id("composer")).to_be_visible()  # no consent asked again

    guest.goto(f"{arena.url}/a/test")  # the page itself knows nothing of the frame's session
    expect(guest.get_by_test_id("consent-agree")).to_be_visible()


def test_another_website_gets_no_frame(
    guest: Page, arena: Served, website: tuple[str, Path]
) -> None:
    refused: list[str] = []
    guest.on("console", lambda message: refused.append(message.text))
    guest.goto(f"{website[0].replace('localhost', '127.0.0.1')}/page.html")
    guest.wait_for_function("document.querySelector('iframe') !== null")

    guest.wait_for_timeout(500)
    assert any("frame-ancestors" in text for text in refused), refused
    assert guest.frame_locator("iframe").get_by_test_id("consent-agree").count() == 0
