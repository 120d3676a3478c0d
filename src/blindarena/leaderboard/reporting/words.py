"""Numbers and dates as a report writes them; what is unknown says so."""

from collections.abc import Mapping, Sequence
from datetime import date

from blindarena.domain.arenas import Kpi
from blindarena.leaderboard.reporting.facts import Unit
from blindarena.leaderboard.reporting.parts import ReportEstimate

UNKNOWN = "unknown"
TITLES: Mapping[Kpi, str] = {
    "rating": "rating",
    "win_rate": "win rate",
    "sendable_rate": "share of answers that can be sent",
    "as_is_rate": "share of answers that can be sent as they are",
    "breach_rate": "share of answers that break the policy",
    "cost_per_answer": "cost per answer",
    "cost_per_sendable": "cost per answer that can be sent",
    "ttft": "time to the first token",
}
DETAILS: Mapping[Kpi, str] = {
    "win_rate": "a tie and both bad are half a win",
    "sendable_rate": "as they are or after edits",
    "cost_per_sendable": "as it is or after edits; those that cannot be sent are paid for too",
}
UNITS: Mapping[Kpi, Unit] = {
    "rating": "Elo",
    "win_rate": "share",
    "sendable_rate": "share",
    "as_is_rate": "share",
    "breach_rate": "share",
    "cost_per_answer": "USD",
    "cost_per_sendable": "USD",
    "ttft": "s",
}


def day(moment: date) -> str:
    """Return a date in words, such as 3 March 2026."""
    return f"{moment.day} {moment:%B %Y}"


def number(value: float, *, even: bool = False) -> str:
    """Return a number with three telling digits, never in powers of ten.

    Args:
        value: the number.
        even: with noughts at its end, as in a column.
    """
    if value == 0:
        return "0"
    places = 0
    while round(abs(value) * 10**places) < 100 and places < 7:
        places += 1
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text and not even else text


def value_of(value: float | None, unit: Unit) -> str:
    """Return a value with its unit."""
    if value is None:
        return UNKNOWN
    if unit == "Elo":
        return f"{value:,.0f}"
    if unit == "share":
        return f"{value:.1%}"
    return f"{number(value, even=True)} {unit}"


def difference_of(value: float | None, unit: Unit, *, sign: bool = False) -> str:
    """Return a difference with its unit; that of shares is in percentage points."""
    if value is None:
        return UNKNOWN
    mark = "+" if sign and value > 0 else ""
    if unit == "Elo":
        return f"{mark}{value:,.0f} Elo"
    if unit == "share":
        return f"{mark}{f'{100 * value:.1f}'.removesuffix('.0')} points"
    return f"{mark}{number(value)} {unit}"


def interval_of(estimate: ReportEstimate, unit: Unit) -> str:
    """Return an interval, such as 81.0 to 88.3%."""
    if estimate.lower is None:
        return UNKNOWN
    if estimate.upper is None:
        return f"{value_of(estimate.lower, unit)} or more"
    if unit == "share":
        return f"{100 * estimate.lower:.1f} to {estimate.upper:.1%}"
    low, high = value_of(estimate.lower, unit), value_of(estimate.upper, unit)
    return f"{low.removesuffix(f' {unit}')} to {high}"


def quoted(name: str) -> str:
    """Return a name for a sentence: in quotation marks where it has a comma or a word of ours."""
    words = {"and", "or", "than"}
    return f'"{name}"' if "," in name or words & set(name.split()) else name


def listed(names: Sequence[str], *, most: int = 5, last: str = "and") -> str:
    """Return names as a list in words."""
    names = [quoted(name) for name in names]
    if len(names) > most:
        return f"{', '.join(names[:most])} {last} {len(names) - most} more"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def plural(n: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"
