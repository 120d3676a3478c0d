"""Who voted and why, how far they agree, the KPIs' uncertainty, and how numbers are written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from board_cases import ARENA

from blindarena.domain.arenas import VoterGroup
from blindarena.leaderboard.counted import Counted
from blindarena.leaderboard.kpis import KpiValue
from blindarena.leaderboard.reporting.agreement import agreements
from blindarena.leaderboard.reporting.ballots import Ballot, comments_of, reasons_of, voters_of
from blindarena.leaderboard.reporting.facts import ReportEstimate, ReportReason
from blindarena.leaderboard.reporting.kpi import kpi_of, win_rate_covariance
from blindarena.leaderboard.reporting.words import (
    day,
    difference_of,
    interval_of,
    listed,
    number,
    value_of,
)

START = datetime(2026, 3, 3, 12, tzinfo=UTC)


def ballot(voter: str = "v1", outcome: Any = "model_a", minute: int = 0, **given: Any) -> Ballot:
    values: dict[str, Any] = {"a": "A", "b": "B", "at": START + timedelta(minutes=minute)}
    return Ballot(voter=voter, outcome=outcome, **(values | given))


def test_voters_are_told_as_aggregates() -> None:
    cast = [("v1", 6), ("v2", 2), ("v3", 1), ("v4", 1)]
    ballots = [ballot(voter) for voter, votes in cast for _ in range(votes)]

    found = voters_of(ballots, ())

    assert (found.voters, found.votes, found.heaviest_share) == (4, 10, 0.6)
    assert found.quartiles == (1, 1, 1.5, 3, 6)
    assert (found.first, found.last, found.groups) == (START, START, ())


def test_of_very_few_people_nothing_is_told() -> None:
    found = voters_of([ballot("v1"), ballot("v2")], ())
    assert (found.voters, found.quartiles, found.heaviest_share) == (2, None, None)

    groups = (VoterGroup("day", 8), VoterGroup("night", 4), VoterGroup("new"))
    ballots = [ballot(f"d{i}", group="day") for i in range(5)]
    ballots += [ballot(f"e{i}", group="other") for i in range(4)]
    ballots.append(ballot("n", group="night"))
    shown = {group.name: (group.voters, group.votes) for group in voters_of(ballots, groups).groups}
    assert shown["night"] == (None, None)
    assert shown["other"] == (None, None), "else the hidden one is the total less all others"
    assert (shown["day"], shown["new"]) == ((5, 5), (0, 0))


def test_reasons_are_counted_by_what_became_of_the_contestant() -> None:
    ballots = [
        ballot(reasons=("short", "kind")),
        ballot(outcome="model_b", reasons=("kind",)),
        ballot(outcome="both_bad", reasons=("kind",)),
    ]

    assert reasons_of(ballots, ("kind", "short")) == (
        ReportReason("A", "kind", 1, 1, 1),
        ReportReason("A", "short", 1, 0, 0),
        ReportReason("B", "kind", 1, 1, 1),
        ReportReason("B", "short", 0, 1, 0),
    )


def test_comments_come_in_an_order_that_tells_nothing() -> None:
    ballots = [ballot(comment="Zu lang"), ballot(comment="Kind"), ballot(comment=" ")]

    assert [one.text for one in comments_of(ballots)] == ["Kind", "Zu lang"]


def test_agreement_is_of_the_same_prompt_and_pair_whatever_the_sides() -> None:
    ballots = [
        ballot("v1", "model_a", prompt="p"),
        ballot("v2", "model_b", prompt="p", a="B", b="A"),
        ballot("v3", "tie", prompt="p"),
        ballot("v1", "model_b", prompt="q"),
        ballot("v4", "model_a", prompt=None),
    ]

    (line,), said = agreements(ballots)

    assert (line.who, line.items, line.pairs, line.share) == (
        "all voters",
        1,
        3,
        pytest.approx(1 / 3),
    )
    assert "said the same in 33% of cases (3 pairs of votes on 1 item)" in said
    assert "rough figure" in said


def test_a_voter_who_changed_the_vote_counts_once() -> None:
    again = [
        ballot("v1", "model_a", prompt="p"),
        ballot("v1", "model_b", minute=5, prompt="p"),
        ballot("v2", "model_b", prompt="p"),
    ]

    assert agreements(again)[0][0].share == 1


def test_agreement_between_groups() -> None:
    ballots = [
        ballot(f"{group}{i}", outcome, prompt=f"p{i % 2}", group=group)
        for group, outcomes in (("day", "aaab"), ("night", "abab"))
        for i, outcome in enumerate(f"model_{x}" for x in outcomes)
    ]

    lines, _ = agreements(ballots)
    found = {line.who: line for line in lines}

    assert set(found) == {"all voters", "within day", "within night", "between day and night"}
    between = found["between day and night"]
    assert (between.items, between.pairs, between.share) == (2, 8, 6 / 8)
    # by chance: P(same) = 3/4 * 1/2 + 1/4 * 1/2 = 1/2
    assert between.alpha.value == pytest.approx(1 - (1 - 6 / 8) / (1 - 1 / 2))


def test_without_overlap_nobody_knows() -> None:
    assert agreements([ballot("v1", prompt="p"), ballot("v2", prompt="q")])[0] == ()


def test_shares_of_votes_won_vary_as_simulated() -> None:
    """Their covariance against that over many boards with the same pairs."""
    rng = np.random.default_rng(5)
    first, second = np.array([0, 0, 1]), np.array([1, 2, 2])
    chances = np.array([[0.5, 0.3, 0.1, 0.1], [0.6, 0.1, 0.2, 0.1], [0.4, 0.4, 0.1, 0.1]])
    boards = np.stack([rng.multinomial(200, chance, size=4000).T for chance in chances], axis=-1)

    def rates(cells: np.ndarray) -> np.ndarray:
        won = cells[0] + (cells[2] + cells[3]) / 2
        return np.array([won[0] + won[1], 200 - won[0] + won[2], 400 - won[1] - won[2]]) / 400

    # every vote of a pair is drawn alike here, while the formula takes the spread about the mean
    # of all pairs: it may only be wider
    simulated = np.cov([rates(boards[:, i]) for i in range(4000)], rowvar=False)
    cells = np.round(200 * chances.T).astype(np.int64)
    found = win_rate_covariance(Counted(3, first, second, cells))

    assert np.all(found.diagonal() >= simulated.diagonal() * 0.9)
    assert np.all(found.diagonal() <= simulated.diagonal() * 1.2)
    assert found[0, 1] < 0
    alike = Counted(2, np.array([0]), np.array([1]), np.array([[9], [0], [0], [0]]))
    assert np.all(win_rate_covariance(alike).diagonal() > 0), "nine wins are not certainty"


def test_a_kpi_that_was_changed_after_votes_is_said_so() -> None:
    arena = replace(ARENA, margin=20.0, kpi_since=START)
    before, after = START - timedelta(days=1), START + timedelta(days=1)
    values = (KpiValue("A", 1000.0, 990.0, 1010.0, 100, "sandwich"),)

    clean = kpi_of(arena, values, [after, after])
    late = kpi_of(arena, values, [before, after])

    assert (
        clean.sentence
        == "what decides was declared on 3 March 2026, before the first of the 2 votes"
    )
    assert (late.votes, late.votes_after) == (2, 1)
    assert late.sentence.endswith("before 1 of the 2 votes, so 1 vote could be known by then")
    never = kpi_of(replace(arena, kpi_since=None, margin=None), values, [after])
    assert (never.margin, never.margin_declared, never.since) == (30.0, False, None)


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (0.0123, "0.0123"), (0.000004, "0.000004"), (1.25, "1.25"), (1234.5, "1,234")],
)
def test_numbers_have_few_digits(value: float, said: str) -> None:
    assert number(value) == said


def test_values_say_their_unit_or_that_they_are_unknown() -> None:
    assert value_of(None, "USD") == "unknown"
    assert value_of(0.843, "share") == "84.3%"
    assert interval_of(ReportEstimate(0.8, 0.75, 0.85), "share") == "75.0 to 85.0%"
    assert interval_of(ReportEstimate(0.02, 0.01, None), "USD") == "0.0100 USD or more"
    assert difference_of(0.05, "share", sign=True) == "+5 points"
    assert difference_of(-31.6, "Elo") == "-32 Elo"
    assert day(START) == "3 March 2026"
    assert listed(["A", "B, or C", "D"]) == 'A, "B, or C" and D'
    assert listed(list("ABCDEFG")) == "A, B, C, D, E and 2 more"
