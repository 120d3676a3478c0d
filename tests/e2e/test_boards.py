"""Leaderboards: empty, filled by simulated voters, published and thinned."""

import csv
import io
import json
import re

import pytest
from playwright.sync_api import Page, expect

from .served import Served
from .steps import Api
from .walk import PARCEL, PUBLISHED
from .watch import Watch

pytestmark = pytest.mark.browser

_BASELINES = """() => {
  const heads = [...document.querySelectorAll('.board thead th')];
  const bottoms = heads.map((th) => {
    const range = document.createRange();
    range.selectNodeContents(th.querySelector('button, abbr, text') ?? th);
    return range.getBoundingClientRect().bottom;
  });
  return Math.max(...bottoms) - Math.min(...bottoms);
}"""
"""Return by how many pixels the heads of a board stand higher and lower than one another."""


def test_an_empty_board(page: Page, lab: Served) -> None:
    """It says what is missing and invents no number."""
    page.goto(f"{lab.url}/a/asleep/leaderboard")
    expect(page.get_by_text("No votes yet. A rank needs 50 votes per contestant.")).to_be_visible()
    expect(page.get_by_test_id("board")).not_to_contain_text("interval")
    for row in page.get_by_test_id("board-row").all():
        expect(row).to_contain_text("no rating yet")
        expect(row).to_contain_text("needs 50 more votes")


def test_simulated_voters_and_the_truth(page: Page, demo: Served) -> None:
    """A first visitor fills the board of simulated voters; the one of people stays as it was."""
    api = Api(page.context, demo.url)
    people = api.get(f"/arenas/{PARCEL}/leaderboard")["n"]
    api.consent(PARCEL)
    page.goto(f"{demo.url}/a/{PARCEL}/leaderboard")
    expect(page.get_by_test_id("board")).to_be_visible()
    before = api.get(f"/arenas/{PARCEL}/leaderboard?population=simulated")["n"]
    page.get_by_test_id("simulate").click()
    truth = page.get_by_test_id("truth")
    expect(truth).to_be_visible()
    expect(page.get_by_role("radio", name="Simulated voters")).to_be_checked()
    votes = api.get(f"/arenas/{PARCEL}/leaderboard?population=simulated")["n"]
    assert votes >= before + 300
    expect(page.locator("h1 + .cap")).to_contain_text(f"{votes:,} votes")
    # Measured on people's battles, not on simulated votes.
    for head in ("Cost / answer", "First token", "Tokens/s", "Errors"):
        expect(page.get_by_test_id("board").get_by_text(head)).to_have_count(0)
    rows = api.get(f"/arenas/{PARCEL}/truth")["rows"]
    for row in rows:
        line = truth.get_by_role("row").filter(has_text=row["contestant"])
        expect(line).to_contain_text(f"{row['planted']:.0f}")
        expect(line).to_contain_text(f"{row['rating']:.0f}")
    expect(page.get_by_test_id("board-row").first).to_contain_text(
        max(rows, key=lambda row: row["rating"])["contestant"]
    )
    page.get_by_role("radio", name="People").check(force=True)
    expect(truth).to_have_count(0)
    assert api.get(f"/arenas/{PARCEL}/leaderboard")["n"] == people


def test_simulated_voters_without_consent(page: Page, demo: Served, watch: Watch) -> None:
    """Who opens the board by its address and agreed to nothing is served, or reads what to do."""
    watch.expect("status of 403", "/simulate$")
    page.goto(f"{demo.url}/a/{PARCEL}/leaderboard")
    page.get_by_test_id("simulate").click()
    alert = page.locator(".panel").get_by_role("alert")
    expect(page.get_by_test_id("truth").or_(alert)).to_be_visible()
    if alert.is_visible():
        expect(alert).to_contain_text(re.compile("agree|terms|consent", re.I))


def test_the_published_board_dissolves(page: Page, demo: Served) -> None:
    """129 models hold their ranks at 1.67 million votes, and lose them at a hundred."""
    page.goto(f"{demo.url}/a/{PUBLISHED}/leaderboard")
    rows = page.get_by_test_id("board-row")
    expect(rows).to_have_count(129)
    expect(page.locator("h1 + .cap")).to_contain_text("1,670,250 votes")
    ranked = [text for text in rows.locator(".c-rank").all_inner_texts() if text.strip() != "–"]
    assert len(ranked) > 100
    expect(page.get_by_text("can give a lower rating the better rank")).to_be_visible()
    expect(page.get_by_label("Category")).to_have_count(0)
    assert page.evaluate(_BASELINES) < 0.6
    slider = page.get_by_test_id("thin-slider")
    slider.press("Home")
    expect(page.locator("h1 + .cap")).to_contain_text("100 votes")
    expect(rows.locator(".c-rank").filter(has_text=re.compile(r"\d"))).to_have_count(0)
    drawn = rows.first.inner_text()
    page.get_by_role("button", name="Draw again").click()
    expect(rows.first).not_to_have_text(drawn, use_inner_text=True)
    slider.press("End")
    expect(page.locator("h1 + .cap")).to_contain_text("1,670,250 votes")


def test_sort_find_and_take_away(page: Page, demo: Served) -> None:
    """Sorting and the filter work on what is shown; the downloads are what the page shows."""
    page.goto(f"{demo.url}/a/{PUBLISHED}/leaderboard")
    rows = page.get_by_test_id("board-row")
    expect(rows).to_have_count(129)
    names = page.locator(".c-name b")
    page.get_by_role("button", name="Contestant", exact=True).click()
    expect(page.locator("th[aria-sort]")).to_have_text("Contestant")
    shown = names.all_inner_texts()
    assert [name.lower() for name in shown] == sorted(name.lower() for name in shown)
    page.get_by_label("Find a contestant").fill("mixtral")
    expect(rows).to_have_count(3)
    page.get_by_label("Find a contestant").fill("no such model")
    expect(page.get_by_text("No contestant is called “no such model”.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(text)))) == 129
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    assert len(json.loads(download.value.path().read_text())["rows"]) == 129
