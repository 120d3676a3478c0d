"""Bradley-Terry with covariates of the single vote: style, or which side came first."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from blindarena.errors import ConvergenceError, InputError, NotIdentifiedError, SeparationError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.bradley_terry import check_identified, fit_bradley_terry
from blindarena.ranking.covariate_sums import CovariateSums
from blindarena.ranking.estimating import bread, covariance
from blindarena.ranking.intervals import normal_interval
from blindarena.ranking.laplacian import grounded
from blindarena.ranking.newton import Maximum, maximise
from blindarena.ranking.pair_model import precision_of
from blindarena.ranking.separation import check_open
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.ranking.vote_blocks import sort_by_pair
from blindarena.ranking.vote_cells import check_weights, vote_cells

OWN = 1e-9
"""A covariate is not determined where less than this share of its curvature is its own."""

FAR, VAGUE = 25.0, 100.0
"""A coefficient has run away where it moves some vote's log-odds by more than FAR nats, yet has a
standard error of more than VAGUE times itself: the likelihood is flat there, not at its top."""


FAINT, COARSE = 1e5, 1e-4
"""Width, in nats of log-odds, of a prior that only stops what runs away, and its tolerance."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LogisticFit:
    """Strengths and coefficients of covariates; an `Estimate`.

    Attributes:
        m: number of contestants.
        names: (F,) of the covariates.
        parameters: (m + F,) log-strengths in nats with mean 0, then coefficients in nats.
        hessian: (p, p) minus the second derivatives at `parameters`, the priors' included.
        meat: (p, p) sum over single votes of the score's outer product with itself.
        log_likelihood: of the weighted votes, without the priors.
        steps: Newton steps taken.
        gradient: largest gradient over curvature of any parameter, in nats.
        tol: what `gradient` was asked to be, before one last step.
    """

    m: int
    names: tuple[str, ...]
    parameters: FloatArray
    hessian: FloatArray = field(repr=False)
    meat: FloatArray = field(repr=False)
    log_likelihood: float
    steps: int
    gradient: float
    tol: float
    sums: CovariateSums = field(repr=False)

    @property
    def theta(self) -> FloatArray:
        """(m,) log-strengths in nats, mean 0, where covariates are 0."""
        return self.parameters[: self.m]

    @property
    def coefficients(self) -> FloatArray:
        """(F,) log-odds in nats per unit of each covariate."""
        return self.parameters[self.m :]

    def scores(self, groups: IntArray, n_groups: int) -> FloatArray:
        """Sum the scores of the votes by group, see `Estimate`."""
        return self.sums.scores(self.parameters, groups, n_groups)

    def covariance(self) -> FloatArray:
        """Return the (p, p) sandwich covariance for independent votes."""
        return covariance(self)

    def coefficient_interval(self, *, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Return lower and upper bounds of the coefficients, for independent votes."""
        variance = self.covariance().diagonal()[self.m :]
        return normal_interval(self.coefficients, variance, level=level)


def fit_logistic(
    votes: VoteArrays,
    covariates: FloatArray,
    names: Sequence[str],
    *,
    weights: FloatArray | None = None,
    prior_elo: float | None = None,
    coefficient_prior_elo: float | None = None,
    tol: float = 1e-9,
) -> LogisticFit:
    """Fit log-odds theta_a - theta_b + z @ beta; a tie or both-bad vote is half a win for both.

    Args:
        votes: the votes.
        covariates: (n, F) z of each vote, as seen from side a.
        names: (F,) what they are called, for errors and results.
        weights: (n,) weight of each vote; None is 1.
        prior_elo: standard deviation, in Elo points, of a normal prior of the strengths around
            their mean; None leaves them free.
        coefficient_prior_elo: the same for the coefficients, around 0; None leaves them free.
        tol: see `fit_bradley_terry`.

    Raises:
        InputError: a shape differs, or a covariate is infinite or not a number.
        NotIdentifiedError: no finite estimate exists; names the contestants or the covariate.
        SeparationError: that, because covariates foretell votes, alone or with strengths.
        ConvergenceError: tol was not reached.

    Source: Bradley and Terry (1952), Biometrika 39, 324-345, as a logistic regression: Agresti
        (2013), Categorical Data Analysis, section 11.6.
    """
    m = votes.m
    _check_covariates(votes, covariates, names)
    weights = check_weights(votes, weights)
    if m == 0:
        raise NotIdentifiedError("there are no contestants to rate")
    start = np.zeros(m + len(names))
    if prior_elo is None:
        if weights is not None:
            check_identified(vote_cells(votes, weights).pair_counts())
        start[:m] = fit_bradley_terry(votes.pair_counts()).theta
    sums = CovariateSums(sort_by_pair(votes, covariates, weights), names)
    precision = np.repeat(
        [precision_of(prior_elo), precision_of(coefficient_prior_elo)], [m, len(names)]
    )
    begun = sums.slopes(start)[1] + np.diag(precision) if names else np.zeros((0, 0))
    if coefficient_prior_elo is None:
        _check_determined(m, begun, names)
    free = bool(names) and prior_elo is None and coefficient_prior_elo is None
    try:
        found = maximise(sums, start, precision, tol=tol)
    except (NotIdentifiedError, ConvergenceError):
        if free:
            _check_separated(sums, start, begun, names)
        raise
    if free:
        check_open(begun, found.hessian, found.at, names, largest=sums.largest)
    if coefficient_prior_elo is None:
        _check_finite(sums, found, names)
    return LogisticFit(
        m=m,
        names=tuple(names),
        parameters=found.at,
        hessian=found.hessian,
        meat=sums.meat(found.at),
        log_likelihood=sums.value(found.at),
        steps=found.steps,
        gradient=found.gradient,
        tol=tol,
        sums=sums,
    )


def _check_covariates(votes: VoteArrays, covariates: FloatArray, names: Sequence[str]) -> None:
    """Raise InputError unless there is a finite number per vote and name."""
    if covariates.shape != (len(votes), len(names)):
        raise InputError(
            f"covariates has shape {covariates.shape}; give one row per vote ({len(votes)}) and "
            f"one column per name ({len(names)})"
        )
    for name, column in zip(names, covariates.T, strict=True):
        if (wrong := ~np.isfinite(column)).any():
            at = int(wrong.argmax())
            raise InputError(f"{name!r} of vote {at} is {column[at]}; it must be a finite number")


def _check_determined(m: int, hessian: FloatArray, names: Sequence[str]) -> None:
    """Raise NotIdentifiedError where a covariate is a sum of strengths or of other covariates."""
    if not names:
        return
    size = hessian.diagonal()[m:].copy()
    constant = (size == 0) | ~np.isfinite(size)
    if constant.any():
        raise NotIdentifiedError(
            f"{names[int(constant.argmax())]!r} is 0 in every vote; leave it out or state "
            "coefficient_prior_elo"
        )
    ground = int(hessian.diagonal()[:m].argmax())
    rest = np.delete(np.arange(m), ground)
    border = hessian[np.ix_(rest, np.arange(m, len(hessian)))]
    own = hessian[m:, m:].copy()
    if len(rest):
        own -= border.T @ np.linalg.solve(grounded(hessian[:m, :m], ground), border)
    for at, name in enumerate(names):
        if own[at, at] <= OWN * size[at]:
            alone = at == 0 or _own_share(hessian, m, at, rest, size) <= OWN
            by = "who meets whom and on which side" if alone else "the covariates before it"
            raise NotIdentifiedError(
                f"{name!r} is determined by {by}, so its coefficient has no estimate; leave it "
                "out or state coefficient_prior_elo"
            )
        column = own[:, at].copy()
        own -= np.outer(column, column) / column[at]


def _check_finite(sums: CovariateSums, found: Maximum, names: Sequence[str]) -> None:
    """Raise SeparationError where a covariate foretells votes so well that none is against."""
    if not names:
        return
    coefficient = np.abs(found.at[sums.m :])
    moved = coefficient * sums.largest
    error = np.sqrt(bread(sums.m, found.hessian).diagonal()[sums.m :])
    if ((moved > FAR) & (error > VAGUE * coefficient)).any():
        raise SeparationError(
            f"{names[int(moved.argmax())]!r} foretells votes without exception, so the larger its "
            "coefficient the better: no finite estimate; leave it out or state "
            "coefficient_prior_elo"
        )


def _check_separated(
    sums: CovariateSums, start: FloatArray, begun: FloatArray, names: Sequence[str]
) -> None:
    """Raise SeparationError where that is why a fit without priors found no maximum.

    A prior too wide to matter elsewhere stops it far out, where `check_open` can look.
    """
    m = sums.m
    precision = np.append(np.zeros(m), (sums.largest / FAINT) ** 2)
    try:
        found = maximise(sums, start, precision, tol=COARSE)
    except (NotIdentifiedError, ConvergenceError):
        return
    hessian = found.hessian - np.diag(precision)
    check_open(begun, hessian, found.at, names, largest=sums.largest)


def _own_share(
    hessian: FloatArray, m: int, covariate: int, rest: IntArray, size: FloatArray
) -> float:
    """Return which share of a covariate's curvature the strengths alone leave to it."""
    column = hessian[rest, m + covariate]
    explained = float(column @ np.linalg.solve(hessian[np.ix_(rest, rest)], column)) if m > 1 else 0
    return 1 - explained / float(size[covariate])
