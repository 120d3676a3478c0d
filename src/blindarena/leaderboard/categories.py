"""One more board for each value of a column, and whether they are worth having."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import numpy as np

from blindarena.errors import InputError, RankingError
from blindarena.leaderboard.contextual import of_category, spread_of
from blindarena.leaderboard.named import board_of, rated_by
from blindarena.leaderboard.offline_votes import by_label, counted_of, part_of, present
from blindarena.leaderboard.options import Options
from blindarena.leaderboard.rating import Rated, nobody, rated_from
from blindarena.leaderboard.result import HeldOut, Leaderboard
from blindarena.votes.table import VoteTable

CATEGORY_LEAST = 30
"""Votes in a category below which a model has no rank there."""


def with_categories(
    whole: Leaderboard,
    table: VoteTable,
    rated: Rated,
    options: Options,
    now: datetime,
    say: Callable[[str], None],
) -> Leaderboard:
    """Add a board for each category, and whether they are worth having."""
    column = options.by or ""
    labels = table.labels[column]
    inner = replace(
        options,
        unconnected="skip",
        min_votes=max(options.min_votes, CATEGORY_LEAST),
        votes_to_flip=False,
        voter_test=False,
        exclude_flagged=False,
        max_votes_per_voter=None,
    )
    boards = []
    if options.method == "contextual":
        for code, name in enumerate(labels.names):
            say(f"{column} {name}")
            part = part_of(table, labels.codes == code)
            boards.append(_contextual_board(part, name, rated, code, inner, now))
    else:
        inner = replace(inner, by=None)
        for name, part in by_label(table, labels, counts=inner.by_counts):
            say(f"{column} {name}")
            boards.append(_category_board(part, name, inner, now))
    notes = list(whole.notes)
    if missing := int((labels.codes < 0).sum()):
        notes.append(f"{missing} rows have no {column} and are on the first board only.")
    held_out: tuple[HeldOut, ...] = ()
    if options.method != "elo" and not (options.covariates or options.weighted):
        from blindarena.leaderboard.held_out import held_out_loss

        say("Comparing on held-out votes")
        spread = spread_of(rated.fitted)
        held_out = held_out_loss(table, labels, seed=options.seed, spread_elo=spread)
    return replace(whole, boards=tuple(boards), held_out=held_out, notes=tuple(notes))


def with_category(table: VoteTable, options: Options) -> VoteTable:
    """Leave out votes without a category, which a contextual fit cannot place; count them."""
    column = options.by or ""
    labels = table.labels[column]
    missing = int((labels.codes < 0).sum())
    if not missing:
        return table
    skipped = {**table.report.skipped, f"no {column}": missing}
    part = part_of(table, labels.codes >= 0)
    return present(replace(part, report=replace(table.report, skipped=skipped)))


def _contextual_board(
    part: VoteTable, name: str, whole: Rated, code: int, options: Options, now: datetime
) -> Leaderboard:
    """Rank one category by the fit of all; who has no votes in it is not listed."""
    counted = counted_of(part.votes)
    if whole.fitted is None:
        rated = Rated(estimates=nobody(counted.m), fitted=None)
    else:
        inside = np.flatnonzero(whole.estimates.connected)
        fitted = of_category(whole.fitted, code, counted.pair_counts.among(inside))
        rated = rated_from(fitted, part, counted, options, inside=inside)
    board = board_of(part, counted, rated, options, now)
    rows = tuple(row for row in board.rows if row.votes)
    digest = present(part).data_hash
    board = replace(board, category=name, rows=rows, data_hash=digest, excluded={})
    if board.enough:
        return board
    return replace(board, notes=(_too_few(board, options),))


def _category_board(part: VoteTable, name: str, options: Options, now: datetime) -> Leaderboard:
    """Rank one category; where that is not possible, say so on the board."""
    counted = counted_of(part.votes)
    try:
        board = board_of(part, counted, rated_by(part, counted, options), options, now)
    except (RankingError, InputError) as error:
        nothing = Rated(estimates=nobody(counted.m), fitted=None)
        board = board_of(part, counted, nothing, options, now)
        note = f"Not enough data: {board.n:,} votes; {error}."
    else:
        note = _too_few(board, options)
    if board.enough:
        return replace(board, category=name)
    return replace(board, category=name, notes=(note,), coefficients=())


def _too_few(board: Leaderboard, options: Options) -> str:
    ranked = sum(row.rank is not None for row in board.rows)
    return (
        f"Not enough data: {board.n:,} votes, and {ranked} models with the "
        f"{options.min_votes} connected votes that a rank needs."
    )
