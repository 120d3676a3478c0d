"""Figures as a judge report writes them; what is unknown says so."""

from typing import Final

from blindarena.analysis.clusters import Estimated, Share
from blindarena.domain.judging import Protocol
from blindarena.judge.scoring.findings import Standing

UNKNOWN: Final = "-"
PROTOCOLS: Final[dict[Protocol, str]] = {
    "pair": "Comparisons in pairs",
    "baseline": "Comparisons with a baseline",
    "single": "Grades from 1 to 10",
    "rubric": "Checklists",
}
STANDINGS: Final[dict[Standing, str]] = {
    "broken": "Not to be relied on",
    "weak": "Weak",
    "unknown": "Cannot be told",
    "fine": "No fault found",
}


def percent(value: float | None) -> str:
    """Return a share as per cent with one decimal."""
    return UNKNOWN if value is None else f"{value:.1%}"


def percent_interval(found: Share | Estimated) -> str:
    """Return the interval of a share."""
    if found.lower is None or found.upper is None:
        return UNKNOWN
    return f"{found.lower:.1%} to {found.upper:.1%}"


def grade(value: float | None) -> str:
    """Return a mean grade with two decimals."""
    return UNKNOWN if value is None else f"{value:.2f}"


def grade_interval(found: Estimated) -> str:
    """Return the interval of a mean grade."""
    if found.lower is None or found.upper is None:
        return UNKNOWN
    return f"{found.lower:.2f} to {found.upper:.2f}"


def elo(value: float | None) -> str:
    """Return a rating in whole points."""
    return UNKNOWN if value is None else f"{value:.0f}"


def between(lower: float | None, upper: float | None, *, digits: int = 0) -> str:
    """Return two ends as an interval."""
    if lower is None or upper is None:
        return UNKNOWN
    return f"{lower:.{digits}f} to {upper:.{digits}f}"


def usd(value: float | None) -> str:
    """Return an amount; fractions of a cent are shown."""
    return "unknown" if value is None else f"{value:,.4f} USD"


def count(value: int | None) -> str:
    """Return a number with its thousands apart."""
    return "unknown" if value is None else f"{value:,}"
