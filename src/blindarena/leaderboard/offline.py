"""From votes of a file to a leaderboard."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches

from blindarena.errors import InputError
from blindarena.leaderboard.categories import with_categories, with_category
from blindarena.leaderboard.named import board_of, rated_by
from blindarena.leaderboard.offline_votes import counted_of
from blindarena.leaderboard.options import Options
from blindarena.leaderboard.result import Leaderboard
from blindarena.leaderboard.robustness import cross_check_note, cross_check_of, flips_of
from blindarena.leaderboard.screening import Screened, VoterCheck, screened
from blindarena.votes.table import VoteTable


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
    if options.by_voter:
        say("Looking at voters")
    screening = screened(table, options)
    table = screening.table
    if options.method == "contextual":
        table = with_category(table, options)
        _check(table, options)
    say("Fitting")
    counted = counted_of(table.votes)
    rated = rated_by(table, counted, options)
    whole, theta = board_of(table, counted, rated, options, now), rated.estimates.theta
    if screening.check is not None:
        whole = replace(whole, voters=_compared(screening, whole, options, now))
    if options.votes_to_flip:
        say("Looking for votes to flip")
        whole = replace(whole, flips=flips_of(counted, table.models, whole.rows, theta))
    checks = cross_check_of(counted, table.models, whole.rows, theta, options)
    whole = replace(whole, cross_check=checks, notes=(*whole.notes, *cross_check_note(checks)))
    if options.by is None:
        return whole
    return with_categories(whole, table, rated, options, now, say)


def _compared(
    screening: Screened, whole: Leaderboard, options: Options, now: datetime
) -> VoterCheck | None:
    """Return what the voter test gave, with the board with and without those it flags."""
    check = screening.check
    if check is None or screening.all_votes is None or screening.without is None:
        return check
    other = screening.all_votes if options.exclude_flagged else screening.without
    if options.method == "contextual":
        other = with_category(other, options)
    second = replace(options, unconnected="skip", rank_sets=False, margin=None)
    counted = counted_of(other.votes)
    beside = board_of(other, counted, rated_by(other, counted, second), second, now).rows
    pair = (beside, whole.rows) if options.exclude_flagged else (whole.rows, beside)
    return check.with_rows(*pair)


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
