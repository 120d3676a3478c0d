"""What answers cost and how fast they came, where the votes say so, beside their quality."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from blindarena.domain.boards import ContestantStats
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.pareto import uncertain_front
from blindarena.votes.table import VoteTable

MEASURES = {
    "avg_cost_usd": "USD per answer",
    "ttft_s": "seconds to the first token",
    "tokens_per_s": "tokens per second",
}
"""Keys of a row, with their unit; of the last one more is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontRow:
    """One model beside its cost; `probability` is the share of draws with it on the front."""

    contestant: str
    rating: float
    cost: float
    on_front: bool
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Who is not beaten in both rating and cost by anybody.

    Attributes:
        measure: a key of MEASURES.
        rows: those whose cost is known, the best rating first.
        unknown: the others.
    """

    measure: str
    rows: tuple[FrontRow, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Costs:
    """(m,) sums over the answers of each model that have a number.

    Attributes:
        mean, error: by measure, the mean and its standard error; NaN where it is unknown.
        stats: for the rows of a board, by number of the contestant.
    """

    mean: Mapping[str, FloatArray]
    error: Mapping[str, FloatArray]
    stats: Mapping[UUID, ContestantStats]


def costs_of(table: VoteTable) -> Costs:
    """Average the costs and speeds of both sides' answers by model."""
    cost, cost_error, cost_sum, cost_n = _mean(table, _sides(table, "cost_usd"))
    ttft, ttft_error, ttft_sum, ttft_n = _mean(table, _sides(table, "ttft_s"))
    seconds = _sides(table, "seconds") - _sides(table, "ttft_s")
    tokens = np.where(seconds > 0, _sides(table, "tokens"), np.nan)
    seconds = np.where(np.isnan(tokens), np.nan, seconds)
    _, _, tokens_sum, _ = _mean(table, tokens)
    mean_seconds, _, seconds_sum, speed_n = _mean(table, seconds)
    speed = _ratio(tokens_sum, seconds_sum)
    sides = np.stack([table.votes.a, table.votes.b])
    # the error of a ratio of sums: Cochran (1977), Sampling Techniques, section 2.11
    _, off, _, _ = _mean(table, tokens - speed[sides] * seconds)
    stats = {
        UUID(int=i + 1): ContestantStats(
            UUID(int=i + 1),
            cost_sum=float(cost_sum[i]),
            cost_n=int(cost_n[i]),
            ttft_sum=float(ttft_sum[i]),
            ttft_n=int(ttft_n[i]),
            tokens_sum=round(float(tokens_sum[i])),
            generation_seconds_sum=float(seconds_sum[i]),
        )
        for i in range(table.votes.m)
        if cost_n[i] or ttft_n[i] or speed_n[i]
    }
    return Costs(
        mean={"avg_cost_usd": cost, "ttft_s": ttft, "tokens_per_s": speed},
        error={
            "avg_cost_usd": cost_error,
            "ttft_s": ttft_error,
            "tokens_per_s": _ratio(off, mean_seconds),
        },
        stats=stats,
    )


def fronts_of(
    costs: Costs,
    theta: FloatArray,
    rating: FloatArray,
    covariance: FloatArray,
    models: Sequence[str],
    *,
    places: IntArray,
    seed: int,
) -> tuple[Front, ...]:
    """Return the front for each measure that two models or more have.

    Args:
        costs: of all models.
        theta: (k,) log-strengths of those that are rated.
        rating: (k,) the same in Elo points.
        covariance: (k, k) of theta.
        models: (k,) their names.
        places: (k,) where they are among all models.
        seed: of the draws.
    """
    found = []
    for measure in MEASURES:
        mean = costs.mean[measure][places]
        known = np.isfinite(mean)
        if known.sum() < 2:
            continue
        error = np.nan_to_num(costs.error[measure][places])
        burden = -mean if measure == "tokens_per_s" else mean
        front = uncertain_front(
            theta, covariance, burden, np.random.default_rng(seed), cost_error=error
        )
        rows = tuple(
            FrontRow(
                contestant=models[i],
                rating=float(rating[i]),
                cost=float(mean[i]),
                on_front=bool(front.front[i]),
                probability=float(front.probability[i]),
            )
            for i in np.argsort(-rating, kind="stable").tolist()
            if known[i]
        )
        unknown = tuple(models[i] for i in np.flatnonzero(~known).tolist())
        found.append(Front(measure=measure, rows=rows, unknown=unknown))
    return tuple(found)


def _sides(table: VoteTable, name: str) -> FloatArray:
    """Return (2, n) a number of both sides, NaN where it is unknown."""
    missing = np.full(len(table.votes), np.nan)
    return np.stack([table.numbers.get(f"{name}_{side}", missing) for side in "ab"])


def _mean(
    table: VoteTable, values: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return (m,) mean, its standard error, sum and number of what is known by model."""
    votes = table.votes
    model = np.concatenate([votes.a, votes.b]).astype(np.int64)
    each = np.ones(len(votes)) if votes.count is None else votes.count.astype(np.float64)
    flat = values.ravel()
    known = np.isfinite(flat)
    weight = np.where(known, np.concatenate([each, each]), 0)
    flat = np.where(known, flat, 0)
    number, total, squares = (
        np.bincount(model, weight * power, votes.m).astype(np.float64)
        for power in (1, flat, flat**2)
    )
    mean = _ratio(total, number)
    variance = (_ratio(squares, number) - mean**2).clip(min=0)
    error: FloatArray = np.sqrt(_ratio(variance, number - 1))
    return mean, error, total, number


def _ratio(total: FloatArray, over: FloatArray) -> FloatArray:
    ratio = np.full(len(total), np.nan)
    np.divide(total, over, out=ratio, where=over > 0)
    return ratio
