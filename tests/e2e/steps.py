"""What people do on the pages, and what programs do beside them."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

VOTES = ("model_a", "tie", "both_bad", "model_b")
PATIENCE_MS = 20_000
"""For the end of a stream, on a machine that does other things too."""


def consent(page: Page) -> None:
    """Agree to the terms of the arena that is open."""
    page.get_by_test_id("consent-agree").click()
    expect(page.get_by_test_id("consent-agree")).to_have_count(0)


def ask(page: Page, text: str = "Hello, who is there?") -> None:
    """Send a message to both sides."""
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("send").click()


def wait_votable(page: Page) -> None:
    """Wait until both answers are complete."""
    expect(page.get_by_test_id("vote-model_a")).to_be_enabled(timeout=PATIENCE_MS)


def cut_short(page: Page) -> None:
    """End both answers by keyboard once they have begun; one may end by itself before that."""
    for side in "ab":
        expect(page.get_by_test_id(f"answer-{side}")).not_to_be_empty(timeout=PATIENCE_MS)
    for side in "ab":
        stop = page.get_by_test_id(f"stop-{side}")
        with suppress(PlaywrightTimeout):
            stop.press("Enter", timeout=1000)


def wait_revealed(page: Page) -> None:
    """Wait for the card with the names."""
    expect(page.get_by_test_id("reveal-card")).to_be_visible(timeout=PATIENCE_MS)


def reveal(page: Page, outcome: str = "model_a") -> None:
    """Vote by mouse."""
    page.get_by_test_id(f"vote-{outcome}").click()
    page.get_by_test_id("reveal").click()
    wait_revealed(page)


def log_in(page: Page, password: str) -> None:
    """Log in on the owner's page, which is open."""
    page.get_by_test_id("owner-password").fill(password)
    page.get_by_test_id("owner-login").click()
    expect(page.locator("#contestants-title")).to_be_visible()


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


class Api:
    """The API with a browser's own cookies, for what a test needs but is not about."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self._http = context.request
        self._url = url
        self._csrf = ""

    def get(self, path: str) -> Any:
        """Ask for JSON."""
        reply = self._http.get(f"{self._url}/api{path}")
        assert reply.ok, reply.text()
        return reply.json()

    def post(self, path: str, body: object = None) -> Any:
        """Change something."""
        reply = self._http.post(
            f"{self._url}/api{path}", data=body or {}, headers={"X-CSRF-Token": self._csrf}
        )
        assert reply.ok, reply.text()
        return reply.json() if "json" in reply.headers["content-type"] else reply.text()

    def upload(self, path: str, content: str) -> Any:
        """Send a file as the body."""
        headers = {"X-CSRF-Token": self._csrf}
        reply = self._http.post(f"{self._url}/api{path}", data=content.encode(), headers=headers)
        assert reply.ok, reply.text()
        return reply.json()

    def refused(self, path: str, body: object) -> int:
        """Try to change something; return the status, whatever it is."""
        headers = {"X-CSRF-Token": self._csrf}
        return self._http.post(f"{self._url}/api{path}", data=body, headers=headers).status

    def consent(self, *slugs: str) -> None:
        """Agree to the present terms of arenas."""
        for slug in slugs:
            version = self.get(f"/arenas/{slug}")["consent_version"]
            self._csrf = self.post("/session", {"consent_version": version})["csrf_token"]

    def log_in(self, password: str) -> None:
        """Become the owner."""
        self._csrf = self.post("/owner/login", {"password": password})["csrf_token"]

    def switch(self, slug: str, *, enabled: bool) -> None:
        """Switch every contestant of an arena."""
        for contestant in self.get("/owner")["contestants"]:
            if contestant["arena"] == slug:
                self.post(f"/owner/contestants/{contestant['id']}", {"enabled": enabled})

    def vote(self, slug: str, outcomes: Sequence[str], *, comment: str = "") -> None:
        """Cast votes, one battle each."""
        for outcome in outcomes:
            battle = self.post(f"/arenas/{slug}/battles", {"mode": "battle"})["battle_id"]
            self.post(f"/battles/{battle}/turns", {"content": "Hello?"})
            self.post(f"/battles/{battle}/vote", {"outcome": outcome, "comment": comment})
