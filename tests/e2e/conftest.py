"""One Chromium, one demo and one lab for all tests; a browser context of its own for each."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from blindarena.bootstrap import Plan
from blindarena.testing.fake_upstream import FakeUpstream
from conftest import Require

from .chromium import ARGS, find_chromium
from .lab import lab_plan
from .served import Served, served, served_demo
from .watch import Watch

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 320, "height": 640}

expect.set_options(timeout=10_000)


# Package scope, not session: a running sync Playwright keeps an event loop on this thread, and the
# async tests of other packages could not start theirs.
@pytest.fixture(scope="package")
def chromium(require: Require) -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        require("Chromium is missing (Debian package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def built(root: Path, require: Require) -> None:
    """Build the pages, where what is there is not of the present sources."""
    frontend = _load(root / "scripts" / "frontend.py")
    try:
        frontend.build(root)
    except frontend.FrontendError as error:
        require(f"the pages cannot be built: {error}")


@pytest.fixture(scope="package")
def demo(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served_demo(tmp_path_factory.mktemp("demo")) as server:
        yield server


@pytest.fixture(scope="package")
def lab(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("lab")

    async def make(upstream: FakeUpstream) -> Plan:
        return lab_plan(folder, upstream)

    with served(make, folder) as server:
        yield server


@pytest.fixture
def watch(demo: Served, lab: Served) -> Iterator[Watch]:
    """Watch the pages of this test; it fails where one did what none should."""
    one = Watch(demo.url, lab.url)
    yield one
    assert one.faults == []


@pytest.fixture
def page(chromium: Browser, watch: Watch) -> Iterator[Page]:
    yield from _page(chromium, watch, DESK, phone=False)


@pytest.fixture
def phone(chromium: Browser, watch: Watch) -> Iterator[Page]:
    yield from _page(chromium, watch, PHONE, phone=True)


def _page(browser: Browser, watch: Watch, size: ViewportSize, *, phone: bool) -> Iterator[Page]:
    context = browser.new_context(viewport=size, has_touch=phone, is_mobile=phone, locale="en-GB")
    watch.over(context)
    yield context.new_page()
    context.close()


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("blindarena_frontend", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
