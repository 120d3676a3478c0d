"""What to recommend: the KPI that was declared, its margin, and what is certain so far."""

import math
from dataclasses import dataclass, replace

import numpy as np

from blindarena.leaderboard.reporting.facts import (
    ReportDifference,
    ReportKpi,
    ReportRecommendation,
    Unit,
)
from blindarena.leaderboard.reporting.words import difference_of, listed, plural, quoted
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.decide import Decision, decide_at_any_time, stopping_bounds
from blindarena.ranking.differences import difference_intervals, difference_variances
from blindarena.ranking.votes_needed import expected_spend

FARTHEST = 1000.0
"""So many times the votes so far is as far as a forecast looks."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Case:
    """What a recommendation is made from.

    Attributes:
        names: (k,) those whose KPI can be compared.
        value: (k,) their KPI, in its unit.
        covariance: (k, k) of the values, unit squared.
        cost: (k,) of an answer, NaN where it is unknown.
        votes: that count, on the whole board.
        contestants: there are, with votes or without.
        rated: some rating exists.
        first_needs: about how many more votes bring two contestants to the least number.
        left_out: who is not among `names`, each with the reason.
    """

    kpi: ReportKpi
    names: tuple[str, ...]
    value: FloatArray
    covariance: FloatArray
    cost: FloatArray
    votes: int
    contestants: int
    rated: bool = True
    first_needs: int | None = None
    left_out: tuple[str, ...] = ()


def recommend(case: Case) -> ReportRecommendation:
    """Recommend a contestant, or say why not yet, by bounds that hold at every look.

    The same rule as on the board: see `decide_at_any_time`.
    """
    if len(case.names) < 2:
        return _nothing(case)
    higher = case.kpi.direction == "higher"
    worth = case.value if higher else -case.value
    margin = case.kpi.margin
    found = decide_at_any_time(worth, case.covariance, margin=margin, cost=case.cost)
    difference = _difference(case, worth, found)
    base = ReportRecommendation(
        verdict="undecided",
        sentence="",
        leader=case.names[found.leader],
        runner_up=difference.runner_up,
        equals=tuple(case.names[i] for i in found.equals),
        undecided=tuple(case.names[i] for i in found.undecided),
        difference=difference,
        left_out=case.left_out,
    )
    if found.verdict == "undecided":
        return _undecided(case, base, worth)
    if found.verdict == "better":
        said = (
            f"Take {quoted(base.leader or '')}: its {case.kpi.title} is better than that of "
            f"{_rivals(case, found)}, with 95 % certainty; {case.kpi.sentence}."
        )
        return replace(base, verdict="better", choice=base.leader, sentence=said)
    return _equal(case, base, found)


def _rivals(case: Case, found: Decision) -> str:
    others = [name for i, name in enumerate(case.names) if i != found.leader]
    return quoted(others[0]) if len(others) == 1 else f"all {len(others)} others"


def _nothing(case: Case) -> ReportRecommendation:
    """Say why nothing can be compared."""
    title = case.kpi.title
    if case.contestants < 2:
        said = "No decision: an arena needs two contestants, and this one has "
        said += "one." if case.contestants else "none."
    elif not case.votes:
        said = "No decision yet: there are no votes that count."
    elif not case.rated and case.kpi.name == "rating":
        said = (
            "No decision yet: no chain of wins and ties leads from one contestant to another and "
            "back, so there is no rating; more votes between them would change that."
        )
    elif case.first_needs:
        said = (
            f"No decision yet, and about {plural(case.first_needs, 'more vote')} would change that "
            "at the earliest: too few contestants have the votes that a comparison takes."
        )
    else:
        said = f"No decision yet: the {title} of fewer than two contestants is known."
    return ReportRecommendation(
        verdict="none", sentence=said, votes_needed=case.first_needs, left_out=case.left_out
    )


def _undecided(case: Case, base: ReportRecommendation, worth: FloatArray) -> ReportRecommendation:
    needed = votes_to_decide(worth, case.covariance, margin=case.kpi.margin, votes=case.votes)
    first = "No decision yet, and nothing foretells how many more votes would change that"
    spend = None
    if needed is not None:
        first = f"No decision yet, and about {plural(needed, 'more vote')} would change that"
        known = case.cost[np.isfinite(case.cost)]
        spend = expected_spend(needed, float(known.mean())) if len(known) else None
    said = (
        f"{first}: {quoted(base.leader or '')} leads by {case.kpi.title}, but it is open whether "
        f"it is better than {listed(base.undecided, last='or')}."
    )
    return replace(base, sentence=said, votes_needed=needed, spend_usd=spend)


def _equal(case: Case, base: ReportRecommendation, found: Decision) -> ReportRecommendation:
    apart = difference_of(case.kpi.margin, case.kpi.unit)
    unknown = [case.names[i] for i in found.equals.tolist() if not math.isfinite(case.cost[i])]
    first = (
        f"Practically equal: {listed(base.equals)} are less than {apart} apart, with 95 % certainty"
    )
    if unknown:
        said = (
            f"{first}; take the cheaper: which one that is, is open, as the price of "
            f"{listed(unknown)} is unknown."
        )
        return replace(base, verdict="equal", sentence=f"{said} {_capital(case.kpi.sentence)}.")
    choice = case.names[found.leader if found.choice is None else found.choice]
    said = f"{first}; take {quoted(choice)}, the cheaper"
    if not _cheapest(case, found, choice):
        said = f"{first}; take {quoted(choice)}, the cheapest that nobody is ahead of by more"
    said += f"; {case.kpi.sentence}."
    return replace(base, verdict="equal", choice=choice, sentence=said)


def _cheapest(case: Case, found: Decision, choice: str) -> bool:
    """Say whether the choice costs the least of all equals."""
    return bool(case.cost[case.names.index(choice)] <= case.cost[found.equals].min())


def votes_to_decide(
    worth: FloatArray, covariance: FloatArray, *, margin: float, votes: int
) -> int | None:
    """Return about how many more votes let the rule stop, where they go on like those so far.

    The estimates stay and the covariance falls as 1 / votes.

    Args:
        worth: (k,) values, more is better.
        covariance: (k, k) theirs.
        margin: smallest difference that matters.
        votes: so far.

    Returns:
        None where votes so far foretell nothing, or it would take more than FARTHEST times them.
    """
    variances = difference_variances(covariance)
    leader = int(worth.argmax())
    others = np.arange(len(worth)) != leader
    if votes < 1 or not (variances[leader, others] > 0).all():
        return None

    def open_at(times: float) -> bool:
        found = decide_at_any_time(worth, covariance / times, margin=margin)
        return found.verdict == "undecided"

    if open_at(FARTHEST):
        return None
    low, high = 1.0, FARTHEST
    while high / low > 1.001:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if open_at(middle) else (low, middle)
    return max(1, _rounded(votes * (high - 1)))


def _rounded(votes: float) -> int:
    """Round a forecast up to two digits: more would look certain."""
    step = 10 ** max(0, math.floor(math.log10(max(votes, 1))) - 1)
    return int(math.ceil(votes / step) * step)


def _difference(case: Case, worth: FloatArray, found: Decision) -> ReportDifference:
    order = np.argsort(-worth, kind="stable")
    one, two = found.leader, next(int(i) for i in order if i != found.leader)
    lower, upper = difference_intervals(worth, case.covariance)
    low, high = stopping_bounds(worth, case.covariance, margin=case.kpi.margin)
    if case.kpi.unit == "share":  # two shares are never farther apart than 0 and 1
        lower, upper = lower.clip(-1.0, 1.0), upper.clip(-1.0, 1.0)
        finite = np.isfinite(low)
        low, high = (np.where(finite, one.clip(-1.0, 1.0), one) for one in (low, high))
    known = bool(difference_variances(case.covariance)[one, two] > 0)
    unit, margin = case.kpi.unit, case.kpi.margin
    gap = float(worth[one] - worth[two])
    bounds = (
        *((float(lower[one, two]), float(upper[one, two])) if known else (None, None)),
        *(
            (float(low[one, two]), float(high[one, two]))
            if math.isfinite(low[one, two])
            else (None, None)
        ),
    )
    first, second = quoted(case.names[one]), quoted(case.names[two])
    said = f"{first} is {difference_of(gap, unit)} better than {second}"
    if bounds[0] is not None and bounds[1] is not None:
        said += f" (95 %: {_span(bounds[0], bounds[1], unit)} for a number fixed in advance"
        if bounds[2] is not None and bounds[3] is not None:
            said += f"; {_span(bounds[2], bounds[3], unit)} at every look, for all rivals together"
        said += ")"
    said += f". The smallest difference that matters is {difference_of(margin, unit)}"
    return ReportDifference(
        leader=case.names[one],
        runner_up=case.names[two],
        value=gap,
        lower=bounds[0],
        upper=bounds[1],
        anytime_lower=bounds[2],
        anytime_upper=bounds[3],
        sentence=f"{said}{_against(margin, bounds[2], bounds[3])}.",
    )


def _span(lower: float, upper: float, unit: Unit) -> str:
    low = difference_of(lower, unit, sign=True)
    high = difference_of(upper, unit, sign=True)
    return f"{low.rpartition(' ')[0]} to {high}"


def _against(margin: float, lower: float | None, upper: float | None) -> str:
    """Say where the difference lies relative to the margin."""
    if lower is None or upper is None:
        return ""
    if lower > margin:
        return ": the lead is larger, with 95 % certainty"
    if upper < margin and lower > -margin:
        return ": the difference is smaller, with 95 % certainty"
    if upper < margin:
        return ": the lead is smaller, with 95 % certainty"
    return ": whether the lead is that large is open"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
