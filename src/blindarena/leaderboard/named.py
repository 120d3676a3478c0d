"""From numbers to one board with names."""

from dataclasses import replace
from datetime import datetime

from blindarena.leaderboard.board import Row
from blindarena.leaderboard.counted import Counted
from blindarena.leaderboard.offline_votes import contestants_of
from blindarena.leaderboard.options import Options
from blindarena.leaderboard.rating import Rated, rate
from blindarena.leaderboard.result import Leaderboard
from blindarena.leaderboard.rows import make_rows
from blindarena.leaderboard.versions import versions
from blindarena.ranking.arrays import IntArray
from blindarena.votes.table import VoteTable


def rated_by(table: VoteTable, counted: Counted, options: Options) -> Rated:
    """Rate by the method that the options name, or as FastChat does."""
    if options.compat is None:
        return rate(table, counted, options)
    from blindarena.leaderboard.compat import rate_like_fastchat

    return rate_like_fastchat(table, counted, options)


def board_of(
    table: VoteTable, counted: Counted, rated: Rated, options: Options, now: datetime
) -> Leaderboard:
    """Put names to what was rated."""
    drawn = rated.sets or rated.fronts or options.interval == "bootstrap" or options.voter_test
    rows = make_rows(
        contestants_of(table.models),
        counted,
        rated.estimates,
        stats={} if rated.costs is None else rated.costs.stats,
        current=None,
        min_votes=options.min_votes,
    )
    if rated.sets is not None:
        rows = _with_sets(rows, table.models, rated.sets)
    fitted = rated.fitted
    return Leaderboard(
        method=fitted.title if fitted else "not rated",
        interval=rated.interval,
        n=counted.total,
        excluded=dict(table.report.skipped),
        data_hash=table.data_hash,
        seed=options.seed if drawn else None,
        tolerance=fitted.tolerance if fitted else None,
        iterations=fitted.iterations if fitted else 0,
        rows=rows,
        models=table.models,
        counted=counted,
        options=options,
        versions=versions(),
        computed_at=now,
        files=table.report.files,
        notes=rated.notes,
        decision=rated.decision,
        fronts=rated.fronts,
        utility=rated.utility,
        coefficients=fitted.coefficients if fitted else (),
    )


def _with_sets(
    rows: tuple[Row, ...], models: tuple[str, ...], sets: tuple[IntArray, IntArray]
) -> tuple[Row, ...]:
    place = {name: i for i, name in enumerate(models)}
    low, high = sets
    return tuple(
        replace(
            row,
            rank_low=int(low[place[row.contestant]]) or None,
            rank_high=int(high[place[row.contestant]]) or None,
        )
        for row in rows
    )
