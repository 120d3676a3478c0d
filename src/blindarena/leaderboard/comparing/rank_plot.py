"""Ranks by two evaluations, joined by a line for each contestant."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

ROW = 22


@dataclass(frozen=True, slots=True)
class RankLine:
    """A contestant's ranks by two evaluations."""

    name: str
    one: float
    other: float


def rank_svg(lines: Sequence[RankLine], sides: tuple[str, str]) -> str:
    """Return the ranks by two evaluations, joined by a line for each contestant.

    Lines of contestants that change by a quarter of all ranks or more stand out. The table below
    has the same in words.

    Args:
        lines: contestants.
        sides: the evaluations at the left and at the right.
    """
    n = len(lines)
    width, top, left, right = 640, 34, 210, 430
    height = top + ROW * n + 8

    def y(rank: float) -> float:
        return top + ROW * (rank - 0.5)

    parts = [
        f'<text x="{left}" y="16" text-anchor="end">{escape(sides[0])}</text>',
        f'<text x="{right}" y="16">{escape(sides[1])}</text>',
    ]
    for line in lines:
        far = abs(line.one - line.other) >= max(2.0, n / 4)
        one, other = y(line.one), y(line.other)
        parts.append(
            f'<line class="{"rl far" if far else "rl"}" x1="{left + 8}" y1="{one:.1f}" '
            f'x2="{right - 8}" y2="{other:.1f}"/>'
            f'<text x="{left}" y="{one + 4:.1f}" text-anchor="end">{escape(line.name)}</text>'
            f'<text x="{right}" y="{other + 4:.1f}">{escape(line.name)}</text>'
        )
    label = escape(
        f"Ranks by {sides[0]} and {sides[1]}; the table below has the numbers", quote=True
    )
    return (
        f'<svg class="plot" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">'
        f"{''.join(parts)}</svg>"
    )
