"""Correlation of two evaluations when their items, and not the contestants, are drawn anew."""

import numpy as np

from blindarena.analysis.agreement import FloatArray, Interval
from blindarena.analysis.correlation import Kind, weighted
from blindarena.analysis.draws import percentiles
from blindarena.analysis.scores import check_scores
from blindarena.errors import InputError

_AT_ONCE = 100


def draw_means(values: FloatArray, *, seed: int, rounds: int = 1000) -> FloatArray:
    """Return (rounds, m) mean scores, each round of as many questions drawn with replacement.

    Args:
        values: (questions, m) score of each contestant on each question, over turns and repeats;
            NaN where a contestant has none.
        seed: the same seed draws the same questions.
        rounds: how often.

    Returns:
        NaN where a round has no question of a contestant.

    Raises:
        InputError: there is no question.
    """
    if values.ndim != 2 or not len(values):
        raise InputError(f"values has shape {values.shape}; give (questions, m)")
    rng = np.random.default_rng(seed)
    g = len(values)
    given = ~np.isnan(values)
    filled, found = np.where(given, values, 0.0), []
    for start in range(0, rounds, _AT_ONCE):
        drawn = rng.multinomial(g, np.full(g, 1 / g), size=min(_AT_ONCE, rounds - start))
        n = drawn @ given
        found.append(np.where(n > 0, drawn @ filled / np.maximum(n, 1), np.nan))
    return np.concatenate(found)


def correlation_over_draws(
    one: FloatArray, other: FloatArray, *, kind: Kind, seed: int, level: float = 0.95
) -> Interval | None:
    """Return the percentile interval of a correlation over draws of both evaluations.

    It says how far the value depends on which items were asked, with these contestants; the noise
    of both evaluations draws it towards 0, so the interval may lie below the value itself.

    Args:
        one: (rounds, m) scores by draw, as `draw_means` or a rating's bootstrap gives them; or (m,)
            scores taken as they are.
        other: as `one`; where both are draws, rounds of the one meet rounds of the other in order.
        kind: which coefficient.
        seed: recorded in the interval, as the draws were made with it.
        level: of the interval.

    Returns:
        None where a tenth of the rounds has equal scores only.

    Raises:
        InputError: shapes differ, or neither is draws.
    """
    draws = [a if a.ndim == 2 else a[np.newaxis] for a in (one, other)]
    rounds = max(len(a) for a in draws)
    if draws[0].shape[1] != draws[1].shape[1] or any(len(a) not in (1, rounds) for a in draws):
        raise InputError(
            f"one has shape {one.shape}, other {other.shape}; give the same contestants, and as "
            "many rounds"
        )
    if rounds < 2:
        raise InputError("neither evaluation has draws; give (rounds, m) for one of them")
    check_scores(*(np.nanmean(a, axis=0) for a in draws))
    x, y = (np.broadcast_to(a, (rounds, a.shape[1])) for a in draws)
    whole = ~(np.isnan(x).any(axis=1) | np.isnan(y).any(axis=1))
    values = np.full(rounds, np.nan)
    values[whole] = _by_row(x[whole], y[whole], kind)
    return percentiles(values, seed=seed, level=level)


def _by_row(one: FloatArray, other: FloatArray, kind: Kind) -> FloatArray:
    """Return (rounds,) coefficients of the rows."""
    if kind != "kendall":
        from scipy.stats import rankdata  # takes time to import

        ranked = kind == "spearman"
        x, y = (rankdata(a, axis=1) if ranked else np.asarray(a) for a in (one, other))
        x, y = (a - a.mean(axis=1, keepdims=True) for a in (x, y))
        below = np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
        return np.where(below > 0, (x * y).sum(axis=1) / np.where(below > 0, below, 1), np.nan)
    alone = np.ones((1, one.shape[1]))
    return np.array([weighted(alone, a, b, kind=kind)[0] for a, b in zip(one, other, strict=True)])
