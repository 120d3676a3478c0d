"""How many answers would be sent and what one costs, on boards and as KPIs."""

from dataclasses import replace
from typing import get_args
from uuid import UUID

import pytest
from board_cases import ARENA, NOW, CountsInMemory, contestants, pair

from blindarena.domain.arenas import Kpi
from blindarena.domain.boards import ContestantStats, Population
from blindarena.domain.usable import UsableCount
from blindarena.leaderboard.kpis import CLUSTERED, WILSON, KpiValue, kpi_values
from blindarena.leaderboard.live import LiveLeaderboard
from blindarena.leaderboard.usable import LiveRow, UsableRow
from blindarena.leaderboard.views import View, Which

ASKING = replace(ARENA, usable_answer=True)
AB = contestants("a", "b")
A, B = (one.id for one in AB)


class UsableInMemory:
    """The port `UsableVotes`."""

    def __init__(self, *counts: UsableCount) -> None:
        self.given = list(counts)
        self.asked: list[tuple[Population, str, int, bool]] = []

    async def counts(
        self,
        arena_id: UUID,
        *,
        population: Population,
        category: str = "",
        version: int = 1,
        with_excluded: bool = False,
    ) -> list[UsableCount]:
        self.asked.append((population, category, version, with_excluded))
        return self.given

    async def by_voter(
        self, arena_id: UUID, *, category: str = "", version: int = 1
    ) -> list[tuple[str, UsableCount]]:
        raise AssertionError("a live board must not read votes one by one")


def made(usable: UsableInMemory, *, costs: bool = True) -> LiveLeaderboard:
    counts = CountsInMemory(pair(0, 1, 60, 30, 8, 2))
    counts.boards["people", "lost"] = [pair(0, 1, 6, 3)]
    if costs:
        counts.sums = [
            ContestantStats(A, answers=100, cost_sum=2.0, cost_n=100, cost_sq=0.05),
            ContestantStats(B, answers=100, cost_sum=1.0, cost_n=100, cost_sq=0.01),
        ]
    return LiveLeaderboard(counts, usable=usable)


async def rows(
    boards: LiveLeaderboard, *, category: str = "", votes: int | None = None
) -> dict[str, UsableRow | None]:
    board = await boards.board(
        ASKING, AB, population="people", now=NOW, category=category, votes=votes
    )
    return {row.contestant: getattr(row, "usable", None) for row in board.rows}


JUDGED = (
    UsableCount(A, as_is=50, after_edits=30, never=20, breaches=5),
    UsableCount(B, as_is=10, after_edits=30, never=60, breaches=0),
)


async def test_rates_and_cost_per_sendable_answer() -> None:
    usable = UsableInMemory(*JUDGED)

    found = await rows(made(usable))

    a, b = found["a"], found["b"]
    assert a is not None
    assert b is not None
    assert (a.n, a.sendable_rate, a.as_is_rate, a.breach_rate) == (100, 0.8, 0.5, 0.05)
    assert (a.sendable_lower, a.sendable_upper) == pytest.approx((0.7112, 0.8666), abs=5e-5)
    assert a.cost_per_sendable_usd == pytest.approx(0.02 / 0.8)
    assert a.cost_per_sendable_lower is not None
    assert a.cost_per_sendable_upper is not None
    assert 0.02 / 0.87 > a.cost_per_sendable_lower > 0.015
    assert 0.025 < a.cost_per_sendable_upper < 0.035
    # b costs half as much per answer, and as much per answer that would be sent
    assert b.cost_per_sendable_usd == pytest.approx(0.01 / 0.4)
    # all its answers cost the same: only the share is uncertain
    assert b.sendable_upper is not None
    assert b.cost_per_sendable_lower == pytest.approx(0.01 / b.sendable_upper, rel=1e-3)
    assert usable.asked == [("people", "", 1, False)]


async def test_unknown_is_none_never_0() -> None:
    without_price = await rows(made(UsableInMemory(*JUDGED), costs=False))
    nothing = await rows(made(UsableInMemory(replace(JUDGED[0], as_is=0, after_edits=0))))

    for row in without_price.values():
        assert row is not None
        assert row.sendable_rate is not None
        assert row.cost_per_sendable_usd is None
        assert row.cost_per_sendable_lower is None
        assert row.cost_per_sendable_upper is None
    a, b = nothing["a"], nothing["b"]
    assert a is not None
    assert b is not None
    assert (a.sendable_rate, a.sendable_lower, a.cost_per_sendable_usd) == (0, 0, None)
    assert a.cost_per_sendable_lower is not None
    assert a.cost_per_sendable_lower > 0.1, "one that is sent costs that at least"
    assert a.cost_per_sendable_upper is None
    assert (b.n, b.sendable_rate, b.breach_upper, b.cost_per_sendable_usd) == (0, None, None, None)


async def test_what_answers_cost_is_not_known_by_category() -> None:
    found = await rows(made(UsableInMemory(*JUDGED)), category="lost")

    assert found["a"] is not None
    assert (found["a"].sendable_rate, found["a"].cost_per_sendable_usd) == (0.8, None)


async def test_thinned_boards_and_arenas_that_do_not_ask_say_nothing() -> None:
    usable = UsableInMemory(*JUDGED)
    boards = made(usable)

    assert await rows(boards, votes=50) == {"a": None, "b": None}
    quiet = await boards.board(ARENA, AB, population="people", now=NOW)
    assert not any(isinstance(row, LiveRow) for row in quiet.rows)


async def view(*judged: UsableCount) -> View:
    boards = made(UsableInMemory(*judged))
    return await boards.view(ASKING, AB, which=Which(population="people"))


def of(values: tuple[KpiValue, ...]) -> dict[str, KpiValue]:
    return {value.contestant: value for value in values}


async def test_every_kpi_has_a_value_and_an_interval() -> None:
    kpis = kpi_values(await view(*JUDGED))

    assert list(kpis) == list(get_args(Kpi))
    for name in set(kpis) - {"ttft"}:
        assert list(of(kpis[name])) == ["a", "b"]
        for value in kpis[name]:
            assert value.lower is not None
            assert value.value is not None
            assert value.upper is not None
            assert value.lower <= value.value <= value.upper, name
            assert value.n == 100
    assert {value.value for value in kpis["ttft"]} == {None}
    assert {value.n for value in kpis["ttft"]} == {0}
    won = of(kpis["win_rate"])["a"]
    assert won.value == pytest.approx(0.65)
    assert of(kpis["sendable_rate"])["a"].interval == WILSON
    rows = await made(UsableInMemory(*JUDGED)).board(ASKING, AB, population="people", now=NOW)
    assert [value.value for value in kpis["rating"]] == [row.rating for row in rows.rows]


async def test_with_voters_the_intervals_take_each_ones_answers_together() -> None:
    by_voter = [
        (f"voter {i}", UsableCount(A, as_is=10 * (i % 5 > 0), never=10 * (i % 5 == 0)))
        for i in range(10)
    ] + [
        ("voter 0", UsableCount(B, as_is=4, never=4)),
        ("voter 1", UsableCount(B, as_is=4, never=4)),
    ]
    seen = await view(UsableCount(A, as_is=80, never=20), UsableCount(B, as_is=8, never=8))

    alone = of(kpi_values(seen)["sendable_rate"])["a"]
    found = kpi_values(seen, by_voter)
    together = of(found["sendable_rate"])["a"]

    assert together.value == alone.value == 0.8
    assert together.n == alone.n == 100
    assert together.interval == CLUSTERED
    assert None not in (together.lower, alone.lower, together.upper, alone.upper)
    assert together.lower < alone.lower < alone.upper < together.upper  # type: ignore[operator]
    cost = of(found["cost_per_sendable"])["a"]
    plain = of(kpi_values(seen)["cost_per_sendable"])["a"]
    assert cost.upper > plain.upper  # type: ignore[operator]


async def test_one_voter_has_no_voters_to_compare_with() -> None:
    seen = await view(*JUDGED)

    kpis = kpi_values(seen, [("ann", JUDGED[0]), ("ann", JUDGED[1])])

    assert {value.interval for value in kpis["breach_rate"]} == {WILSON}
    assert of(kpis["breach_rate"])["b"].value == 0
