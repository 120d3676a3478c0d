"""`blindarena.rank`: votes in, a leaderboard out."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from blindarena.leaderboard.erased import erased_since
from blindarena.leaderboard.judged import check_judges, judge_note
from blindarena.leaderboard.offline import rank_votes
from blindarena.leaderboard.offline_votes import table_of
from blindarena.leaderboard.options import (
    BadRows,
    Compat,
    Interval,
    Method,
    Options,
    Unconnected,
)
from blindarena.leaderboard.result import Leaderboard
from blindarena.leaderboard.snapshot import read_snapshot
from blindarena.leaderboard.verifying import Verification, options_of, verify
from blindarena.votes.counting import read_cells
from blindarena.votes.judges import JudgeVotes
from blindarena.votes.reading import read_votes
from blindarena.votes.sources import Format, Source
from blindarena.votes.spellings import LABELS, NUMBERS
from blindarena.votes.table import CellCounts, Labels, VoteTable

Votes = Source | list[Source] | tuple[Source, ...] | VoteTable | CellCounts


def rank(
    votes: Votes,
    *,
    method: Method = "bt",
    style: bool = False,
    by: str | None = None,
    cluster: str | None = None,
    interval: Interval | None = None,
    anchor: tuple[str, float] | None = None,
    margin: float | None = None,
    seed: int = 0,
    min_votes: int = 0,
    rank_sets: bool = True,
    costs: bool = False,
    value_of_100_elo: float | None = None,
    votes_to_flip: bool = False,
    first_position: bool = False,
    weights: str | None = None,
    propensity: str | None = None,
    voter_test: bool = False,
    exclude_flagged: bool = False,
    max_votes_per_voter: int | None = None,
    unconnected: Unconnected = "error",
    on_bad_rows: BadRows = "error",
    columns: Mapping[str, str] | None = None,
    compat: Compat | None = None,
    judge_votes: JudgeVotes | None = None,
    format: Format | None = None,
    now: datetime | None = None,
    say: Callable[[str], None] = lambda stage: None,
) -> Leaderboard:
    """Rank models from pairwise votes.

    Args:
        votes: files (Parquet, CSV, JSON, JSONL), frames of pyarrow, pandas or Polars, or what
            `read_votes` or `read_cells` gave.
        method: "bt", "elo", "davidson", "rao-kupper", "four-outcome", or "contextual", which
            shrinks the ratings of each category of `by` towards the overall ones.
        style: take the style of the answers into account (tokens, headers, lists, bold).
        by: a column: one more board for each of its values, and whether they are worth having.
        cluster: a column, such as the voter: votes with the same value hang together.
        interval: "sandwich", "cluster", "bootstrap" or "anytime"; see `Options`.
        anchor: a model and its rating; None makes the mean 1000.
        margin: smallest difference in Elo points that matters; the board then says whether the
            choice can be made yet.
        seed: of everything drawn at random.
        min_votes: votes that a model needs for a rank.
        rank_sets: give the ranks that simultaneous intervals leave open.
        costs: read cost and speed of the answers and set them beside the ratings.
        value_of_100_elo: what 100 Elo points more are worth in an answer, in USD: rating and cost
            become one order, with an interval.
        votes_to_flip: say how few votes, taken away, change the order of two neighbours.
        first_position: estimate the advantage of side a, and take it out.
        weights: a column of numbers: how much each vote counts.
        propensity: a column of numbers: the probability with which the vote's pair was drawn;
            the vote weighs one over it.
        voter_test: test each value of the column `voter` for voting without looking.
        exclude_flagged: leave out the votes of those whom the test flags.
        max_votes_per_voter: count the first so many votes of each voter.
        unconnected: "skip" leaves models without a finite rating unrated; "error" raises.
        on_bad_rows: "skip" counts wrong rows and leaves them out; "error" raises.
        columns: our name -> the file's, where a column has a name that we do not know.
        compat: "fastchat" gives FastChat's numbers.
        judge_votes: votes of language models, whose voter is called judge:NAME: "include" counts
            them with those of people, "exclude" leaves them out, "only" leaves out all others;
            None raises where there are both.
        format: of all files, where their names do not tell.
        now: becomes `computed_at`; None asks the clock.
        say: is told what is being done.

    Raises:
        VoteFileError: a file or a row is wrong: names file, row, column, value and cure.
        InputError: there are no votes, or an option is wrong.
        NotIdentifiedError: a model has no finite rating; names it.
    """
    options = Options(
        method=method,
        style=style,
        by=by,
        cluster=cluster,
        interval=interval,
        anchor=anchor,
        margin=margin,
        seed=seed,
        min_votes=min_votes,
        rank_sets=rank_sets,
        costs=costs,
        value_of_100_elo=value_of_100_elo,
        votes_to_flip=votes_to_flip,
        first_position=first_position,
        weights=weights,
        propensity=propensity,
        voter_test=voter_test,
        exclude_flagged=exclude_flagged,
        max_votes_per_voter=max_votes_per_voter,
        unconnected=unconnected,
        on_bad_rows=on_bad_rows,
        columns=dict(columns or {}),
        compat=compat,
        judge_votes=judge_votes,
    )
    return rank_with(votes, options, format=format, now=now or datetime.now(UTC), say=say)


def rank_with(
    votes: Votes,
    options: Options,
    *,
    now: datetime,
    format: Format | None = None,
    say: Callable[[str], None] = lambda stage: None,
) -> Leaderboard:
    """Read votes as far as the options need them, and rank; see `rank`."""
    say("Reading votes")
    table = _read(votes, options, format)
    check_judges(table, options)
    # With one thread sums have one order, so that a snapshot does not depend on the number of
    # cores; matrices of this size gain little from more, and lose much where cores are busy.
    with threadpool_limits(limits=1, user_api="blas"):
        board = rank_votes(table, options, now=now, say=say)
    return replace(board, notes=(*judge_note(table), *board.notes))


def verify_snapshot(
    snapshot: Path | str,
    votes: Votes,
    *,
    format: Format | None = None,
    say: Callable[[str], None] = lambda stage: None,
) -> Verification:
    """Compute a snapshot again from votes, with its own options, and compare.

    Raises:
        InputError: the snapshot is none, or the votes cannot be read.
    """
    content = read_snapshot(Path(snapshot))
    options = options_of(content)
    board = rank_with(votes, options, now=datetime.fromtimestamp(0, UTC), format=format, say=say)
    return verify(content, board, erased=_erased(content, votes))


def _erased(content: dict[str, Any], votes: Votes) -> int:
    """Return how many votes were cut loose from their voters since a snapshot was taken."""
    sources = votes if isinstance(votes, list | tuple) else [votes]
    files = [source for source in sources if isinstance(source, str | Path)]
    return erased_since(files, date.fromisoformat(str(content["computed_at"])[:10]))


def _read(votes: Votes, options: Options, format: Format | None) -> VoteTable:
    """Read what the options need, as counts where these are enough."""
    if isinstance(votes, CellCounts):
        return table_of(votes)
    if isinstance(votes, VoteTable):
        return _with_labels(votes, options)
    columns, bad = options.columns, options.on_bad_rows
    judged = options.judge_votes or "include"
    if options.by_counts:
        return table_of(
            read_cells(votes, columns=columns, on_bad_rows=bad, format=format, judge_votes=judged)
        )
    voter = "voter" if options.by_voter else None
    named = (options.by, options.cluster, voter, options.weights, options.propensity)
    wanted = [name for name in named if name is not None]
    if not (options.style or options.reads_costs):
        table = read_votes(
            votes,
            columns=columns,
            extra=wanted,
            on_bad_rows=bad,
            format=format,
            judge_votes=judged,
        )
    else:  # what there is of style and cost is found by reading all that is known
        own = {name: name for name in wanted if name not in (*LABELS, *NUMBERS)}
        table = read_votes(
            votes,
            columns={**own, **columns},
            on_bad_rows=bad,
            format=format,
            judge_votes=judged,
        )
    return _with_labels(table, options)


def _with_labels(table: VoteTable, options: Options) -> VoteTable:
    """Take columns of numbers for text where the options name them, and the other way round."""
    labels, numbers = dict(table.labels), dict(table.numbers)
    for name in (options.by, options.cluster, "voter" if options.by_voter else None):
        if name is None or name in labels or name not in table.numbers:
            continue
        values = table.numbers[name]
        known = ~np.isnan(values)
        found, place = np.unique(values[known], return_inverse=True)
        codes = np.full(len(values), -1)
        codes[known] = place
        labels[name] = Labels(codes, tuple(f"{value:g}" for value in found))
    for name in (options.weights, options.propensity):
        if name is not None and name in labels and name not in numbers:
            try:
                known = np.array([*map(float, labels[name].names), np.nan])
            except ValueError:
                continue  # a column of words: whoever needs it as numbers will say so
            numbers[name] = known[labels[name].codes]  # a missing value, -1, is the last
    return replace(table, labels=labels, numbers=numbers)
