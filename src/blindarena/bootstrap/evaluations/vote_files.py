"""Votes as read by `votes`, as evaluations; those of judges are kept apart."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from blindarena.analysis.comparison.evaluations import (
    Column,
    Evaluation,
    ItemVotes,
    Kind,
    of_raters,
)
from blindarena.analysis.verdicts import FIRST, SECOND, TIE, Codes
from blindarena.bootstrap.evaluations.asked import Score
from blindarena.bootstrap.evaluations.ratings import scores_from
from blindarena.errors import InputError, VoteFileError
from blindarena.ranking.arrays import BoolArray, FloatArray
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.votes.reading import read_votes
from blindarena.votes.table import VoteTable

if TYPE_CHECKING:
    import pyarrow as pa

JUDGE: Final = "judge:"
"""What the names of voters begin with that are judges."""
INCONSISTENT: Final = "tie (inconsistent)"
_CODE: Final = np.array([FIRST, SECOND, TIE, TIE])


def votes_evaluations(
    source: "Path | pa.Table",
    *,
    name: str,
    label: str,
    kind: Kind | None = None,
    part: str | None = None,
    score: Score = "rating",
) -> list[Evaluation]:
    """Read votes as one evaluation, or as two where people's and judges' are in one source.

    Args:
        source: a file, a folder of Parquet, or a table.
        name: of the evaluation.
        label: what the report calls the source.
        kind: as stated; None: people, but for voters whose names begin with "judge:".
        part: a pattern; only the votes of raters whose names match count.
        score: what contestants are scored by.

    Raises:
        InputError: the source cannot be read, or has no votes.
    """
    table = read_votes(source)
    if not len(table.votes):
        raise InputError(f"{label}: no votes in it")
    votes = _votes(table, _consistent(source, table))
    voters = votes.rater.names
    marked = np.array([voter.startswith(JUDGE) for voter in voters], dtype=bool)
    by_judge = np.zeros(len(votes.first), dtype=np.bool_)
    if marked.any():
        known = votes.rater.codes >= 0
        by_judge[known] = marked[votes.rater.codes[known]]
    groups: list[tuple[str, Kind, BoolArray]] = []
    if kind is not None or not by_judge.any():
        groups.append((name, kind or "people", np.ones(len(by_judge), dtype=np.bool_)))
    else:
        if not by_judge.all():
            groups.append((name, "people", ~by_judge))
        for code in np.flatnonzero(marked).tolist():
            rows = votes.rater.codes == code
            if rows.any():
                own = voters[code].removeprefix(JUDGE)
                groups.append((own if by_judge.all() else f"{name}/{own}", "judge", rows))
    return [
        _evaluation(votes.part(rows), table, group, found, label, part, score)
        for group, found, rows in groups
    ]


def _evaluation(
    votes: ItemVotes,
    table: VoteTable,
    name: str,
    kind: Kind,
    label: str,
    part: str | None,
    score: Score,
) -> Evaluation:
    if part is not None:
        votes = of_raters(votes, part, name=name)
    used = np.unique(np.concatenate([votes.first, votes.second]))
    new = np.full(len(table.models), -1)
    new[used] = np.arange(len(used))
    votes = replace(votes, first=new[votes.first], second=new[votes.second])
    back = np.array([0, 2, 1])  # FIRST, TIE, SECOND as the outcomes A_WINS, TIE, B_WINS
    arrays = VoteArrays(len(used), votes.first, votes.second, back[votes.verdict])
    scores, note = scores_from(arrays.pair_counts(), score=score)
    notes = [] if note is None else [note]
    skipped = sum(table.report.skipped.values())
    if skipped:
        notes.append(f"{skipped:,} rows were left out when {label} was read.")
    items = bool(np.any(votes.question.codes >= 0))
    if not items:
        notes.append("The votes name no question, so they count for ratings only.")
    return Evaluation(
        name=name,
        kind=kind,
        source=label,
        contestants=tuple(table.models[k] for k in used.tolist()),
        votes=votes,
        scores=scores,
        notes=tuple(notes),
    )


def _votes(table: VoteTable, consistent: Codes | None) -> ItemVotes:
    """Return one entry per vote."""
    votes = table.votes
    times = votes.count
    n = len(votes.a)
    rows = np.arange(n) if times is None else np.repeat(np.arange(n), times)

    def column(name: str) -> Column:
        labels = table.labels.get(name)
        if labels is None:
            return Column(np.full(len(rows), -1), ())
        return Column(labels.codes[rows].astype(np.int64), labels.names)

    orders = table.labels.get("orders")
    if orders is not None:
        agree = np.array([one == "agree" for one in orders.names], dtype=np.int64)
        consistent = np.where(orders.codes >= 0, agree[orders.codes], -1)
    return ItemVotes(
        first=votes.a[rows].astype(np.int64),
        second=votes.b[rows].astype(np.int64),
        verdict=_CODE[votes.outcome[rows]],
        question=column("prompt"),
        turn=column("turn"),
        category=column("category"),
        rater=column("voter"),
        consistent=None if consistent is None else consistent[rows],
        differences={
            feature: values[rows] for feature, values in differences_of(table.numbers).items()
        },
    )


def differences_of(table: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Return how many more words, and how much more markup, side a has."""
    found: dict[str, FloatArray] = {}
    if "words_a" in table and "words_b" in table:
        found["words"] = table["words_a"] - table["words_b"]
    elif "tokens_a" in table and "tokens_b" in table:
        found["tokens"] = table["tokens_a"] - table["tokens_b"]
    marks = [name for name in ("headers", "lists", "bold") if f"{name}_a" in table]
    marks = [name for name in marks if f"{name}_b" in table]
    if marks:
        found["markup"] = np.sum(
            [table[f"{name}_a"] - table[f"{name}_b"] for name in marks], axis=0
        )
    return found


def _consistent(source: "Path | pa.Table", table: VoteTable) -> Codes | None:
    """Return which verdicts MT-Bench's files call inconsistent; None where they call none so."""
    if not isinstance(source, Path) or source.is_dir() or "orders" in table.labels:
        return None
    try:
        again = read_votes(source, columns={"winner": "winner", "said": "winner"}, extra=("said",))
    except VoteFileError:  # the outcome stands in another column, in other words
        return None
    said = again.labels.get("said")
    if said is None or INCONSISTENT not in said.names:
        return None
    return np.where(said.codes == said.names.index(INCONSISTENT), 0, 1).astype(np.int64)
