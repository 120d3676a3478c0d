"""A comparison as one HTML file: the answers, tables with what is drawn of them, methods."""

from html import escape

from blindarena.analysis.comparison.comparing import Comparison
from blindarena.leaderboard.comparing.answers import answers_of
from blindarena.leaderboard.comparing.method import HOW
from blindarena.leaderboard.comparing.sections import notes_of, parts_of
from blindarena.printing.document import answer_of, report

_LINES = """
.rl { stroke: var(--ink-3); stroke-width: 1.5; } .rl.far { stroke: var(--warn); stroke-width: 2; }
"""


def html_of(found: Comparison) -> str:
    """Return the page."""
    title = " and ".join(one.name for one in found.sources)
    body = [
        '<p class="cap">How far evaluations agree</p>',
        f"<h1>{escape(title)}</h1>",
        *(
            answer_of(one.sentence, one.findings, standing=one.standing, label=one.about)
            for one in answers_of(found)
        ),
    ]
    notes = notes_of(found)
    if notes:
        body.append(
            f"<h2>Notes</h2><ul>{''.join(f'<li>{escape(note)}</li>' for note in notes)}</ul>"
        )
    return report(
        f"{title}: agreement · BlindArena",
        body,
        parts_of(found),
        ending="Methods and limits",
        texts=HOW,
        style=_LINES,
    )
