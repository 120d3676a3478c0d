"""A table with a title, and an interval beside each row where there is one."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["share", "grade", "coefficient", "Elo"]


@dataclass(frozen=True, slots=True)
class Plot:
    """A value with its interval, to be drawn beside its row."""

    value: float | None
    lower: float | None
    upper: float | None
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table; text stands in the first `words` columns, numbers in the others.

    Attributes:
        title: of the table.
        caption: what the figures are.
        head: names of the columns.
        rows: cells; none where a sentence says it all.
        words: how many columns hold text.
        note: what must be known of these figures wherever they are shown.
        plots: one per row, or none at all.
        figure: SVG that stands above the table, which has the same in words.
    """

    title: str
    caption: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    words: int = 1
    note: str = ""
    plots: tuple[Plot, ...] = ()
    figure: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Sections under one heading."""

    title: str
    sections: tuple[Section, ...]
