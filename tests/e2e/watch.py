"""A witness of everything that a page does; a test fails on what no page of ours should do."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request

_EXPECTED = (
    # Who is not the owner is told so by the API, and Chromium logs every refusal.
    (r"status of 40[13]", r"/api/owner(/login)?$"),
)
_REPORT = """addEventListener('securitypolicyviolation', (event) =>
  console.error(`CSP ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));"""


class Watch:
    """Collects faults: foreign requests, console errors, CSP violations, dialogs, new windows.

    Args:
        *own: addresses that the pages may ask, as `http://host:port`.
    """

    def __init__(self, *own: str) -> None:
        self.faults: list[str] = []
        self.hosts: set[str] = set()
        self._own = {urlsplit(url).netloc for url in own}
        self._expected = list(_EXPECTED)

    def own(self, url: str) -> None:
        """Let the pages ask one more address."""
        self._own.add(urlsplit(url).netloc)

    def expect(self, message: str, url: str = "") -> None:
        """Take a console error as it comes: patterns of its text and of the address it names."""
        self._expected.append((message, url))

    def over(self, context: BrowserContext) -> None:
        """Watch every page of a context."""
        context.add_init_script(_REPORT)
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("dialog", self._dialog)
        context.on("weberror", lambda error: self.faults.append(f"exception: {error.error}"))
        context.on("page", self._page)

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("data", "blob"):
            return
        self.hosts.add(parts.netloc)
        if parts.netloc not in self._own:
            self.faults.append(f"foreign request: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        url = message.location.get("url", "")
        if not any(re.search(m, message.text) and re.search(u, url) for m, u in self._expected):
            self.faults.append(f"console {message.type}: {message.text} ({url})")

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _page(self, page: Page) -> None:
        if page.opener() is not None:
            self.faults.append(f"new window: {page.url}")
