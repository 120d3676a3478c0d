"""What the gate writes: JSON, JUnit XML and Markdown."""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from blindarena.bootstrap.gating import Gate, said


def facts_of(gate: Gate) -> dict[str, Any]:
    """Return the result for JSON; shares are from 0 to 1, Elo in points."""
    r = gate.result
    return {
        "outcome": r.outcome,
        "exit_code": gate.exit_code,
        "sentence": gate.sentence,
        "baseline": gate.baseline,
        "candidate": gate.candidate,
        "max_loss": r.margin.size,
        "unit": r.margin.unit,
        "estimate": r.estimate,
        "lower": r.lower,
        "upper": r.upper,
        "alpha": r.alpha,
        "power": r.power,
        "voters": gate.kind,
        "votes": r.votes,
        "votes_between_the_two": r.direct,
        "clusters": dict(r.clusters),
        "votes_needed": r.votes_needed,
        "votes_missing": r.votes_missing,
        "method": r.method,
        "sources": list(gate.sources),
    }


def junit_of(gate: Gate) -> str:
    """Return one test case: a failure where the gate failed, an error where data are missing."""
    outcome = gate.result.outcome
    name = f"{gate.candidate} loses less than {gate.result.margin} to {gate.baseline}"
    said_so = quoteattr(gate.sentence)
    inside = {
        "passed": f"<system-out>{escape(gate.sentence)}</system-out>",
        "failed": f'<failure type="worse" message={said_so}/>',
        "not enough data": f'<error type="not enough data" message={said_so}/>',
    }[outcome]
    counts = f'failures="{int(outcome == "failed")}" errors="{int(outcome == "not enough data")}"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites tests="1" {counts}><testsuite name="blindarena gate" tests="1" {counts}>'
        f'<testcase classname="blindarena.gate" name={quoteattr(name)}>{inside}</testcase>'
        "</testsuite></testsuites>\n"
    )


def markdown_of(gate: Gate) -> str:
    """Return a heading, the sentence and a table."""
    r = gate.result
    rows = [
        ("baseline", gate.baseline),
        ("candidate", gate.candidate),
        ("largest acceptable loss", str(r.margin)),
        ("difference", "-" if r.estimate is None else said(r.estimate, r.margin)),
        (f"at least, at {1 - r.alpha:.0%}", "-" if r.lower is None else said(r.lower, r.margin)),
        ("votes", f"{r.votes:,} of {'people' if gate.kind == 'people' else 'a judge'}"),
        ("votes between the two", f"{r.direct:,}"),
        ("votes needed", f"{r.votes_needed:,}"),
        ("votes missing", f"{r.votes_missing:,}"),
        ("method", r.method),
        ("taken together by", ", ".join(f"{k} ({n:,})" for k, n in r.clusters.items()) or "-"),
        ("sources", ", ".join(gate.sources)),
    ]
    lines = "".join(f"| {name} | {_plain(value)} |\n" for name, value in rows)
    return f"## Gate: {r.outcome}\n\n{_plain(gate.sentence)}\n\n| | |\n| --- | --- |\n{lines}"


def _plain(text: str) -> str:
    for mark in "\\|`*_<[":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
