"""Votes as read from files or frames: names once, codes per row."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.vote_arrays import VoteArrays


@dataclass(frozen=True, slots=True)
class Labels:
    """A column of text as codes into its names; -1 is a missing value."""

    codes: IntArray
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What was read: files in order, rows, and rows left out by reason."""

    files: tuple[str, ...] = ()
    rows: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VoteTable:
    """Votes of any origin, ready for `ranking`.

    Attributes:
        models: names, sorted; `votes.a` and `votes.b` index them.
        votes: one entry per row of the source.
        labels: text columns (voter, judge, category, language, prompt ...), by our names.
        numbers: numeric columns (style differences, probability, seconds ...), by our names.
        data_hash: sha256 over the canonical cells (m, m, 4) and the names; order does not matter.
    """

    models: tuple[str, ...]
    votes: VoteArrays
    labels: Mapping[str, Labels] = field(default_factory=dict)
    numbers: Mapping[str, FloatArray] = field(default_factory=dict)
    report: ReadReport = field(default_factory=ReadReport)
    data_hash: str = ""
