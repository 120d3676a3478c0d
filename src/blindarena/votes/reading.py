"""Votes of any origin as one table."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.votes.arrow_values import floats, indices, times
from blindarena.votes.blocks import Block, LeftOut, OnBadRows, Sieve
from blindarena.votes.columns import Wish
from blindarena.votes.entries import Entries, entries_of
from blindarena.votes.fastchat_log import Logs
from blindarena.votes.hashing import hash_of_votes
from blindarena.votes.judges import JudgeSieve, JudgeVotes
from blindarena.votes.names import Names, look_up, smallest, sorted_and_used, sorted_order
from blindarena.votes.sources import (
    Format,
    Source,
    blocks_of,
    check_format,
    each_source,
    label_of,
)
from blindarena.votes.table import Labels, ReadReport, VoteTable


def read_votes(
    sources: Source | list[Source] | tuple[Source, ...],
    *,
    columns: Mapping[str, str] | None = None,
    extra: Collection[str] | None = None,
    on_bad_rows: OnBadRows = "error",
    format: Format | None = None,
    judge_votes: JudgeVotes = "include",
) -> VoteTable:
    """Read votes from files and frames, one after another.

    Args:
        sources: paths (Parquet, CSV, TSV, JSON, JSONL; text also as .gz; a folder stands for its
            Parquet files), pyarrow, pandas and Polars tables, or several of them.
        columns: our name -> the file's, where a column has a name that we do not know.
        extra: which labels and numbers to read beside the votes; None is all that are known.
        on_bad_rows: "error" stops at the first wrong row; "skip" counts them in the report.
        format: of all files, where their names do not tell.
        judge_votes: "exclude" leaves out the votes of judges, "only" those of all others.

    Raises:
        VoteFileError: a source cannot be read or a row is wrong: names file, row, column, value
            and cure.
        InputError: an argument is wrong.
    """
    reading = Reading(sources, columns, extra, on_bad_rows, format, judge_votes)
    gathered = _Gathered(None if extra is None else frozenset(reading.wish.extra or ()))
    for block in reading.blocks():
        sieve = Sieve(block, reading.left_out)
        reading.judges.drop(block, sieve)
        gathered.add(block, sieve)
        reading.judges.count(sieve)
    return gathered.table(reading.report())


class Reading:
    """One pass over sources: what is wished for, and what was met."""

    def __init__(
        self,
        sources: Source | list[Source] | tuple[Source, ...],
        columns: Mapping[str, str] | None,
        extra: Collection[str] | None,
        on_bad_rows: OnBadRows,
        kind: Format | None,
        judge_votes: JudgeVotes = "include",
    ) -> None:
        if on_bad_rows not in ("error", "skip"):
            raise InputError(f"on_bad_rows is {on_bad_rows!r}; give 'error' or 'skip'")
        check_format(kind)
        self.left_out = LeftOut(on_bad_rows)
        self.judges = JudgeSieve(judge_votes)
        self.wish = Wish(columns or {}, (extra,) if isinstance(extra, str) else extra)
        self._sources = sources
        self._kind = kind
        self._files: list[str] = []
        self._rows = 0

    def blocks(self) -> Iterator[Block]:
        """Yield the rows of all sources in order."""
        logs = Logs()
        for source in each_source(self._sources):
            self._files.append(label_of(source))
            for block in blocks_of(source, self.wish, logs, self.left_out, self._kind):
                self._rows += block.rows
                yield block

    def report(self) -> ReadReport:
        """Return what was met so far."""
        rows = self._rows + self.left_out.in_no_block
        return ReadReport(
            tuple(self._files),
            rows,
            dict(self.left_out.reasons),
            judged=self.judges.judged,
            human=self.judges.human,
            judges=tuple(sorted(self.judges.names)),
        )


class _Gathered:
    """The votes of all blocks so far."""

    def __init__(self, extra: Collection[str] | None) -> None:
        self._extra = extra
        self._models = Names()
        self._entries: list[Entries] = []
        self._counted = False
        self._n = 0
        self._names: dict[str, Names] = {}
        self._labels: dict[str, list[tuple[int, IntArray]]] = {}
        self._numbers: dict[str, list[tuple[int, FloatArray]]] = {}

    def add(self, block: Block, sieve: Sieve) -> None:
        """Add a block's votes with their labels and numbers."""
        numbers = {name: _number(block, name, sieve) for name in block.plan.numbers}
        entries = entries_of(block, self._models, sieve)
        for name, values in numbers.items():
            self._numbers.setdefault(name, []).append((self._n, _taken(values, entries)))
        for name, path in block.plan.labels.items():
            found, dictionary = block.read(path, indices)
            table = self._names.setdefault(name, Names()).numbers(name, dictionary)
            codes = look_up(table, found)
            self._label(name, _taken(codes, entries))
        if entries.differ is not None and self._wants("orders"):
            codes = self._names.setdefault("orders", Names()).of(("agree", "differ"))
            self._label("orders", codes[entries.differ])
        if block.plan.shape == "ranking" and self._wants("ranking"):
            rows = [f"{block.where}:{block.row_of(at)}" for at in range(block.rows)]
            codes = self._names.setdefault("ranking", Names()).of(rows)[:-1]
            self._label("ranking", _taken(codes, entries))
        self._counted |= entries.count is not None
        self._entries.append(_small(entries, len(self._models)))
        self._n += len(entries.a)

    def table(self, report: ReadReport) -> VoteTable:
        """Return all votes; names that no vote has are left out."""
        names = self._models.all()
        used = np.zeros(len(names), dtype=np.bool_)
        for entries in self._entries:
            used[entries.a] = True
            used[entries.b] = True
        order, table = sorted_order(used, names)
        models = tuple(names[number] for number in order)
        votes = VoteArrays(
            m=len(models),
            a=_joined([look_up(table, entries.a) for entries in self._entries], np.int16),
            b=_joined([look_up(table, entries.b) for entries in self._entries], np.int16),
            outcome=_joined([entries.outcome for entries in self._entries], np.int8),
            count=_joined([_counts(entries) for entries in self._entries], np.int64)
            if self._counted
            else None,
        )
        self._entries = []
        return VoteTable(
            models,
            votes,
            {name: self._finished(name) for name in list(self._labels)},
            {name: self._values(name) for name in list(self._numbers)},
            report,
            hash_of_votes(models, votes),
        )

    def _wants(self, label: str) -> bool:
        return self._extra is None or label in self._extra

    def _label(self, name: str, codes: IntArray) -> None:
        self._labels.setdefault(name, []).append((self._n, codes))

    def _finished(self, name: str) -> Labels:
        codes = _spread(self._labels.pop(name), self._n, np.int32(-1))
        return sorted_and_used(codes, self._names[name].all())

    def _values(self, name: str) -> FloatArray:
        values: FloatArray = _spread(self._numbers.pop(name), self._n, np.nan)
        return values


def _number(block: Block, name: str, sieve: Sieve) -> FloatArray:
    reader = times if name == "tstamp" else floats
    values, _, wrong = block.read(block.plan.numbers[name], reader)
    sieve.reject(wrong, "not a number", name, "not a number; write digits, or nothing")
    return values


def _taken(values: Any, entries: Entries) -> Any:
    """Return a column's value for each entry."""
    return values if entries.origin is None else values[entries.origin]


def _small(entries: Entries, names: int) -> Entries:
    """Keep numbers of models in as few bytes as they need."""
    dtype = smallest(names)
    return replace(entries, a=entries.a.astype(dtype), b=entries.b.astype(dtype), origin=None)


def _counts(entries: Entries) -> IntArray:
    return np.ones(len(entries.a), dtype=np.int64) if entries.count is None else entries.count


def _joined(parts: list[IntArray], dtype: type[np.signedinteger]) -> IntArray:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=dtype)


def _spread(parts: list[tuple[int, Any]], n: int, missing: np.generic | float) -> Any:
    """Join parts that begin at given places, using them up; the rest is missing."""
    whole = np.full(n, missing)
    while parts:
        start, part = parts.pop()
        whole[start : start + len(part)] = part
    return whole
