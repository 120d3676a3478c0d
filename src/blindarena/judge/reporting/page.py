"""A judge report as one HTML file: no script, no font, no picture from elsewhere, both themes.

What is wrong with the judges stands first.
"""

from collections.abc import Sequence
from html import escape

from blindarena.judge.reporting.sections import Plot, Section, parts_of
from blindarena.judge.reporting.texts import facts_of, head_of
from blindarena.judge.scoring.findings import Verdict
from blindarena.judge.scoring.summary import RunScores
from blindarena.printing.sheets import style_of
from blindarena.printing.svg import axis_svg, interval_svg, ticks_of

_OWN = """
.answer.broken { border-left-color: var(--bad); } .answer.weak { border-left-color: var(--warn); }
.answer.fine { border-left-color: var(--accent); }
.answer + .answer { margin-top: var(--s4); }
.answer .cap { margin-bottom: var(--s1); }
.answer.broken .cap { color: var(--bad); } .answer.weak .cap { color: var(--warn); }
.board.plotted { width: auto; min-width: min(100%, 560px); }
.board.plain:not(.plotted) td, .board.plain th { overflow-wrap: normal; }
"""
_HOW = (
    "A pair is asked for in both orders. A win needs both; where they differ, the pair is a tie. A "
    "text without a verdict is neither: it is left out and counted as unparsed.",
    "All intervals are of 95 % and clustered by question: judgments on one question are not "
    "independent, and a strong verdict is one question, not three votes.",
    "A judge is called not to be relied on where its verdicts cannot be told from those of a judge "
    "that does not read the answers, and weak where it follows something else as much; each rule "
    "is the end of an interval, none a threshold of taste.",
    "Votes of a judge are not votes of people: they may be ranked, marked, beside these, never "
    "with them unseen.",
)


def html_of(scores: RunScores) -> str:
    """Return the page."""
    body = [
        '<p class="cap">Judge report</p>',
        f"<h1>{escape(scores.name)}</h1>",
        f'<p class="cap facts">{escape(facts_of(scores))}</p>',
        *map(_verdict, scores.verdicts),
    ]
    if not scores.verdicts:
        body.append("<p>Nothing has been judged yet.</p>")
    for part in parts_of(scores):
        body.append(f"<h2>{escape(part.title)}</h2>")
        body += map(_section, part.sections)
    body.append("<h2>How it is computed</h2>")
    body += (f"<p>{escape(text)}</p>" for text in _HOW)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(scores.name)}: judge report · BlindArena</title>"
        f"<style>{style_of('tokens', 'board', 'report')}{_OWN}</style></head>"
        f'<body><main class="page">{"".join(body)}</main></body></html>\n'
    )


def _verdict(verdict: Verdict) -> str:
    said = "".join(f"<li>{escape(one.sentence)}</li>" for one in verdict.findings)
    return (
        f'<section class="answer {verdict.standing}" aria-label="{escape(verdict.judge)}">'
        f'<p class="cap">{escape(head_of(verdict))}</p>'
        f'<p class="verdict">{escape(verdict.sentence)}</p>'
        f"{f'<ul>{said}</ul>' if said else ''}</section>"
    )


def _section(section: Section) -> str:
    said = f"{section.caption} {section.note}".strip()
    caption = f'<p class="cap said">{escape(said)}</p>' if said else ""
    title = f"<h3>{escape(section.title)}</h3>{caption}"
    if not section.rows:
        return title
    ticks = _ticks(section.plots)
    heads = [
        f'<th scope="col"{_side(i, section)}>{escape(name)}</th>'
        for i, name in enumerate(section.head)
    ]
    if ticks:
        percent = section.plots[0].unit == "share"
        axis = axis_svg([100 * tick for tick in ticks] if percent else ticks)
        heads.insert(section.words, f'<th scope="col">{"Per cent" if percent else ""}{axis}</th>')
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
    digits = {"share": "{:.1%}", "grade": "{:.2f}", "Elo": "{:.0f}"}[plot.unit]
    value, low, high = (digits.format(each) for each in (plot.value, plot.lower, plot.upper))
    return interval_svg(
        plot.value, plot.lower, plot.upper, ticks, label=f"{value}, {low} to {high}"
    )
