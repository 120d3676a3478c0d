"""From votes of a file to a leaderboard."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches

from blindarena.errors import InputError, RankingError
from blindarena.leaderboard.board import Row
from blindarena.leaderboard.counted import Counted
from blindarena.leaderboard.offline_votes import by_label, contestants_of, counted_of
from blindarena.leaderboard.options import Options
from blindarena.leaderboard.rating import Rated, nobody, rate
from blindarena.leaderboard.result import HeldOut, Leaderboard
from blindarena.leaderboard.rows import make_rows
from blindarena.leaderboard.versions import versions
from blindarena.ranking.arrays import IntArray
from blindarena.votes.table import VoteTable

CATEGORY_LEAST = 30
"""Votes in a category below which a model has no rank there."""


def rank_votes(
    table: VoteTable,
    options: Options,
    *,
    now: datetime,
    say: Callable[[str], None] = lambda stage: None,
) -> Leaderboard:
    """Rank the models that the votes are on.

    Args:
        table: the votes, with the labels and numbers that the options need.
        options: how.
        now: becomes `computed_at`.
        say: is told what is being done.

    Raises:
        InputError: there are no votes, or the options do not fit them.
        NotIdentifiedError: a model has no finite rating; names it.
        ConvergenceError: the tolerance was not reached.
    """
    _check(table, options)
    say("Fitting")
    counted = counted_of(table.votes)
    whole = _board(table, counted, _rated(table, counted, options), options, now)
    if options.by is None:
        return whole
    labels = table.labels[options.by]
    inner = replace(
        options,
        by=None,
        unconnected="skip",
        min_votes=max(options.min_votes, CATEGORY_LEAST),
    )
    boards = []
    for name, part in by_label(table, labels, counts=inner.by_counts):
        say(f"{options.by} {name}")
        boards.append(_category_board(part, name, inner, now))
    notes = list(whole.notes)
    if missing := int((labels.codes < 0).sum()):
        notes.append(f"{missing} rows have no {options.by} and are on the first board only.")
    held_out: tuple[HeldOut, ...] = ()
    if options.method != "elo" and not options.style:
        from blindarena.leaderboard.held_out import held_out_loss

        say("Comparing on held-out votes")
        held_out = held_out_loss(table, labels, seed=options.seed)
    return replace(whole, boards=tuple(boards), held_out=held_out, notes=tuple(notes))


def _category_board(part: VoteTable, name: str, options: Options, now: datetime) -> Leaderboard:
    """Rank one category; where that is not possible, say so on the board."""
    counted = counted_of(part.votes)
    try:
        board = _board(part, counted, _rated(part, counted, options), options, now)
    except (RankingError, InputError) as error:
        nothing = Rated(estimates=nobody(counted.m), fitted=None)
        board = _board(part, counted, nothing, options, now)
        note = f"Not enough data: {board.n:,} votes; {error}."
    else:
        ranked = sum(row.rank is not None for row in board.rows)
        note = (
            f"Not enough data: {board.n:,} votes, and {ranked} models with the "
            f"{options.min_votes} connected votes that a rank needs."
        )
    if board.enough:
        return replace(board, category=name)
    return replace(board, category=name, notes=(note,), coefficients=())


def _check(table: VoteTable, options: Options) -> None:
    if not table.votes.n:
        skipped = ", ".join(f"{n} {reason}" for reason, n in table.report.skipped.items())
        raise InputError(
            f"there are no votes in {', '.join(table.report.files) or 'what was given'}"
            + (f"; left out: {skipped}" if skipped else "")
        )
    if len(table.models) < 2:
        raise InputError(f"only {table.models[0]!r} has votes; a ranking needs two models")
    if options.anchor is not None and options.anchor[0] not in table.models:
        name = options.anchor[0]
        close = get_close_matches(name, table.models, n=1)
        hint = f"did you mean {close[0]!r}?" if close else "take one that has votes"
        raise InputError(f"the anchor {name!r} has no votes; {hint}")
    for what, column in (("by", options.by), ("cluster", options.cluster)):
        if column is not None and column not in table.labels:
            there = ", ".join(sorted(table.labels)) or "none"
            raise InputError(f"{what}: there is no column {column!r} of text; there are: {there}")


def _rated(table: VoteTable, counted: Counted, options: Options) -> Rated:
    if options.compat is None:
        return rate(table, counted, options)
    from blindarena.leaderboard.compat import rate_like_fastchat

    return rate_like_fastchat(table, counted, options)


def _board(
    table: VoteTable, counted: Counted, rated: Rated, options: Options, now: datetime
) -> Leaderboard:
    """Put names to what was rated."""
    drawn = rated.sets or rated.fronts or options.interval == "bootstrap"
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
