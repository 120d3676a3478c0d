"""Rating and cost as one order, from what 100 Elo points are said to be worth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blindarena.leaderboard.costs import Costs
from blindarena.leaderboard.options import Options
from blindarena.ranking import overlap_ranks
from blindarena.ranking.anytime import anytime_interval
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.intervals import t_interval
from blindarena.ranking.pareto import utility

COST = "avg_cost_usd"


@dataclass(frozen=True, slots=True, kw_only=True)
class UtilityRow:
    """What an answer of a model is worth less what it costs, in USD, with a 95 % interval.

    Attributes:
        rank: 1 + how many are better for certain.
        value: relative to the worth of the mean rating.
        cost: of an answer.
    """

    contestant: str
    rank: int
    value: float
    lower: float
    upper: float
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UtilityOrder:
    """Rating and cost as one order.

    Attributes:
        value_of_100_elo: what 100 Elo points were said to be worth in an answer, in `currency`.
        rows: those whose cost is known, the best first.
        unknown: the others.
    """

    value_of_100_elo: float
    currency: str
    rows: tuple[UtilityRow, ...]
    unknown: tuple[str, ...]


def utility_order(
    costs: Costs,
    theta: FloatArray,
    covariance: FloatArray,
    models: Sequence[str],
    options: Options,
    *,
    places: IntArray,
    df: float | None,
) -> UtilityOrder:
    """Order models by utility.

    Args:
        costs: of all models.
        theta: (k,) log-strengths of those that are rated.
        covariance: (k, k) of theta.
        models: (k,) their names.
        options: `value_of_100_elo` is used.
        places: (k,) where they are among all models.
        df: degrees of freedom of the covariance; None takes it for known.
    """
    worth = options.value_of_100_elo or 0.0
    cost = costs.mean[COST][places]
    error = np.nan_to_num(costs.error[COST][places])
    found = utility(
        theta - theta.mean(), covariance, cost, value_of_100_elo=worth, cost_error=error
    )
    variance = found.covariance.diagonal()
    if options.interval == "anytime":
        lower, upper = anytime_interval(found.value, variance)
    elif df is not None:
        lower, upper = t_interval(found.value, variance, np.full(len(theta), df))
    else:
        lower, upper = found.interval()
    order = np.array(found.order, dtype=np.int64)
    ranks = overlap_ranks(lower[order], upper[order])
    rows = tuple(
        UtilityRow(
            contestant=models[i],
            rank=int(rank),
            value=float(found.value[i]),
            lower=float(lower[i]),
            upper=float(upper[i]),
            cost=float(cost[i]),
        )
        for i, rank in zip(order.tolist(), ranks, strict=True)
    )
    unknown = tuple(models[i] for i in np.flatnonzero(np.isnan(cost)).tolist())
    return UtilityOrder(value_of_100_elo=worth, currency="USD", rows=rows, unknown=unknown)
