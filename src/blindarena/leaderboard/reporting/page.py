"""A report as one HTML file: no script, no font, no picture from elsewhere, both themes, on A4."""

from collections.abc import Iterator
from importlib.resources import files

from blindarena.leaderboard.board import Row
from blindarena.leaderboard.reporting.facts import Report, ReportContestant, Unit
from blindarena.leaderboard.reporting.parts import ReportCategory, ReportComment, ReportEstimate
from blindarena.leaderboard.reporting.words import (
    DETAILS,
    UNKNOWN,
    day,
    difference_of,
    interval_of,
    number,
    plural,
    value_of,
)
from blindarena.leaderboard.svg import axis_svg, interval_svg, scale_of
from blindarena.printing.sheets import style_of

_BECAME = {"model_a": "{0} was better than {1}", "model_b": "{1} was better than {0}"}
_EVEN = {"tie": "{0} and {1} were equally good", "both_bad": "{0} and {1} were both bad"}


def html_of(report: Report) -> str:
    """Return the page."""
    from jinja2 import Environment, StrictUndefined  # takes long to import, like the next
    from markupsafe import Markup

    package = files("blindarena.leaderboard")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(
        (package / "reporting" / "report.html").read_text(encoding="utf-8")
    )
    rows = {one.name: _row(one) for one in report.contestants}
    ticks = scale_of(list(rows.values()))
    page = template.render(
        report=report,
        found=report.recommendation,
        style=Markup(style_of("tokens", "board", "report")),  # noqa: S704 - our own files
        axis=Markup(axis_svg(ticks)) if _rated(report) else "",  # noqa: S704 - numbers only
        kpi_column=_kpi_column(report),
        kpi_detail=DETAILS.get(report.kpi.name, ""),
        contestants=[
            {
                **_cells(report, one),
                "plot": Markup(interval_svg(rows[one.name], ticks)),  # noqa: S704 - numbers only
            }
            for one in report.contestants
        ],
        usable=[_usable(one) for one in report.contestants if one.sendable is not None],
        cost_head=_cost_head(report),
        costs=[_costs(report, one) for one in report.contestants],
        speeds=[_speed(one) for one in report.contestants],
        category_rows=_category_rows,
        agreement=list(_agreement(report)),
        reasons_out=[(name, f"{n:,}") for name, n in report.exclusions.by_reason.items()],
        without=list(_without(report)),
        quartiles=_quartiles(report),
        groups=list(_groups(report)),
        chips=list(dict.fromkeys(one.reason for one in report.reasons)),
        reasons=list(_reasons(report)),
        failures=list(_failures(report)),
        outcome=_outcome,
        capital=lambda text: text[:1].upper() + text[1:],
        day=day,
        plural=plural,
        difference_of=difference_of,
    )
    return page.strip() + "\n"


def _rated(report: Report) -> bool:
    return any(one.rating.value is not None for one in report.contestants)


def _kpi_column(report: Report) -> str:
    """Return the head of the KPI's column; "" where another column has it already."""
    if report.kpi.name == "rating":
        return ""
    short = {
        "win_rate": "Win rate",
        "sendable_rate": "Can be sent",
        "as_is_rate": "Sent as it is",
        "breach_rate": "Breaks policy",
        "cost_per_answer": "USD per answer",
        "cost_per_sendable": "USD per sendable answer",
        "ttft": "First token",
    }
    return short[report.kpi.name]


def _row(one: ReportContestant) -> Row:
    """Return what the plot of an interval needs, as the row of a board."""
    return Row(
        contestant=one.name,
        description=one.description,
        organization=one.organization,
        license=None,
        rating=one.rating.value,
        lower=one.rating.lower,
        upper=one.rating.upper,
        rank=one.rank,
        rank_low=one.rank_low,
        rank_high=one.rank_high,
        votes=one.votes,
        wins=one.wins,
        losses=one.losses,
        ties=one.ties,
        both_bad=one.both_bad,
        win_rate=one.win_rate,
        avg_cost_usd=one.cost_usd.value,
        ttft_s=one.ttft_s.value,
        tokens_per_s=one.tokens_per_s,
        error_rate=one.error_rate,
        preliminary=one.preliminary,
        needs_votes=one.needs_votes,
        not_connected=one.not_connected,
    )


def _cells(report: Report, one: ReportContestant) -> dict[str, object]:
    low, high = one.rank_low, one.rank_high
    ranks = UNKNOWN if one.rank is None else str(one.rank)
    if low is not None and high is not None:
        ranks = f"{low}" if low == high else f"{low} to {high}"
    votes = f"{one.votes:,}" + (f", needs {one.needs_votes:,}" if one.preliminary else "")
    return {
        "name": one.name,
        "chosen": one.name == report.recommendation.choice,
        "pre": one.rank is None,
        "kpi": value_of(one.kpi.value, report.kpi.unit),
        "kpi_interval": interval_of(one.kpi, report.kpi.unit),
        "ranks": ranks,
        "rating": value_of(one.rating.value, "Elo"),
        "interval": interval_of(one.rating, "Elo"),
        "votes": votes,
        "win_rate": value_of(one.win_rate, "share"),
    }


def _usable(one: ReportContestant) -> tuple[str, ...]:
    unknown = ReportEstimate(None, None, None)
    cells = [one.name]
    for found in (one.sendable or unknown, one.as_is or unknown, one.breaches or unknown):
        cells += _pair(found, "share")
    return tuple(cells)


def _cost_head(report: Report) -> tuple[str, ...]:
    interval = "95 % interval"
    sendable = _asked(report) * ("Per answer that can be sent", interval)
    return ("Contestant", "Cost per answer", interval, *sendable)


def _costs(report: Report, one: ReportContestant) -> tuple[str, ...]:
    unknown = ReportEstimate(None, None, None)
    sendable = _asked(report) * _pair(one.cost_per_sendable_usd or unknown, "USD")
    return (one.name, *_pair(one.cost_usd, "USD"), *sendable)


def _speed(one: ReportContestant) -> tuple[str, ...]:
    speed = UNKNOWN if one.tokens_per_s is None else number(one.tokens_per_s, even=True)
    return (one.name, *_pair(one.ttft_s, "s"), speed, value_of(one.error_rate, "share"))


def _asked(report: Report) -> bool:
    return any(one.sendable is not None for one in report.contestants)


def _pair(found: ReportEstimate, unit: Unit) -> tuple[str, str]:
    return value_of(found.value, unit), interval_of(found, unit)


def _category_rows(category: ReportCategory) -> list[tuple[str, ...]]:
    return [
        (
            row.name,
            "-" if row.rank is None else str(row.rank),
            value_of(row.rating.value, "Elo"),
            interval_of(row.rating, "Elo"),
            f"{row.votes:,}",
        )
        for row in category.rows
    ]


def _agreement(report: Report) -> Iterator[tuple[str, ...]]:
    for one in report.agreement:
        alpha = UNKNOWN if one.alpha.value is None else _rounded(one.alpha.value)
        interval = UNKNOWN
        if one.alpha.lower is not None and one.alpha.upper is not None:
            interval = f"{_rounded(one.alpha.lower)} to {_rounded(one.alpha.upper)}"
        share = value_of(one.share, "share")
        yield one.who, f"{one.items:,}", f"{one.pairs:,}", share, alpha, interval


def _rounded(alpha: float) -> str:
    return f"{round(alpha, 2) + 0.0:.2f}"  # the sum turns minus nought into nought


def _without(report: Report) -> Iterator[tuple[str, ...]]:
    for one in report.exclusions.rows:
        ranks = ("-" if rank is None else str(rank) for rank in (one.rank, one.rank_with))
        yield one.name, *ranks, value_of(one.rating, "Elo"), value_of(one.rating_with, "Elo")


def _quartiles(report: Report) -> str:
    if report.voters.quartiles is None:
        return ""
    least, low, middle, high, most = (f"{value:.0f}" for value in report.voters.quartiles)
    return f"half of them cast {low} to {high}, the median is {middle}, from {least} to {most}"


def _groups(report: Report) -> Iterator[tuple[str, ...]]:
    for one in report.voters.groups:
        few = "fewer than 3, or withheld"
        yield (
            one.name,
            UNKNOWN if one.invited is None else f"{one.invited:,}",
            few if one.voters is None else f"{one.voters:,}",
            "withheld" if one.votes is None else f"{one.votes:,}",
        )


def _reasons(report: Report) -> Iterator[tuple[str, ...]]:
    """Yield for each contestant how often each reason was given: won, lost, neither."""
    chips = dict.fromkeys(one.reason for one in report.reasons)
    found = {(one.contestant, one.reason): one for one in report.reasons}
    for contestant in report.contestants:
        given = (found.get((contestant.name, chip)) for chip in chips)
        counts = ("-" if one is None else f"{one.won} · {one.lost} · {one.even}" for one in given)
        yield contestant.name, *counts


def _failures(report: Report) -> Iterator[tuple[str, ...]]:
    for one in report.failures:
        numbers = (one.answers, one.failed, one.timeouts, one.refusals, one.errors)
        yield one.contestant, *(f"{n:,}" for n in numbers)


def _outcome(one: ReportComment) -> str:
    return ({**_BECAME, **_EVEN}[one.outcome]).format(one.a, one.b)
