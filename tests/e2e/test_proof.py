"""A browser proves its work by itself, and says so."""

import pytest
from playwright.sync_api import Page, Request, expect

from .served import Served
from .steps import ask, consent, wait_votable
from .watch import Watch

pytestmark = pytest.mark.browser


def prove(page: Page, lab: Served, watch: Watch) -> list[Request]:
    """Ask in the arena that wants a proof of work; return the requests for a battle."""
    watch.expect("status of 428", "/api/arenas/guarded/battles$")
    asked: list[Request] = []
    page.on("request", lambda r: asked.append(r) if r.url.endswith("/battles") else None)
    page.goto(f"{lab.url}/a/guarded")
    consent(page)
    page.evaluate(
        """() => {
            window.said = [];
            const note = () => document.querySelector('[data-testid=checking]');
            new MutationObserver(() => {
                if (!note()) return;
                const box = note().getBoundingClientRect();
                window.said.push([note().textContent.trim(), box.left, box.right]);
            }).observe(document.body, { childList: true, subtree: true });
        }"""
    )
    ask(page)
    wait_votable(page)
    return asked


def test_a_battle_begins_after_the_proof(page: Page, lab: Served, watch: Watch) -> None:
    first, second = prove(page, lab, watch)

    assert "x-challenge" not in first.headers
    assert second.headers["x-challenge"]
    expect(page.get_by_test_id("checking")).to_have_count(0)


def test_the_notice_fits_a_phone(phone: Page, lab: Served, watch: Watch) -> None:
    for _ in range(8):  # now and then the number is found before there is anything to show
        prove(phone, lab, watch)
        said = phone.evaluate("window.said")
        if said:
            break
        phone.evaluate("sessionStorage.clear(); localStorage.clear()")
        phone.context.clear_cookies()

    text, left, right = said[0]
    assert text == "Checking your browser, about 1\u00a0s"
    assert 0 <= left < right <= 320
