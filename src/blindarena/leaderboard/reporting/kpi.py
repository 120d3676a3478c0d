"""The KPI of each contestant with its uncertainty, ready to be compared."""

import math
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from blindarena.domain.arenas import KPI_DIRECTION, Arena
from blindarena.leaderboard.board import Row
from blindarena.leaderboard.counted import Counted
from blindarena.leaderboard.kpis import KpiValue, KpiValues
from blindarena.leaderboard.live_costs import measured
from blindarena.leaderboard.pair_decisions import USUAL_MARGIN, compared
from blindarena.leaderboard.reporting.facts import ReportKpi, Unit
from blindarena.leaderboard.reporting.recommend import Case
from blindarena.leaderboard.reporting.words import TITLES, UNITS, day, plural
from blindarena.leaderboard.views import View
from blindarena.ranking import ELO_PER_NAT, tally
from blindarena.ranking.arrays import FloatArray, IntArray

LEAST_ANSWERS = 10
"""Answers below which a cost or a time is not compared."""
USUAL_SHARE = 0.05
USUAL_PART = 0.1
"""Margins where none is declared: of shares; of costs and times, as a part of their median."""

_Z = 1.959963984540054
_OF_ANSWERS = frozenset({"cost_per_answer", "ttft"})
"""These need no vote."""


def kpi_of(arena: Arena, values: Sequence[KpiValue], votes: Sequence[datetime]) -> ReportKpi:
    """Say what decides, since when, and how many votes came after.

    Args:
        arena: its KPI and margins.
        values: of that KPI; a usual margin depends on them.
        votes: when each that counts was cast.
    """
    unit = UNITS[arena.kpi]
    declared = arena.margin if arena.kpi == "rating" else arena.kpi_margin
    since = arena.kpi_since
    after = None if since is None else sum(at >= since for at in votes)
    return ReportKpi(
        name=arena.kpi,
        title=TITLES[arena.kpi],
        unit=unit,
        direction=KPI_DIRECTION[arena.kpi],
        margin=_usual(unit, values) if declared is None else declared,
        margin_declared=declared is not None,
        since=since,
        votes=len(votes),
        votes_after=after,
        sentence=_declared(since, len(votes), after),
    )


def _usual(unit: Unit, values: Sequence[KpiValue]) -> float:
    if unit == "Elo":
        return USUAL_MARGIN
    if unit == "share":
        return USUAL_SHARE
    median = float(np.median([one.value for one in values if one.value] or [0.0]))
    return USUAL_PART * median or 1e-6


def _declared(since: datetime | None, votes: int, after: int | None) -> str:
    if since is None or after is None:
        return "what decides was never declared in a file, so it is the rating"
    said = f"what decides was declared on {day(since)}"
    if not votes:
        return f"{said}, before any vote"
    if after == votes:
        return f"{said}, before the first of the {plural(votes, 'vote')}"
    said += f", before {after:,} of the {votes:,} votes"
    return f"{said}, so {plural(votes - after, 'vote')} could be known by then"


def case_of(view: View, kpis: KpiValues, kpi: ReportKpi) -> Case:
    """Return what a recommendation is made from.

    Args:
        view: of Bradley-Terry, all votes.
        kpis: of the same board.
        kpi: what decides.
    """
    rows = {row.contestant: row for row in view.rows}
    values = {one.contestant: one for one in kpis[kpi.name]}
    why = {name: said for name in rows if (said := _why_not(kpi, rows[name], values[name]))}
    names = [name for name in rows if name not in why]
    place = {name: i for i, name in reversed([*enumerate(view.names)])}
    places = np.array([place[name] for name in names], dtype=np.int64)
    if kpi.name == "rating":
        value, covariance = _ratings(view, places)
    else:
        value = np.array([values[name].value for name in names], dtype=np.float64)
        if kpi.name == "win_rate":
            covariance = win_rate_covariance(view.counted)[np.ix_(places, places)]
        else:
            covariance = np.diag([_variance(values[name]) for name in names])
    return Case(
        kpi=kpi,
        names=tuple(names),
        value=value,
        covariance=covariance,
        cost=measured(view, "cost").mean[places],
        votes=view.counted.total,
        contestants=len(rows),
        rated=bool(view.fit.estimates.connected.any()),
        first_needs=None if kpi.name in _OF_ANSWERS else _first_needs(view.rows),
        left_out=tuple(f"{name}: {said}" for name, said in why.items()),
    )


def _why_not(kpi: ReportKpi, row: Row, found: KpiValue) -> str:
    """Say why a contestant cannot be compared; "" where it can."""
    if kpi.name in _OF_ANSWERS:
        if found.value is None:
            return "unknown"
        if found.n < LEAST_ANSWERS:
            return f"known of {plural(found.n, 'answer')} only"
    elif row.needs_votes:
        return f"it needs {plural(row.needs_votes, 'more vote')}"
    elif kpi.name == "rating" and row.rank is None:
        return "no chain of wins and ties connects it with the others"
    elif found.value is None:
        return "unknown"
    if kpi.name != "rating" and (found.lower is None or found.upper is None):
        return "how certain it is, is unknown"
    return ""


def _first_needs(rows: Sequence[Row]) -> int | None:
    """Return about how many votes bring a second contestant to the least number, if any."""
    needs = sorted(row.needs_votes for row in rows)
    if len(needs) < 2 or not needs[1]:
        return None
    return math.ceil(needs[1] * len(needs) / 2)  # each vote is on two of them


def _ratings(view: View, places: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return ratings and their covariance, in Elo points and their square."""
    who = compared(view)
    at = {int(place): k for k, place in enumerate(who.places)}
    order = [at[int(place)] for place in places]
    covariance = ELO_PER_NAT**2 * who.covariance[np.ix_(order, order)]
    return view.fit.estimates.rating[places], covariance


def _variance(found: KpiValue) -> float:
    """Return the variance that the interval of a KPI stands for.

    Where all answers cost the same, so will the next ones, all but certainly.
    """
    if found.value is None or found.lower is None or found.upper is None:
        return math.nan
    least = (USUAL_PART * found.value / 100) ** 2
    return float(max(((found.upper - found.lower) / (2 * _Z)) ** 2, least, 1e-18))


def win_rate_covariance(counted: Counted) -> FloatArray:
    """Return the (m, m) covariance of the shares of votes won, by linearisation.

    What one contestant wins the other loses, so the shares of two who met hang together. Where all
    votes on a contestant are alike, one win and one loss more stand for what that leaves open.
    """
    tallies = tally(counted.pair_counts)
    n = np.maximum(tallies.votes, 1).astype(np.float64)
    rate = np.nan_to_num(tallies.win_rate)
    first, second = counted.first, counted.second
    covariance = np.zeros((counted.m, counted.m))
    for cells, score in zip(counted.cells, (1.0, 0.0, 0.5, 0.5), strict=True):
        one = (score - rate[first]) / n[first]
        two = (1 - score - rate[second]) / n[second]
        np.add.at(covariance, (first, first), cells * one * one)
        np.add.at(covariance, (second, second), cells * two * two)
        np.add.at(covariance, (first, second), cells * one * two)
        np.add.at(covariance, (second, first), cells * one * two)
    alike = covariance.diagonal() <= 0
    share = (rate * n + 1) / (n + 2)
    covariance[alike, alike] = (share * (1 - share) / (n + 2))[alike]
    return covariance
