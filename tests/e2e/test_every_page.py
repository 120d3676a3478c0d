"""Every page and state: no axe violation and no sideways scrolling, in both themes and widths."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, ViewportSize

from .conftest import DESK, PHONE
from .served import Served
from .steps import overflow
from .walk import DEMO_WALKS, LAB_WALKS, Walk
from .walk_agreement import agreement
from .walk_judges import judges
from .watch import Watch

pytestmark = pytest.mark.browser
LAB = (*LAB_WALKS, judges, agreement)
WALKS = {walk.__name__: walk for walk in (*DEMO_WALKS, *LAB)}
# The desk in light comes last: the walk goes on from there. Another theme changes colours only.
LOOKS: tuple[tuple[ViewportSize, Literal["light", "dark"], tuple[str, ...]], ...] = (
    (PHONE, "light", ()),
    (DESK, "dark", ("color-contrast", "link-in-text-block")),
    (DESK, "light", ()),
)
_RUN = """async (rules) => (await axe.run(document, {
  resultTypes: ['violations'], preload: false, iframes: false,
  ...(rules.length ? {runOnly: rules} : {})})).violations.map(
  ({id, help, nodes}) => `${id}: ${help} @ ${nodes.slice(0, 3).map((n) => n.html.slice(0, 160)
  + ' | ' + n.any.concat(n.all).map((c) => c.message).join('; ').slice(0, 160)).join(' /// ')}`)"""


@cache
def _axe(root: Path) -> str:
    return (root / "frontend" / "node_modules" / "axe-core" / "axe.min.js").read_text()


def _check(page: Page, root: Path, where: str, *rules: str) -> list[str]:
    """Return what axe and the ruler find; of axe's rules all, where none is named."""
    # Evaluated by the debugger, so the page's own policy (no foreign script) stays in force.
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(_axe(root))
    found: list[Any] = page.evaluate(_RUN, rules)
    wide = overflow(page)
    return [f"{where}: {one}" for one in found] + (
        [f"{where}: {wide} px wider than the window"] if wide > 0 else []
    )


def test_axe_and_the_ruler_see(page: Page, lab: Served, root: Path) -> None:
    """What the walks rely on: a fault of each kind is found when it is there."""
    page.goto(lab.url)
    page.set_viewport_size(PHONE)
    assert _check(page, root, "start") == []
    page.evaluate(
        """document.querySelector('main').insertAdjacentHTML('beforeend',
          '<p class="plain">pale</p><button></button><pre>wide</pre>');
        document.querySelector('main .plain').style.color = '#ddd';
        document.querySelector('main pre').style.width = '400px';"""
    )
    found = "\n".join(_check(page, root, "spoilt"))
    for sign in ("color-contrast", "button-name", "px wider than the window"):
        assert sign in found


@pytest.mark.parametrize("name", WALKS)
def test_walk(page: Page, demo: Served, lab: Served, root: Path, watch: Watch, name: str) -> None:
    """Phone and desk, light and dark, at every stop."""
    walk: Walk = WALKS[name]
    watch.expect(r"status of (401|403|404|409|422|429|503)", r"/api/")
    found: list[str] = []
    for stop in walk(page, lab if walk in LAB else demo):
        for size, theme, rules in LOOKS:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=theme)
            found += _check(page, root, f"{stop} {size['width']} px {theme}", *rules)
    assert found == []
