"""The owner's page: login, switches, audit; and what a voter may not do there."""

import csv

import pytest
from playwright.sync_api import Page, expect

from .served import Served
from .steps import Api, log_in
from .walk import PARCEL

pytestmark = pytest.mark.browser


def test_login_switch_audit_and_logout(page: Page, demo: Served) -> None:
    """Off at once, on only after the question; both in the audit log; and out again."""
    page.goto(f"{demo.url}/owner")
    page.get_by_test_id("owner-login").click()
    expect(page.get_by_role("alert")).to_contain_text("Type the password first")
    expect(page.get_by_test_id("owner-password")).to_be_focused()
    log_in(page, demo.password)
    api = Api(page.context, demo.url)
    contestant = next(c for c in api.get("/owner")["contestants"] if c["arena"] == PARCEL)
    toggle = page.get_by_test_id(f"toggle-{contestant['id']}")
    expect(toggle).to_be_checked()
    toggle.press("Space")
    expect(toggle).not_to_be_checked()
    page.locator("#audit").scroll_into_view_if_needed()
    audit = page.get_by_test_id("audit-lines")
    expect(audit).to_contain_text(f"Switched off {contestant['name']}")
    toggle.press("Space")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(contestant["name"])
    expect(dialog).to_contain_text("answers on this machine")
    expect(dialog).not_to_contain_text("recipient")
    dialog.get_by_role("button", name="Leave it off").click()
    expect(toggle).not_to_be_checked()
    toggle.press("Space")
    page.get_by_test_id("confirm-enable").click()
    expect(toggle).to_be_checked()
    expect(audit).to_contain_text(f"Switched on {contestant['name']}")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_test_id("owner-password")).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("owner-password")).to_be_visible()


def test_a_recipient_elsewhere_is_named_before_it_is_added(page: Page, lab: Served) -> None:
    """Nobody receives texts before the owner has read who it is and what voters are asked."""
    page.goto(f"{lab.url}/owner")
    log_in(page, lab.password)
    page.get_by_role("switch", name="Dozing enabled").press("Space")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"may be sent to {lab.upstream.url}")
    expect(dialog).to_contain_text("asked again for their consent, because a recipient is added")
    dialog.get_by_role("button", name="Leave it off").click()
    toggle = page.get_by_role("switch", name="Redwood enabled").first
    toggle.press("Space")
    expect(toggle).not_to_be_checked()
    toggle.press("Space")
    expect(dialog).to_contain_text(f"may be sent to {lab.upstream.url}")
    expect(dialog).not_to_contain_text("consent")  # Bluebell's answers come from there too
    page.get_by_test_id("confirm-enable").click()
    expect(toggle).to_be_checked()


def test_votes_are_shown_without_voters_and_can_be_taken_away(page: Page, lab: Served) -> None:
    """Outcome, reasons and comment, no pseudonym; and all of them as Parquet."""
    voter = Api(page.context.browser.new_context(), lab.url)  # type: ignore[union-attr]
    voter.consent("lab")
    voter.vote("lab", ["both_bad"], comment="Neither helps.")
    page.goto(f"{lab.url}/owner")
    log_in(page, lab.password)
    vote = page.locator("#votes").get_by_role("row").filter(has_text="Neither helps.")
    expect(vote.first).to_contain_text("Both bad")
    with page.expect_download() as download:
        page.get_by_role("link", name="votes.parquet of Arena lab").click()
    assert download.value.path().read_bytes()[:4] == b"PAR1"


def test_a_wrong_password_and_a_mere_voter(page: Page, lab: Served) -> None:
    """Neither sees more than the login."""
    Api(page.context, lab.url).consent("lab")
    page.goto(f"{lab.url}/owner")
    page.get_by_test_id("owner-password").fill("guess")
    page.get_by_test_id("owner-login").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not the password")
    expect(page.locator("#contestants-title")).to_have_count(0)


def test_the_audit_log_is_filtered_turned_over_and_taken_along(page: Page, demo: Served) -> None:
    """By words and by page, as many as there are; the CSV follows the filter."""
    page.goto(f"{demo.url}/owner")
    log_in(page, demo.password)
    api = Api(page.context, demo.url)
    api.log_in(demo.password)
    contestant = next(c for c in api.get("/owner")["contestants"] if c["arena"] == PARCEL)
    for _ in range(51):  # a page has 50
        api.post(f"/owner/contestants/{contestant['id']}", {"enabled": False})
    api.post(f"/owner/contestants/{contestant['id']}", {"enabled": True})
    page.reload()
    page.locator("#audit").scroll_into_view_if_needed()
    page.get_by_test_id("audit-what").fill("switched OFF")
    page.get_by_test_id("audit-who").fill("owner")
    page.get_by_test_id("audit-filter").press("Enter")
    lines = page.get_by_test_id("audit-lines").get_by_role("rowheader")
    expect(lines).to_have_count(50)
    expect(lines.filter(has_not_text="Switched off")).to_have_count(0)
    page.get_by_test_id("audit-older").press("Enter")
    expect(lines).not_to_have_count(50)
    page.get_by_test_id("audit-newer").press("Enter")
    expect(lines).to_have_count(50)
    with page.expect_download() as taken:
        page.get_by_test_id("audit-csv").click()
    rows = list(csv.DictReader(taken.value.path().read_text(encoding="utf-8").splitlines()))
    assert len(rows) > 50
    assert all(row["what"].startswith("Switched off") for row in rows)
    page.get_by_role("button", name="Show all").press("Enter")
    expect(lines.filter(has_text="Switched on").first).to_be_visible()
