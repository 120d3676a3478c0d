"""A table with a title, and an interval beside each row where there is one."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["share", "grade", "Elo"]


@dataclass(frozen=True, slots=True)
class Plot:
    """A value with its interval, to be drawn."""

    value: float | None
    lower: float | None
    upper: float | None
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table; text stands in the first `words` columns, numbers in the others.

    Attributes:
        caption: what the figures are.
        note: what must be known of these ones; a terminal shows it and not the caption.
        plots: one per row, or none at all.
    """

    title: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    note: str = ""
    plots: tuple[Plot, ...] = ()
