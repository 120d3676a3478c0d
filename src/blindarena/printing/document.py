"""Pages that need nothing from elsewhere: no script, no font, no picture, both themes."""

from collections.abc import Iterable, Sequence
from html import escape

from blindarena.printing.section import Part, Plot, Section
from blindarena.printing.sheets import style_of
from blindarena.printing.svg import axis_svg, interval_svg, ticks_of

_DIGITS = {"share": "{:.1%}", "grade": "{:.2f}", "coefficient": "{:.2f}", "Elo": "{:.0f}"}
_ANSWERS = """
.answer.broken { border-left-color: var(--bad); } .answer.weak { border-left-color: var(--warn); }
.answer.fine { border-left-color: var(--accent); }
.answer + .answer { margin-top: var(--s4); }
.answer .cap { margin-bottom: var(--s1); }
.answer.broken .cap { color: var(--bad); } .answer.weak .cap { color: var(--warn); }
.board.plotted { width: auto; min-width: min(100%, 560px); }
.board.plain:not(.plotted) td, .board.plain th, .board.plotted th { overflow-wrap: normal; }
"""


def document(title: str, body: Iterable[str], *, style: str, main: str = "") -> str:
    """Return a whole page.

    Args:
        title: of the window, as text.
        body: HTML.
        style: CSS.
        main: attributes of the one `main` element.
    """
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{style}</style></head>"
        f"<body><main{main}>{''.join(body)}</main></body></html>\n"
    )


def report(
    title: str,
    body: Iterable[str],
    parts: Iterable[Part],
    *,
    ending: str,
    texts: Iterable[str],
    style: str = "",
) -> str:
    """Return a report: what it says first, its tables, how it was made.

    Args:
        title: of the window, as text.
        body: HTML that stands before the parts.
        parts: headings with their tables.
        ending: the last heading.
        texts: paragraphs below it.
        style: CSS beside that of all reports.
    """
    whole = list(body)
    for part in parts:
        whole.append(f"<h2>{escape(part.title)}</h2>")
        whole += map(table_of, part.sections)
    whole.append(f"<h2>{escape(ending)}</h2>")
    whole += (f"<p>{escape(text)}</p>" for text in texts)
    sheet = style_of("tokens", "board", "report") + _ANSWERS + style
    return document(title, whole, style=sheet, main=' class="page"')


def answer_of(
    sentence: str, findings: Sequence[str], *, standing: str, label: str, head: str = ""
) -> str:
    """Return what a report says first: one sentence, and what it rests on.

    Args:
        sentence: the answer.
        findings: what it rests on.
        standing: "fine", "weak", "broken" or another class.
        label: what it is about.
        head: a line above it.
    """
    said = "".join(f"<li>{escape(one)}</li>" for one in findings)
    above = f'<p class="cap">{escape(head)}</p>' if head else ""
    return (
        f'<section class="answer {standing}" aria-label="{escape(label)}">'
        f"{above}"
        f'<p class="verdict">{escape(sentence)}</p>'
        f"{f'<ul>{said}</ul>' if said else ''}</section>"
    )


def table_of(section: Section) -> str:
    """Return a section as a table, its intervals drawn in a column of their own."""
    said = f"{section.caption} {section.note}".strip()
    title = f"<h3>{escape(section.title)}</h3>"
    if said:
        title += f'<p class="cap said">{escape(said)}</p>'
    if section.figure:
        title += f'<div class="wide" tabindex="0">{section.figure}</div>'
    if not section.rows:
        return title
    ticks = _ticks(section.plots)
    heads = [
        f'<th scope="col"{_side(i, section)}>{escape(name)}</th>'
        for i, name in enumerate(section.head)
    ]
    if ticks:
        share = section.plots[0].unit == "share"
        axis = axis_svg([100 * tick for tick in ticks] if share else ticks)
        heads.insert(section.words, f'<th scope="col">{"Per cent" if share else ""}{axis}</th>')
    lines = []
    for number, row in enumerate(section.rows):
        cells = [f'<th scope="row">{escape(row[0])}</th>']
        cells += [f"<td{_side(i, section)}>{escape(cell)}</td>" for i, cell in enumerate(row) if i]
        if ticks:
            cells.insert(section.words, f"<td>{_plot(section.plots[number], ticks)}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    kind = "board plotted" if ticks else "board plain"
    return (
        f'{title}<div class="wide" tabindex="0"><table class="{kind}"><thead><tr>{"".join(heads)}'
        f"</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _side(column: int, section: Section) -> str:
    return ' class="r"' if column >= section.words else ""


def _ticks(plots: Sequence[Plot]) -> list[float]:
    ends = [
        end
        for plot in plots
        if plot.lower is not None and plot.upper is not None
        for end in (plot.lower, plot.upper)
    ]
    return ticks_of(min(ends), max(ends)) if ends else []


def _plot(plot: Plot, ticks: Sequence[float]) -> str:
    if plot.value is None or plot.lower is None or plot.upper is None:
        return ""
    ends = (plot.value, plot.lower, plot.upper)
    value, low, high = (_DIGITS[plot.unit].format(each) for each in ends)
    return interval_svg(*ends, ticks, label=f"{value}, {low} to {high}")
