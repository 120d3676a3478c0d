"""From numbers to the rows of a board and of a win matrix."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import numpy as np

from blindarena.domain.arenas import Contestant
from blindarena.domain.boards import ContestantStats
from blindarena.leaderboard.board import PairRow, Pairs, Row
from blindarena.leaderboard.counted import Counted
from blindarena.leaderboard.estimates import Estimates
from blindarena.ranking import tally
from blindarena.ranking.tallies import sum_of_pairs


def make_rows(
    contestants: Sequence[Contestant],
    counted: Counted,
    estimates: Estimates,
    *,
    stats: Mapping[UUID, ContestantStats],
    current: Collection[UUID] | None,
    min_votes: int,
) -> tuple[Row, ...]:
    """Make the rows of a board, sorted.

    Who has votes is listed, and who may still get some: enabled and not retired.

    Args:
        contestants: in the order of the arrays.
        counted: the votes.
        estimates: what they say.
        stats: sums over the answers.
        current: contestants that are not retired; None: all.
        min_votes: fewer make a row preliminary.
    """
    tallies = tally(counted.pair_counts)
    both_bad = sum_of_pairs(counted.cells[3], counted.first, counted.second, counted.m).tolist()
    wins, losses, ties = tallies.wins.tolist(), tallies.losses.tolist(), tallies.ties.tolist()
    votes, win_rate = tallies.votes.tolist(), _known(tallies.win_rate.tolist())
    rating, lower, upper = (
        _known(values.tolist()) for values in (estimates.rating, estimates.lower, estimates.upper)
    )
    rank, connected = estimates.rank.tolist(), estimates.connected.tolist()
    rows = [
        Row(
            contestant=contestant.name,
            description=contestant.description,
            organization=contestant.organization,
            license=contestant.license,
            rating=rating[i],
            lower=lower[i],
            upper=upper[i],
            rank=rank[i] or None,
            rank_low=None,
            rank_high=None,
            votes=votes[i],
            wins=wins[i],
            losses=losses[i],
            ties=ties[i] - both_bad[i],
            both_bad=both_bad[i],
            win_rate=win_rate[i],
            **measured(stats.get(contestant.id)),
            preliminary=votes[i] < min_votes,
            needs_votes=max(0, min_votes - votes[i]),
            not_connected=votes[i] > 0 and not connected[i],
        )
        for i, contestant in enumerate(contestants)
        if votes[i] or (contestant.enabled and (current is None or contestant.id in current))
    ]
    return tuple(sorted(rows, key=_place))


def make_pairs(contestants: Sequence[Contestant], counted: Counted, rows: Sequence[Row]) -> Pairs:
    """Make the win matrix of the contestants on a board, in the board's order."""
    order = {row.contestant: place for place, row in enumerate(rows)}
    place = np.array([order.get(c.name, -1) for c in contestants], dtype=np.int64)
    some = counted.cells.sum(axis=0) > 0
    first, second, cells = counted.first[some], counted.second[some], counted.cells[:, some]
    turn = place[first] > place[second]
    ends = np.where(turn, second, first), np.where(turn, first, second)
    cells = np.where(turn, cells[[1, 0, 2, 3]], cells)
    found = sorted(zip(*(place[end].tolist() for end in ends), *cells.tolist(), strict=True))
    return Pairs(
        contestants=tuple(row.contestant for row in rows),
        pairs=tuple(
            PairRow(rows[a].contestant, rows[b].contestant, *votes) for a, b, *votes in found
        ),
    )


def _known(values: list[float]) -> list[float | None]:
    """Turn NaN into None."""
    return [value if value == value else None for value in values]


def measured(stats: ContestantStats | None) -> dict[str, float | None]:
    """Return the averages over the answers; what was never measured is unknown."""
    known = stats or ContestantStats(contestant_id=UUID(int=0))
    return {
        "avg_cost_usd": _ratio(known.cost_sum, known.cost_n),
        "ttft_s": _ratio(known.ttft_sum, known.ttft_n),
        "tokens_per_s": _ratio(known.tokens_sum, known.generation_seconds_sum),
        "error_rate": _ratio(known.errors, known.answers),
        "refusal_rate": _ratio(known.refusals, known.answers),
        "timeout_rate": _ratio(known.timeouts, known.answers),
    }


def _ratio(total: float, over: float) -> float | None:
    return total / over if over > 0 else None


def _place(row: Row) -> tuple[bool, float, int, str]:
    """Sort by rating, highest first; those without one last, by votes, then name."""
    return (row.rating is None, -(row.rating or 0.0), -row.votes, row.contestant)
