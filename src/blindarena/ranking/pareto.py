"""Quality against cost or speed: who is worth looking at, and one order from a stated value."""

from dataclasses import dataclass, field

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import BoolArray, FloatArray
from blindarena.ranking.intervals import normal_interval
from blindarena.ranking.scale import ELO_PER_NAT


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ParetoFront:
    """Who is not beaten in both respects by anybody.

    Attributes:
        front: (m,) on the front by the estimates; never where the cost is unknown.
        probability: (m,) share of draws from the estimates' errors in which it is; NaN where the
            cost is unknown.
        draws: how many there were.
    """

    front: BoolArray
    probability: FloatArray
    draws: int


def pareto_front(rating: FloatArray, cost: FloatArray) -> BoolArray:
    """Return (..., m) whether nobody is as good and as cheap, and better in one of the two.

    Args:
        rating: (..., m) higher is better.
        cost: (..., m) lower is better; NaN is unknown and leaves the contestant out.
    """
    known = ~np.isnan(cost)
    rating, cost = np.where(known, rating, -np.inf), np.where(known, cost, np.inf)
    best_first = np.lexsort((cost, -rating), axis=-1)
    better_or_equal = np.take_along_axis(rating, best_first, axis=-1)
    sorted_cost = np.take_along_axis(cost, best_first, axis=-1)
    cheapest = np.minimum.accumulate(sorted_cost, axis=-1)
    before = np.concatenate([np.full((*cost.shape[:-1], 1), np.inf), cheapest[..., :-1]], axis=-1)
    same = np.zeros(cost.shape, dtype=np.bool_)
    same[..., 1:] = better_or_equal[..., 1:] == better_or_equal[..., :-1]
    same[..., 1:] &= sorted_cost[..., 1:] == sorted_cost[..., :-1]
    front = sorted_cost < before
    for i in range(1, front.shape[-1]):  # equals stand or fall together
        front[..., i] |= same[..., i] & front[..., i - 1]
    result = np.empty_like(front)
    np.put_along_axis(result, best_first, front, axis=-1)
    return np.asarray(result & known)


def uncertain_front(
    theta: FloatArray,
    covariance: FloatArray,
    cost: FloatArray,
    rng: np.random.Generator,
    *,
    cost_error: FloatArray | None = None,
    draws: int = 4000,
) -> ParetoFront:
    """Find the front and how often each contestant is on it when the errors are drawn.

    Args:
        theta: (m,) log-strengths.
        covariance: (m, m) theirs.
        cost: (m,) of an answer, time to first token, or minus tokens per second: lower is better;
            NaN where it is unknown.
        rng: draws the errors.
        cost_error: (m,) standard errors of the costs, independent of the votes; None is 0.
        draws: how many.

    Raises:
        InputError: fewer than one draw, or shapes differ.
    """
    m = len(theta)
    if cost.shape != (m,) or (cost_error is not None and cost_error.shape != (m,)):
        raise InputError(f"cost has shape {cost.shape}; give one number for each of {m}")
    if draws < 1:
        raise InputError(f"cannot take {draws} draws; give 1 or more")
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(values.clip(min=0))
    ratings = theta + rng.standard_normal((draws, m)) @ root.T
    costs = np.tile(cost, (draws, 1))
    if cost_error is not None:
        costs += cost_error * rng.standard_normal((draws, m))
    share = pareto_front(ratings, costs).mean(axis=0)
    return ParetoFront(
        front=pareto_front(theta, cost),
        probability=np.where(np.isnan(cost), np.nan, share),
        draws=draws,
    )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Utility:
    """What an answer is worth less what it costs, in the unit of the cost.

    Attributes:
        value: (m,) relative to the mean rating's worth; NaN where the cost is unknown.
        covariance: (m, m) its covariance.
        order: contestants from the best to the worst, those of unknown cost left out.
        value_of_100_elo: what 100 Elo points were said to be worth in each answer.
    """

    value: FloatArray
    covariance: FloatArray = field(repr=False)
    order: tuple[int, ...]
    value_of_100_elo: float

    def interval(self, *, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Return (m,) bounds that each hold with probability `level`."""
        return normal_interval(self.value, self.covariance.diagonal(), level=level)


def utility(
    theta: FloatArray,
    covariance: FloatArray,
    cost: FloatArray,
    *,
    value_of_100_elo: float,
    cost_error: FloatArray | None = None,
) -> Utility:
    """Make quality and cost one order by saying what quality is worth.

    Its `value` and `covariance` can be compared like strengths, such as by
    `simultaneous_differences`, once those of unknown cost are left out.

    Args:
        theta: (m,) log-strengths in nats.
        covariance: (m, m) theirs.
        cost: (m,) of an answer; NaN where it is unknown.
        value_of_100_elo: what 100 Elo points more are worth in an answer, in the unit of the cost.
        cost_error: (m,) standard errors of the costs, independent of the votes; None is 0.

    Raises:
        InputError: the value is not a number above 0, or shapes differ.
    """
    if not 0 < value_of_100_elo < np.inf:
        raise InputError(f"100 Elo points are worth {value_of_100_elo}; give a number above 0")
    if cost.shape != theta.shape:
        raise InputError(f"cost has shape {cost.shape}; give one number for each of {len(theta)}")
    worth = value_of_100_elo * ELO_PER_NAT / 100
    value = worth * theta - cost
    spread = worth**2 * covariance
    if cost_error is not None:
        spread = spread + np.diag(cost_error**2)
    known = np.flatnonzero(~np.isnan(value))
    order = known[np.argsort(-value[known], kind="stable")]
    return Utility(
        value=value,
        covariance=spread,
        order=tuple(order.tolist()),
        value_of_100_elo=value_of_100_elo,
    )
