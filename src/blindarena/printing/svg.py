"""An interval as a row of a plot, as SVG text; colours come from the page's tokens."""

import math
from collections.abc import Sequence
from html import escape

WIDTH = 360
ROW = 24


def ticks_of(low: float, high: float, *, about: int = 5) -> list[float]:
    """Return round numbers that span a range, `about` so many."""
    if high <= low:
        reach = abs(low) / 20 or 1.0
        low, high = low - reach, low + reach
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [step * k for k in range(first, last + 1)]


def interval_svg(
    value: float,
    lower: float,
    upper: float,
    ticks: Sequence[float],
    *,
    label: str,
    preliminary: bool = False,
) -> str:
    """Return one row of an interval plot: a line with end marks, and a dot for the value.

    Args:
        value: where the dot is.
        lower: the interval's lower end.
        upper: its upper end.
        ticks: of the scale; the ends are cut off at its ends.
        label: the same in words, for who cannot see it.
        preliminary: dashed, with a hollow dot.
    """
    low, high, at = (
        place(min(max(each, ticks[0]), ticks[-1]), ticks) for each in (lower, upper, value)
    )
    kind = "iv pre" if preliminary else "iv"
    middle = ROW / 2
    grid = "".join(
        f'<line class="gl" x1="{place(tick, ticks):.1f}" x2="{place(tick, ticks):.1f}" '
        f'y1="0" y2="{ROW}"/>'
        for tick in ticks
    )
    return (
        f'<svg class="{kind}" viewBox="0 0 {WIDTH} {ROW}" role="img" '
        f'aria-label="{escape(label, quote=True)}">{grid}'
        f'<line class="bar" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>'
        f'<path class="bar" d="M{low:.1f} {middle - 4}v8M{high:.1f} {middle - 4}v8"/>'
        f'<circle class="dot" cx="{at:.1f}" cy="{middle}" r="4"/></svg>'
    )


def axis_svg(ticks: Sequence[float]) -> str:
    """Return the numbers over the interval plot."""
    marks = "".join(
        f'<text x="{place(tick, ticks):.1f}" y="14" text-anchor="{_anchor(i, len(ticks))}">'
        f"{tick:g}</text>"
        for i, tick in enumerate(ticks)
    )
    return f'<svg class="axis" viewBox="0 0 {WIDTH} 18" aria-hidden="true">{marks}</svg>'


def place(value: float, ticks: Sequence[float]) -> float:
    """Return where a value stands on the plot's width."""
    return 8 + (WIDTH - 16) * (value - ticks[0]) / (ticks[-1] - ticks[0])


def _anchor(index: int, count: int) -> str:
    return "start" if index == 0 else "end" if index == count - 1 else "middle"
