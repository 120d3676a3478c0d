"""A table with a title, and what is drawn beside it."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["share", "coefficient", "Elo"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A value with its interval, to be drawn beside its row."""

    value: float | None
    lower: float | None
    upper: float | None
    unit: Unit


@dataclass(frozen=True, slots=True)
class RankLine:
    """A contestant's ranks by two evaluations, to be joined by a line."""

    name: str
    one: float
    other: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table; text stands in the first `words` columns, numbers in the others.

    Attributes:
        title: of the table.
        caption: how to read it.
        head: names of the columns.
        rows: cells.
        words: how many columns hold text.
        drawn: one per row, or none at all.
        ranks: of contestants, best by the reference first; their table is this one.
        sides: what the two ends of the rank lines are.
    """

    title: str
    caption: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    words: int = 1
    drawn: tuple[Drawn, ...] = ()
    ranks: tuple[RankLine, ...] = ()
    sides: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class PartOf:
    """Sections under one heading."""

    title: str
    sections: tuple[Section, ...]
