"""Under a board: its address, whether one can decide yet, kept boards, the owner's exclusions."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from .served import Served
from .steps import Api, log_in
from .walk import PARCEL, PUBLISHED
from .watch import Watch

pytestmark = pytest.mark.browser


def _pair(a: str, b: str, verdict: str, low: float, high: float, **more: Any) -> dict[str, Any]:
    """Return a pair as the API tells it; the bar of one look is half as wide as the thin one."""
    middle, quarter = (low + high) / 2, (high - low) / 4
    pair = {
        "a": a,
        "b": b,
        "verdict": verdict,
        "winner": None,
        "cheaper": None,
        "difference": middle,
        "lower": middle - quarter,
        "upper": middle + quarter,
        "anytime_lower": low,
        "anytime_upper": high,
        "votes": 120,
        "votes_needed": None,
        "sentence": "",
    }
    return pair | more


_DECISION = {
    "margin": 50.0,
    "margin_declared": True,
    "n": 360,
    "may_stop": False,
    "sentence": "Undecided: Alder leads, but it is open whether it is better than Brindle.",
    "votes_needed": 140,
    "spend_usd": None,
    "pairs": [
        _pair("Alder", "Brindle", "undecided", -23, 67, votes_needed=140),
        _pair("Brindle", "Corvane", "better", 100, 196, winner="Brindle"),
        _pair("Corvane", "Dunlin", "equal", -38, 46, cheaper="Dunlin"),
        _pair("Alder", "Corvane", "better", 120, 220, winner="Alder"),
    ],
}


def _replace(page: Page, path: str, **values: Any) -> None:
    """Answer a path of the API as the server does, with some values put in their place."""

    def answer(route: Route) -> None:
        reply = route.fetch()
        route.fulfill(response=reply, json=reply.json() | values)

    page.route(re.compile(path), answer)


def test_a_board_has_an_address(page: Page, demo: Served) -> None:
    """What is chosen stands in the address; what the address asks for in vain is named."""
    page.goto(f"{demo.url}/a/{PUBLISHED}/leaderboard")
    expect(page.get_by_test_id("board-row")).to_have_count(129)
    page.get_by_test_id("method").select_option("davidson")
    expect(page).to_have_url(re.compile(r"/leaderboard\?method=davidson$"))
    expect(page.get_by_test_id("method-note")).to_contain_text("A tie is an outcome of its own")
    page.reload()
    expect(page.get_by_test_id("method")).to_have_value("davidson")
    expect(page.get_by_test_id("refused")).to_have_count(0)
    page.goto(f"{demo.url}/a/{PUBLISHED}/leaderboard?method=magic&style=true&interval=anytime")
    refused = page.get_by_test_id("refused")
    expect(refused).to_contain_text("method “magic” and style control “true”")
    expect(page.get_by_test_id("method")).to_have_value("bt")
    expect(page.get_by_test_id("interval")).to_have_value("anytime")
    page.get_by_role("link", name="More about this method").click()
    expect(page).to_have_url(re.compile("/about#method-bt$"))
    expect(page.locator("#method-bt")).to_be_in_viewport()


def test_the_three_verdicts(page: Page, demo: Served) -> None:
    """A sentence first, then numbers, then a plot; the table holds all pairs."""
    _replace(page, r"/decision\?", **_DECISION)
    page.goto(f"{demo.url}/a/{PARCEL}/leaderboard#decide")
    panel = page.get_by_test_id("decide")
    expect(panel).to_be_in_viewport()
    expect(page.get_by_test_id("decide-sentence")).to_have_text(str(_DECISION["sentence"]))
    expect(panel).to_contain_text("57 wins in 100 instead of 50")
    expect(panel).to_contain_text("about 140")
    pairs = page.get_by_test_id("pair")
    expect(pairs).to_have_count(3)
    expect(pairs.nth(0)).to_contain_text("Alder or Brindle: about 140 more votes")
    expect(pairs.nth(1)).to_contain_text("Brindle is better than Corvane")
    expect(pairs.nth(2)).to_contain_text("take Dunlin, the cheaper")
    expect(pairs.nth(1).get_by_role("img", name="valid at every look +100 to +196")).to_be_visible()
    panel.get_by_role("button", name="Show all 4 pairs").click()
    expect(pairs).to_have_count(4)
    panel.get_by_role("radio", name="Table").check(force=True)
    expect(panel.get_by_role("row")).to_have_count(5)
    expect(panel.get_by_role("row").nth(3)).to_contain_text("practically equal, take Dunlin")


def test_simulated_voters_decide(page: Page, demo: Served) -> None:
    """In the replay demo the panel says what the simulated votes allow, as the API does."""
    api = Api(page.context, demo.url)
    api.consent(PARCEL)
    api.post(f"/arenas/{PARCEL}/simulate", {"voters": 300})
    told = api.get(f"/arenas/{PARCEL}/decision?population=simulated")
    page.goto(f"{demo.url}/a/{PARCEL}/leaderboard?population=simulated")
    expect(page.get_by_test_id("decide-sentence")).to_have_text(told["sentence"])
    assert len(told["pairs"]) == 6
    expect(page.get_by_test_id("pair").first).to_contain_text(told["pairs"][0]["a"])
    expect(page.get_by_test_id("board-state")).to_have_attribute("data-ranks", "ready")
    board = api.get(f"/arenas/{PARCEL}/leaderboard?population=simulated")
    low, high = board["rows"][0]["rank_low"], board["rows"][0]["rank_high"]
    shown = f"{low}" if low == high else f"{low}–{high}"
    expect(page.locator("td.c-range").first).to_have_text(shown)


def test_a_board_that_is_computed_meanwhile(page: Page, demo: Served) -> None:
    """It says so, shows no number, and comes by itself."""
    computing = {"status": "computing", "dated": True, "rows": [], "rank_sets": "none", "n": 0}
    _replace(page, r"/api/.*/leaderboard\?.*method=elo", **computing)
    page.goto(f"{demo.url}/a/{PARCEL}/leaderboard?method=elo")
    expect(page.get_by_test_id("lead")).to_contain_text("Computing from every single vote")
    expect(page.get_by_test_id("board-row")).to_have_count(0)
    expect(page.get_by_test_id("board-when")).not_to_contain_text("votes")
    page.unroute_all()
    ready = {"status": "ready", "dated": True, "computed_at": "2026-01-02T03:04:00Z"}
    page.route(
        re.compile(r"/api/.*/leaderboard\?.*method=elo"),
        lambda route: route.fulfill(
            json=_plain(page, demo.url) | ready,
        ),
    )
    expect(page.get_by_test_id("board-row")).not_to_have_count(0)
    expect(page.get_by_test_id("board-when")).to_contain_text("computed at 2026-01-02 03:04 UTC")


def _plain(page: Page, url: str) -> dict[str, Any]:
    board: dict[str, Any] = Api(page.context, url).get(f"/arenas/{PARCEL}/leaderboard")
    return board


def test_the_owner_excludes_a_voter(page: Page, demo: Served) -> None:
    """Only after a question and with a reason, and by pseudonym."""
    flagged = {
        "voter": "ab12cd34",
        "votes": 90,
        "alternative": "random-click",
        "e_value": 830.0,
        "power_at_n": 0.87,
        "suggested": True,
        "excluded": False,
    }
    sent: list[Any] = []

    def exclusions(route: Route) -> None:
        reply = route.fetch()
        told = reply.json()
        told["tests"] |= {"status": "ready", "flagged": [flagged | {"excluded": bool(sent)}]}
        route.fulfill(response=reply, json=told)

    def exclude(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or "{}"))
        route.fulfill(json={"changed": 90})

    page.route(re.compile("/exclusions$"), exclusions)
    page.route(re.compile("/exclude$"), exclude)
    page.goto(f"{demo.url}/owner")
    log_in(page, demo.password)
    panel = page.get_by_test_id("exclusions")
    expect(panel.get_by_test_id("flagged")).to_contain_text("830 to 1")
    panel.get_by_role("button", name="Exclude voter ab12cd34").click()
    dialog = page.get_by_role("dialog")
    reason = dialog.get_by_label("Reason")
    reason.fill(" ")
    dialog.get_by_test_id("exclude-yes").click()
    expect(dialog).to_contain_text("Give a reason first")
    expect(reason).to_be_focused()
    assert sent == []
    reason.fill("clicks at random")
    reason.press("Enter")
    expect(panel).to_contain_text("90 votes of ab12cd34 do not count any more.")
    expect(panel.get_by_role("button", name="Reinstate voter ab12cd34")).to_be_visible()
    assert sent == [{"voter": "ab12cd34", "reason": "clicks at random"}]


def test_the_owner_keeps_a_board(page: Page, lab: Served, watch: Watch) -> None:
    """The board's page lists it, with its votes and its hash, and gives it as JSON."""
    api = Api(page.context, lab.url)
    api.consent("lab")
    api.vote("lab", ["model_a", "model_b", "tie"])
    page.goto(f"{lab.url}/owner")
    log_in(page, lab.password)
    snapshots = page.locator("#snapshots")
    snapshots.get_by_role("combobox", name="Arena").select_option("lab")
    page.get_by_test_id("take-snapshot").click()
    said = page.get_by_test_id("snapshot-said")
    expect(said).to_contain_text("Kept: Bradley-Terry")
    said.get_by_role("link", name="See kept boards").click()
    kept = page.get_by_test_id("snapshot")
    expect(kept.first).to_contain_text("by the owner")
    head = api.get("/arenas/lab/snapshots")["snapshots"][0]
    expect(kept.first).to_contain_text(head["data_hash"][:8])
    with page.expect_download() as download:
        kept.first.get_by_role("link", name="JSON").click()
    content = json.loads(download.value.path().read_text())
    assert content["n"] == head["n"]
    assert content["data_hash"] == head["data_hash"]
    expect(page.get_by_test_id("history")).to_contain_text("One board has been kept so far")
