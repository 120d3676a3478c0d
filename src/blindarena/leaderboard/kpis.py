"""What an arena may decide by, for every contestant with an interval: each KPI of the domain."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from blindarena.domain.arenas import Kpi
from blindarena.domain.usable import UsableCount
from blindarena.leaderboard.usable import Bounded, cost_per, known, mean_with_bounds, shares_of
from blindarena.leaderboard.views import View
from blindarena.ranking.proportions import clustered_share, wilson_interval

WILSON = "Wilson, each answer for itself"
CLUSTERED = "Wilson, the answers of one voter together"
STUDENT = "Student"
RATIO = "MOVER-R, from the intervals of cost and share"


@dataclass(frozen=True, slots=True)
class KpiValue:
    """One contestant by one KPI. None is unknown, never 0.

    Attributes:
        value: in the KPI's unit: Elo points, a share, USD or seconds.
        lower, upper: ends of the 95 % interval; of a cost per sendable answer the upper one is
            None too where no bound exists, because the share may be 0.
        n: votes of a rating or win rate; answers of all else.
        interval: its method, in words.
    """

    contestant: str
    value: float | None
    lower: float | None
    upper: float | None
    n: int
    interval: str


KpiValues = Mapping[Kpi, tuple[KpiValue, ...]]
"""By KPI, the contestants in the order of the board."""
Found = tuple[Bounded, Sequence[float], str]


def kpi_values(view: View, by_voter: Sequence[tuple[str, UsableCount]] | None = None) -> KpiValues:
    """Return every KPI of every contestant on a board.

    Args:
        view: of a live board that is not thinned.
        by_voter: what each voter says of each contestant; with it the shares have intervals that
            take one voter's answers together, where there are two voters or more.

    Returns:
        All KPIs; where the arena does not ask whether answers are usable, those about it are
        unknown. What answers cost is unknown on a board of one category.
    """
    source, contestants = view.source, view.source.contestants
    stats = {} if view.which.category else source.stats
    counts = source.usable or {}
    each = [counts.get(one.id, UsableCount(one.id)) for one in contestants]
    sendable, as_is, breach = (
        _shares(each, name, by_voter) for name in ("sendable", "as_is", "breaches")
    )
    cost, answers = mean_with_bounds(contestants, stats, "cost")
    ttft, started = mean_with_bounds(contestants, stats, "ttft")
    place = {one.name: i for i, one in reversed([*enumerate(contestants)])}
    order = [place[row.contestant] for row in view.rows]

    def values(found: Found) -> tuple[KpiValue, ...]:
        bounded, n, interval = found
        return tuple(
            KpiValue(
                contestants[i].name,
                known(bounded.value[i]),
                known(bounded.lower[i]),
                known(bounded.upper[i]),
                int(n[i]),
                interval,
            )
            for i in order
        )

    return {
        "rating": tuple(
            KpiValue(row.contestant, row.rating, row.lower, row.upper, row.votes, view.fit.interval)
            for row in view.rows
        ),
        "win_rate": _win_rates(view),
        "sendable_rate": values(sendable),
        "as_is_rate": values(as_is),
        "breach_rate": values(breach),
        "cost_per_answer": values((cost, answers.tolist(), STUDENT)),
        "cost_per_sendable": values((cost_per(cost, sendable[0]), sendable[1], RATIO)),
        "ttft": values((ttft, started.tolist(), STUDENT)),
    }


def _win_rates(view: View) -> tuple[KpiValue, ...]:
    """Return shares of votes won, a tie counting half."""
    won = np.array([row.wins + (row.ties + row.both_bad) / 2 for row in view.rows])
    votes = np.array([row.votes for row in view.rows], float)
    lower, upper = wilson_interval(won, votes)
    return tuple(
        KpiValue(row.contestant, row.win_rate, known(lower[i]), known(upper[i]), row.votes, WILSON)
        for i, row in enumerate(view.rows)
    )


def _shares(
    each: Sequence[UsableCount], name: str, by_voter: Sequence[tuple[str, UsableCount]] | None
) -> Found:
    """Return a share of every contestant, by voters taken together where they are known."""
    plain = shares_of(each, name)
    n = [one.n for one in each]
    if by_voter is None or len({voter for voter, _ in by_voter}) < 2:
        return plain, n, WILSON
    of: defaultdict[UUID, list[UsableCount]] = defaultdict(list)
    for _, count in by_voter:
        of[count.contestant_id].append(count)
    found = [
        clustered_share(
            np.array([getattr(count, name) for count in of[one.contestant_id]], float),
            np.array([count.n for count in of[one.contestant_id]], float),
        )
        for one in each
    ]
    bounded = Bounded(
        *(np.array([getattr(f, x) for f in found]) for x in ("share", "lower", "upper"))
    )
    return bounded, [f.n for f in found], CLUSTERED
