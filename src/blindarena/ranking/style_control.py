"""Bradley-Terry with style taken into account: how long, how many headers, lists and bold."""

from collections.abc import Sequence

import numpy as np

from blindarena.errors import InputError, NotIdentifiedError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.logistic import LogisticFit, fit_logistic
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.ranking.vote_blocks import BLOCK


def style_covariates(
    style_a: FloatArray,
    style_b: FloatArray,
    names: Sequence[str],
    *,
    plus: float = 0.0,
    centred: bool = False,
) -> FloatArray:
    """Turn style counts of both answers into covariates, the way LMArena does.

    Each is (a - b) / (a + b), 0 where both are 0, over its standard deviation: by how much more of
    the two answers' total came from side a. The deviation is taken around 0, because sides are
    shuffled, so that swapping the sides of a vote only turns its covariates round.

    Args:
        style_a: (n, F) counts of side a's answer, none negative: tokens, headers, ...
        style_b: (n, F) those of side b's.
        names: (F,) what they are called.
        plus: added to a + b; FastChat adds 1.
        centred: take the mean off first, as FastChat does. It lets the mean difference between
            the sides act as an advantage of one of them.

    Returns:
        (n, F) covariates for `fit_logistic`.

    Raises:
        InputError: a shape differs, or a count is negative or not a number.
        NotIdentifiedError: a covariate is the same in every vote; names it.

    Source: Li et al. (2024), Does style matter?, LMSYS blog of 29 August 2024.
    """
    for side, style in (("style_a", style_a), ("style_b", style_b)):
        if style.ndim != 2 or style.shape != (len(style_a), len(names)):
            raise InputError(
                f"{side} has shape {style.shape}; give one row per vote and one column per name"
            )
    # One column after the other in memory, since all that follows goes through columns.
    covariates = np.empty((len(names), len(style_a))).T
    for name, a, b, column in zip(names, style_a.T, style_b.T, covariates.T, strict=True):
        for side, values in (("a", a), ("b", b)):
            if len(values) and not (values.min() >= 0 and values.max() < np.inf):
                at = int((~((values >= 0) & (values < np.inf))).argmax())
                raise InputError(
                    f"{name!r} of side {side} in vote {at} is {values[at]}; give 0 or more"
                )
        for part in (slice(at, at + BLOCK) for at in range(0, len(column), BLOCK)):
            column[part] = _shares(a[part], b[part], plus)
        if not len(column) or np.ptp(column) == 0:
            raise NotIdentifiedError(
                f"{name!r} differs by the same share in every vote, so its coefficient has no "
                "estimate; leave it out"
            )
        if centred:
            column -= column.mean()
        column /= np.sqrt(column @ column / len(column))
    return covariates


def _shares(a: FloatArray, b: FloatArray, plus: float) -> FloatArray:
    """Return (a - b) / (a + b + plus), 0 where that divides by 0."""
    total = np.add(a, b, dtype=np.float64)
    total += plus
    difference = np.subtract(a, b, dtype=np.float64)
    return np.divide(difference, total, out=np.zeros(len(total)), where=total > 0)


def fit_style_control(
    votes: VoteArrays,
    style_a: FloatArray,
    style_b: FloatArray,
    names: Sequence[str],
    *,
    weights: FloatArray | None = None,
    prior_elo: float | None = None,
    coefficient_prior_elo: float | None = None,
    tol: float = 1e-9,
) -> LogisticFit:
    """Fit strengths and what style is worth, one coefficient per standard deviation of it.

    Coefficients are free unless a prior is stated: a silent penalty would shrink them, and leave
    part of what style does in the strengths.

    Args:
        votes: the votes.
        style_a: (n, F) style counts of side a's answer, see `style_covariates`.
        style_b: (n, F) those of side b's.
        names: (F,) what they are called.
        weights: (n,) weight of each vote; None is 1.
        prior_elo: see `fit_logistic`.
        coefficient_prior_elo: see `fit_logistic`.
        tol: see `fit_bradley_terry`.

    Raises:
        InputError, NotIdentifiedError, ConvergenceError: see `style_covariates`, `fit_logistic`.

    Source: Li et al. (2024), Does style matter?, LMSYS blog of 29 August 2024.
    """
    return fit_logistic(
        votes,
        style_covariates(style_a, style_b, names),
        names,
        weights=weights,
        prior_elo=prior_elo,
        coefficient_prior_elo=coefficient_prior_elo,
        tol=tol,
    )
