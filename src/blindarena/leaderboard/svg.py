"""Plots of a board as SVG text; colours come from the page's tokens."""

from collections.abc import Sequence
from html import escape

from blindarena.leaderboard.board import Row
from blindarena.leaderboard.costs import MEASURES, Front
from blindarena.printing.svg import ROW, WIDTH, axis_svg, ticks_of
from blindarena.printing.svg import interval_svg as plot_interval

__all__ = ["axis_svg", "front_svg", "interval_svg", "rank_set_svg", "scale_of", "ticks_of"]


def scale_of(rows: Sequence[Row]) -> list[float]:
    """Return the ticks of a board's ratings with their intervals."""
    ends = [end for row in rows for end in (row.lower, row.upper, row.rating) if end is not None]
    return ticks_of(min(ends), max(ends)) if ends else [0.0, 1.0]


def interval_svg(row: Row, ticks: Sequence[float]) -> str:
    """Return one row of the interval plot; nothing where there is no interval."""
    if row.rating is None or row.lower is None or row.upper is None:
        return ""
    label = f"{row.rating:.0f}, {row.lower:.0f} to {row.upper:.0f}"
    return plot_interval(
        row.rating, row.lower, row.upper, ticks, label=label, preliminary=row.preliminary
    )


def rank_set_svg(row: Row, ranked: int) -> str:
    """Return the ranks that are open for a model as a bar on all ranks."""
    if row.rank_low is None or row.rank_high is None or ranked < 1:
        return ""
    step = WIDTH / ranked
    x, width = (row.rank_low - 1) * step, (row.rank_high - row.rank_low + 1) * step
    label = escape(f"ranks {row.rank_low} to {row.rank_high} of {ranked}", quote=True)
    return (
        f'<svg class="iv" viewBox="0 0 {WIDTH} {ROW}" role="img" aria-label="{label}">'
        f'<rect class="track" x="0" y="8" width="{WIDTH}" height="8"/>'
        f'<rect class="set" x="{x:.1f}" y="8" width="{width:.1f}" height="8"/></svg>'
    )


def front_svg(front: Front) -> str:
    """Return a plot of rating against cost; filled dots are on the front, and joined."""
    width, height, left, low = 560, 300, 56, 264
    across = ticks_of(*_range([row.cost for row in front.rows]))
    up = ticks_of(*_range([row.rating for row in front.rows]))

    def place(cost: float, rating: float) -> tuple[float, float]:
        x = left + (width - left - 24) * (cost - across[0]) / (across[-1] - across[0])
        return x, low - (low - 16) * (rating - up[0]) / (up[-1] - up[0])

    parts = []
    for tick in across:
        x, _ = place(tick, up[0])
        parts.append(f'<line class="gl" x1="{x:.1f}" x2="{x:.1f}" y1="16" y2="{low}"/>')
        parts.append(f'<text x="{x:.1f}" y="{low + 18}" text-anchor="middle">{tick:g}</text>')
    for tick in up:
        _, y = place(across[0], tick)
        parts.append(f'<line class="gl" x1="{left}" x2="{width - 24}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    on_front = sorted(place(row.cost, row.rating) for row in front.rows if row.on_front)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in on_front)
    parts.append(f'<polyline class="front" points="{path}"/>')
    for row in front.rows:
        x, y = place(row.cost, row.rating)
        kind = "dot" if row.on_front else "dot off"
        parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
        anchor, shift = ("end", -8) if x > width * 0.7 else ("start", 8)
        parts.append(
            f'<text x="{x + shift:.1f}" y="{y - 6:.1f}" text-anchor="{anchor}">'
            f"{escape(row.contestant)}</text>"
        )
    unit = MEASURES[front.measure]
    parts.append(f'<text x="{width - 24}" y="{height - 2}" text-anchor="end">{unit}</text>')
    return (
        f'<svg class="plot" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="Rating against {unit}; the table below has the numbers">'
        f"{''.join(parts)}</svg>"
    )


def _range(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)
