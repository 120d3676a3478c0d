"""Votes as read from files or frames: names once, codes per row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.votes.hashing import hash_of_cells


@dataclass(frozen=True, slots=True)
class Labels:
    """A column of text as codes into its names; -1 is a missing value.

    Attributes:
        codes: (n,) one per entry of `VoteTable.votes`; any integer dtype.
        names: sorted, each of which an entry has.
    """

    codes: IntArray
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What was read: files in order, rows, and rows left out by reason.

    Attributes:
        files: paths, or what kind of frame.
        rows: all rows of the sources, those left out included.
        skipped: reason -> rows, for wrong rows, excluded votes and lines that are no votes.
        judged, human: rows that are in, of judges and of all others.
        judges: names of the judges, sorted.
    """

    files: tuple[str, ...] = ()
    rows: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    judged: int = 0
    human: int = 0
    judges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VoteTable:
    """Votes of any origin, ready for `ranking`.

    Attributes:
        models: names, sorted; `votes.a` and `votes.b` index them.
        votes: in the order of the source; a row of counts or of a ranking is several entries.
        labels: text columns (voter, judge, category, language, prompt ...), by our names.
        numbers: numeric columns (style differences, probability, seconds ...), by our names.
        data_hash: sha256 over the canonical cells (m, m, 4) and the names; order does not matter;
            see `hashing.hash_of_cells`.
    """

    models: tuple[str, ...]
    votes: VoteArrays
    labels: Mapping[str, Labels] = field(default_factory=dict)
    numbers: Mapping[str, FloatArray] = field(default_factory=dict)
    report: ReadReport = field(default_factory=ReadReport)
    data_hash: str = ""


class CellCounts(NamedTuple):
    """Votes as counts only.

    Attributes:
        models: names, sorted.
        counts: (m, m, 4) by model on side a, model on side b, and outcome code.
        report: what was read.
    """

    models: tuple[str, ...]
    counts: IntArray
    report: ReadReport

    @property
    def data_hash(self) -> str:
        """The hash that a `VoteTable` of the same votes has."""
        return hash_of_cells(self.models, self.counts)
