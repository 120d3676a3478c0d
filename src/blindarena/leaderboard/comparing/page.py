"""A comparison as one HTML file: no script, no font, no picture from elsewhere, both themes."""

from collections.abc import Sequence
from html import escape

from blindarena.analysis.comparison.comparing import Comparison
from blindarena.leaderboard.comparing.answers import Answer, answers_of
from blindarena.leaderboard.comparing.method import HOW
from blindarena.leaderboard.comparing.section import Drawn, RankLine, Section
from blindarena.leaderboard.comparing.sections import notes_of, parts_of
from blindarena.printing.sheets import style_of
from blindarena.printing.svg import axis_svg, interval_svg, ticks_of

_OWN = """
.answer.broken { border-left-color: var(--bad); } .answer.weak { border-left-color: var(--warn); }
.answer.fine { border-left-color: var(--accent); }
.answer + .answer { margin-top: var(--s4); }
.board.plotted { width: auto; min-width: min(100%, 560px); }
.board.plain td, .board.plain th, .board.plotted th { overflow-wrap: normal; }
.rl { stroke: var(--ink-3); stroke-width: 1.5; } .rl.far { stroke: var(--warn); stroke-width: 2; }
"""
ROW = 22


def html_of(found: Comparison) -> str:
    """Return the page: the answers, then tables with what is drawn of them, then methods."""
    title = " and ".join(one.name for one in found.sources)
    body = [
        '<p class="cap">How far evaluations agree</p>',
        f"<h1>{escape(title)}</h1>",
        *map(_answer, answers_of(found)),
    ]
    notes = notes_of(found)
    if notes:
        body.append(
            f"<h2>Notes</h2><ul>{''.join(f'<li>{escape(note)}</li>' for note in notes)}</ul>"
        )
    for part in parts_of(found):
        body.append(f"<h2>{escape(part.title)}</h2>")
        body += map(_section, part.sections)
    body.append("<h2>Methods and limits</h2>")
    body += (f"<p>{escape(text)}</p>" for text in HOW)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}: agreement · BlindArena</title>"
        f"<style>{style_of('tokens', 'board', 'report')}{_OWN}</style></head>"
        f'<body><main class="page">{"".join(body)}</main></body></html>\n'
    )


def _answer(answer: Answer) -> str:
    said = "".join(f"<li>{escape(one)}</li>" for one in answer.findings)
    return (
        f'<section class="answer {answer.standing}" aria-label="{escape(answer.about)}">'
        f'<p class="verdict">{escape(answer.sentence)}</p>'
        f"{f'<ul>{said}</ul>' if said else ''}</section>"
    )


def _section(section: Section) -> str:
    caption = f'<p class="cap said">{escape(section.caption)}</p>' if section.caption else ""
    title = f"<h3>{escape(section.title)}</h3>{caption}"
    if section.ranks:
        title += f'<div class="wide" tabindex="0">{rank_svg(section.ranks, section.sides)}</div>'
    ticks = _ticks(section.drawn)
    heads = [
        f'<th scope="col"{_side(i, section)}>{escape(name)}</th>'
        for i, name in enumerate(section.head)
    ]
    if ticks:
        share = section.drawn[0].unit == "share"
        axis = axis_svg([100 * tick for tick in ticks] if share else ticks)
        heads.insert(section.words, f'<th scope="col">{"Per cent" if share else ""}{axis}</th>')
    lines = []
    for number, row in enumerate(section.rows):
        cells = [f'<th scope="row">{escape(row[0])}</th>']
        cells += [f"<td{_side(i, section)}>{escape(cell)}</td>" for i, cell in enumerate(row) if i]
        if ticks:
            cells.insert(section.words, f"<td>{_drawn(section.drawn[number], ticks)}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    kind = "board plotted" if ticks else "board plain"
    return (
        f'{title}<div class="wide" tabindex="0"><table class="{kind}"><thead><tr>{"".join(heads)}'
        f"</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


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


def _side(column: int, section: Section) -> str:
    return ' class="r"' if column >= section.words else ""


def _ticks(drawn: Sequence[Drawn]) -> list[float]:
    ends = [
        end
        for one in drawn
        if one.lower is not None and one.upper is not None
        for end in (one.lower, one.upper)
    ]
    return ticks_of(min(ends), max(ends)) if ends else []


def _drawn(one: Drawn, ticks: Sequence[float]) -> str:
    if one.value is None or one.lower is None or one.upper is None:
        return ""
    digits = {"share": "{:.1%}", "coefficient": "{:.2f}", "Elo": "{:.0f}"}[one.unit]
    value, low, high = (digits.format(each) for each in (one.value, one.lower, one.upper))
    return interval_svg(one.value, one.lower, one.upper, ticks, label=f"{value}, {low} to {high}")
