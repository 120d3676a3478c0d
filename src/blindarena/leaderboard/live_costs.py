"""What answers cost and how fast they came, from the sums that are kept, beside the ratings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import numpy as np

from blindarena.domain.arenas import Contestant
from blindarena.domain.boards import ContestantStats
from blindarena.leaderboard.costs import MEASURES
from blindarena.leaderboard.live_fit import RANK_SEED
from blindarena.leaderboard.views import View
from blindarena.ranking import normal_interval
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.pareto import uncertain_front

Measure = Literal["cost", "ttft", "tokens_per_s"]
UNITS: Mapping[Measure, str] = {
    "cost": MEASURES["avg_cost_usd"],
    "ttft": MEASURES["ttft_s"],
    "tokens_per_s": MEASURES["tokens_per_s"],
}
_WORDS: Mapping[Measure, str] = {
    "cost": "cost",
    "ttft": "time to the first token",
    "tokens_per_s": "speed",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """(m,) a mean over the answers of each contestant; NaN where it is unknown.

    Attributes:
        error: its standard error; NaN where it has one answer only.
        number: answers that it is over.
    """

    mean: FloatArray
    error: FloatArray
    number: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPoint:
    """One contestant; `p_front` is the share of draws in which nobody beats it in both."""

    contestant: str
    x: float
    x_lower: float | None
    x_upper: float | None
    rating: float
    lower: float | None
    upper: float | None
    on_front: bool
    p_front: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFront:
    """Rating against a cost or a speed.

    Attributes:
        points: those that have a rank and a known x, the best rating first.
        unknown: those that have a rank and no known x.
    """

    x: Measure
    unit: str
    points: tuple[FrontPoint, ...]
    unknown: tuple[str, ...]
    warnings: tuple[str, ...]


def measured(view: View, measure: Measure) -> Measured:
    """Return a cost or speed of all contestants of a view."""
    return measured_of(view.source.contestants, view.source.stats, measure)


def measured_of(
    contestants: Sequence[Contestant], stats: Mapping[UUID, ContestantStats], measure: Measure
) -> Measured:
    """Return a cost or speed of contestants from the sums over their answers."""
    sums = [stats.get(one.id, ContestantStats(one.id)) for one in contestants]
    return _MEASURES[measure](lambda name: np.array([getattr(one, name) for one in sums], float))


def front_of(
    view: View,
    measure: Measure,
    theta: FloatArray,
    covariance: FloatArray,
) -> LiveFront:
    """Return who is beaten by nobody in both rating and cost.

    Args:
        view: of the board.
        measure: what stands against the rating; of tokens per second more is better.
        theta: (k,) log-strengths of those that have a rank, in the order of `view.ranked`.
        covariance: (k, k) theirs.
    """
    names, places = view.names, np.array(view.ranked, dtype=np.int64)
    found = measured(view, measure)
    mean, error = found.mean[places], found.error[places]
    known = np.isfinite(mean)
    unknown = tuple(names[i] for i in places[~known])
    warnings = list(view.fit.warnings)
    if not known.any() and len(places):
        warnings.append(f"The {_WORDS[measure]} of no contestant is known.")
    points: tuple[FrontPoint, ...] = ()
    if known.any():
        burden = -mean if measure == "tokens_per_s" else mean
        rng = np.random.default_rng(RANK_SEED)
        front = uncertain_front(theta, covariance, burden, rng, cost_error=np.nan_to_num(error))
        x_lower, x_upper = normal_interval(mean, error**2)
        estimates = view.fit.estimates
        best_first = np.argsort(-estimates.rating[places], kind="stable")
        points = tuple(
            FrontPoint(
                contestant=names[places[k]],
                x=float(mean[k]),
                x_lower=_known(max(0.0, x_lower[k]) if np.isfinite(x_lower[k]) else np.nan),
                x_upper=_known(x_upper[k]),
                rating=float(estimates.rating[places[k]]),
                lower=_known(estimates.lower[places[k]]),
                upper=_known(estimates.upper[places[k]]),
                on_front=bool(front.front[k]),
                p_front=float(front.probability[k]),
            )
            for k in best_first.tolist()
            if known[k]
        )
    return LiveFront(
        x=measure, unit=UNITS[measure], points=points, unknown=unknown, warnings=tuple(warnings)
    )


Column = Callable[[str], FloatArray]


def _cost(sums: Column) -> Measured:
    return _mean(sums("cost_sum"), sums("cost_sq"), sums("cost_n"))


def _ttft(sums: Column) -> Measured:
    return _mean(sums("ttft_sum"), sums("ttft_sq"), sums("ttft_n"))


def _speed(sums: Column) -> Measured:
    """Return tokens over seconds; Cochran (1977), Sampling Techniques, section 2.11."""
    tokens, seconds, n = sums("tokens_sum"), sums("generation_seconds_sum"), sums("speed_n")
    speed = _ratio(tokens, seconds)
    off = sums("tokens_sq") - 2 * speed * sums("tokens_seconds")
    off += speed**2 * sums("generation_seconds_sq")
    error = np.sqrt(_ratio(off.clip(min=0), n * (n - 1)))
    return Measured(speed, _ratio(error, _ratio(seconds, n)), n)


_MEASURES: Mapping[Measure, Callable[[Column], Measured]] = {
    "cost": _cost,
    "ttft": _ttft,
    "tokens_per_s": _speed,
}


def _mean(total: FloatArray, squares: FloatArray, n: FloatArray) -> Measured:
    mean = _ratio(total, n)
    off = (squares - n * mean**2).clip(min=0)
    return Measured(mean, np.sqrt(_ratio(off, n * (n - 1))), n)


def _ratio(total: FloatArray, over: FloatArray) -> FloatArray:
    ratio = np.full(len(total), np.nan)
    np.divide(total, over, out=ratio, where=over > 0)
    return ratio


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
