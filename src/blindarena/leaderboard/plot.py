"""The interval plot of a board as one SVG file, for slides and notebooks."""

from html import escape
from typing import TYPE_CHECKING

from blindarena.leaderboard.svg import scale_of

if TYPE_CHECKING:
    from blindarena.leaderboard.result import Leaderboard

ROW, LEFT, WIDTH, TOP = 24, 260, 760, 34
LONGEST = 34
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#171b19}.cap{fill:#5a625e}"
    "line{stroke:#dde1df}.bar{stroke:#3a413e;stroke-width:2}.dot{fill:#171b19}"
    ".pre .dot{fill:#fff;stroke:#5a625e}.pre .bar{stroke-dasharray:3 3}"
    "@media(prefers-color-scheme:dark){text{fill:#eef1ef}.cap{fill:#9ba5a0}line{stroke:#2c3330}"
    ".bar{stroke:#c5ccc8}.dot{fill:#eef1ef}.pre .dot{fill:#121514}}"
)


def interval_plot(board: "Leaderboard") -> str:
    """Return the rated models with their intervals, the best first; numbers stand at the right."""
    rows = [row for row in board.rows if row.rating is not None]
    ticks = scale_of(rows)
    height = TOP + ROW * len(rows) + 8

    def place(value: float) -> float:
        return LEFT + (WIDTH - LEFT - 130) * (value - ticks[0]) / (ticks[-1] - ticks[0])

    parts = []
    for tick in ticks:
        x = f"{place(tick):.1f}"
        parts.append(f'<line x1="{x}" x2="{x}" y1="{TOP - 8}" y2="{height - 4}"/>')
        parts.append(f'<text class="cap" x="{x}" y="16" text-anchor="middle">{tick:g}</text>')
    for i, row in enumerate(rows):
        y = TOP + ROW * i + 8
        name = row.contestant
        short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
        numbers, bar = f"{row.rating:.0f}", ""
        if row.lower is not None and row.upper is not None:
            numbers += f"  ({row.lower:.0f} to {row.upper:.0f})"
            ends = f'x1="{place(row.lower):.1f}" x2="{place(row.upper):.1f}"'
            bar = f'<line class="bar" {ends} y1="{y}" y2="{y}"/>'
        kind = "rated" if row.rank else "pre"
        parts.append(
            f'<g class="{kind}">'
            f'<text x="{LEFT - 12}" y="{y + 4}" text-anchor="end">{escape(short)}</text>{bar}'
            f'<circle class="dot" cx="{place(row.rating or 0):.1f}" cy="{y}" r="4"/>'
            f'<text class="cap" x="{WIDTH}" y="{y + 4}" text-anchor="end">{numbers}</text></g>'
        )
    label = escape(f"{board.method}, {board.interval}, {board.n:,} votes", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{label}"><style>{_STYLE}</style>{"".join(parts)}</svg>\n'
    )
