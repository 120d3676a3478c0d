"""What a report recommends, in every case there is."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from blindarena.domain.arenas import Kpi
from blindarena.leaderboard.decision import decided
from blindarena.leaderboard.reporting.facts import ReportKpi, ReportRecommendation
from blindarena.leaderboard.reporting.recommend import Case, recommend, votes_to_decide
from blindarena.leaderboard.reporting.words import TITLES, UNITS
from blindarena.ranking import ELO_PER_NAT
from blindarena.ranking.decide import decide_at_any_time

DECLARED = "what decides was declared on 3 March 2026, before the first of the 400 votes"


def kpi(name: Kpi = "rating", **given: Any) -> ReportKpi:
    values: dict[str, Any] = {
        "title": TITLES[name],
        "unit": UNITS[name],
        "direction": "higher",
        "margin": 30.0,
        "margin_declared": True,
        "since": datetime(2026, 3, 3, tzinfo=UTC),
        "votes": 400,
        "votes_after": 400,
        "sentence": DECLARED,
    }
    return ReportKpi(name=name, **(values | given))


def case(*value: float, error: float = 1.0, **given: Any) -> Case:
    k = len(value)
    values: dict[str, Any] = {
        "kpi": kpi(),
        "names": tuple("ABCDEFG"[:k]),
        "value": np.array(value),
        "covariance": np.eye(k) * error**2,
        "cost": np.full(k, np.nan),
        "votes": 400,
        "contestants": k,
    }
    return Case(**(values | given))


def test_the_better_one_is_named_with_when_that_was_declared() -> None:
    found = recommend(case(1100, 1000, 900))

    assert (found.verdict, found.choice, found.runner_up) == ("better", "A", "B")
    assert found.sentence == (
        f"Take A: its rating is better than that of all 2 others, with 95 % certainty; {DECLARED}."
    )
    assert found.difference is not None
    assert found.difference.value == pytest.approx(100)
    assert found.difference.sentence.endswith(
        "The smallest difference that matters is 30 Elo: the lead is larger, with 95 % certainty."
    )


def test_no_decision_says_how_many_more_votes_would_change_that() -> None:
    open_ = case(1030, 1000, error=20, cost=np.array([0.02, 0.01]))

    found = recommend(open_)

    assert (found.verdict, found.choice) == ("undecided", None)
    assert found.votes_needed is not None
    assert found.sentence == (
        f"No decision yet, and about {found.votes_needed:,} more votes would change that: A leads "
        "by rating, but it is open whether it is better than B."
    )
    assert found.spend_usd == pytest.approx(2 * 0.015 * found.votes_needed)
    enough = (400 + found.votes_needed) / 400
    later = recommend(replace(open_, covariance=open_.covariance / enough))
    assert later.verdict == "better"
    fewer = (400 + found.votes_needed * 0.8) / 400
    assert recommend(replace(open_, covariance=open_.covariance / fewer)).verdict == "undecided"


def test_votes_that_foretell_nothing_are_not_forecast() -> None:
    found = recommend(case(1000, 1000, covariance=np.zeros((2, 2))))

    assert found.votes_needed is None
    assert found.sentence.startswith("No decision yet, and nothing foretells how many")
    at_margin = votes_to_decide(np.array([30.0, 0.0]), np.eye(2) * 9e6, margin=30, votes=1)
    assert at_margin is None, "further away than a forecast looks"


def test_equals_take_the_cheaper() -> None:
    equal = case(1003, 1000, 800, cost=np.array([0.04, 0.01, 0.001]))

    found = recommend(equal)

    assert (found.verdict, found.choice, found.equals) == ("equal", "B", ("A", "B"))
    assert found.sentence == (
        "Practically equal: A and B are less than 30 Elo apart, with 95 % certainty; take B, the "
        f"cheaper; {DECLARED}."
    )


def test_equals_with_an_unknown_price_name_nobody() -> None:
    found = recommend(case(1003, 1000, cost=np.array([0.04, np.nan])))

    assert (found.verdict, found.choice) == ("equal", None)
    assert "take the cheaper: which one that is, is open, as the price of B is unknown" in (
        found.sentence
    )


def test_a_cheaper_one_that_is_worse_by_more_than_the_margin_is_not_taken() -> None:
    found = recommend(case(1003, 1000, 900, cost=np.array([0.04, 0.03, 0.001])))

    assert found.choice == "B"
    assert "C" not in found.equals


def test_where_less_is_better_the_lowest_leads() -> None:
    cost = kpi("cost_per_answer", direction="lower", margin=0.001)
    found = recommend(case(0.03, 0.01, error=1e-4, kpi=cost))

    assert (found.verdict, found.choice) == ("better", "B")
    assert found.difference is not None
    assert found.difference.value == pytest.approx(0.02)
    assert "cost per answer" in found.sentence


def test_names_with_commas_are_quoted() -> None:
    found = recommend(case(1100, 1000, names=("large, strict", "small")))

    assert found.sentence.startswith(
        'Take "large, strict": its rating is better than that of small'
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"contestants": 1}, "No decision: an arena needs two contestants, and this one has one."),
        ({"contestants": 2, "votes": 0}, "No decision yet: there are no votes that count."),
        (
            {"contestants": 2, "rated": False},
            "No decision yet: no chain of wins and ties leads from one contestant to another and "
            "back, so there is no rating; more votes between them would change that.",
        ),
        (
            {"contestants": 3, "first_needs": 45},
            "No decision yet, and about 45 more votes would change that at the earliest: too few "
            "contestants have the votes that a comparison takes.",
        ),
        (
            {"contestants": 2, "kpi": kpi("ttft", direction="lower")},
            "No decision yet: the time to the first token of fewer than two contestants is known.",
        ),
    ],
)
def test_where_nothing_can_be_compared_the_reason_is_said(given: dict[str, Any], said: str) -> None:
    found = recommend(case(1000, left_out=("B: unknown",), **given))

    assert (found.verdict, found.choice, found.difference) == ("none", None, None)
    assert found.sentence == said
    assert found.left_out == ("B: unknown",)


def test_the_verdict_is_that_of_the_board() -> None:
    """The rule of the leaderboard, in Elo points, on many boards."""
    rng = np.random.default_rng(3)
    seen = set()
    for _ in range(60):
        value, error = rng.normal(1000, 60, 4), float(rng.uniform(1, 25))
        cost = rng.uniform(0.01, 0.02, 4)
        found: ReportRecommendation = recommend(case(*value, error=error, cost=cost))
        theta, nats = value / ELO_PER_NAT, np.eye(4) * (error / ELO_PER_NAT) ** 2
        board = decided(theta, nats, list("ABCD"), 30, 400, cost=cost)
        same = {"better": "better", "practically_equal": "equal", "undecided": "undecided"}
        assert (found.verdict, found.choice) == (same[board.verdict], board.choice)
        seen.add(found.verdict)
    assert seen == {"better", "equal", "undecided"}


def test_a_forecast_is_where_the_rule_stops() -> None:
    worth, spread = np.array([50.0, 0.0, -10.0]), np.eye(3) * 900.0
    needed = votes_to_decide(worth, spread, margin=30, votes=100)

    assert needed is not None
    assert decide_at_any_time(worth, spread * 100 / (100 + needed), margin=30).verdict == "better"


def test_two_shares_are_never_said_to_be_farther_apart_than_all_and_none() -> None:
    found = recommend(case(0.9, 0.5, error=0.5, kpi=kpi("sendable_rate", margin=0.05))).difference

    assert found is not None
    assert (found.anytime_lower, found.anytime_upper, found.upper) == (-1.0, 1.0, 1.0)
    assert "-100 to +100 points at every look" in found.sentence
