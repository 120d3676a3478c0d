"""A judge report as one HTML file; what is wrong with the judges stands first."""

from html import escape

from blindarena.judge.reporting.sections import parts_of
from blindarena.judge.reporting.texts import facts_of, head_of
from blindarena.judge.scoring.findings import Verdict
from blindarena.judge.scoring.summary import RunScores
from blindarena.printing.document import answer_of, report

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
    title = f"{scores.name}: judge report · BlindArena"
    return report(title, body, parts_of(scores), ending="How it is computed", texts=_HOW)


def _verdict(verdict: Verdict) -> str:
    return answer_of(
        verdict.sentence,
        [one.sentence for one in verdict.findings],
        standing=verdict.standing,
        label=verdict.judge,
        head=head_of(verdict),
    )
