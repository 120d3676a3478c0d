"""How ratings scatter when the votes are drawn again."""

from dataclasses import dataclass, field

import numpy as np

from blindarena.errors import ConvergenceError, InputError, NotIdentifiedError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.bradley_terry import check_identified, fit_bradley_terry
from blindarena.ranking.laplacian import flat_pairs, grounded, invert_positive, laplacian
from blindarena.ranking.pair_counts import PairCounts
from blindarena.ranking.resampling import resample
from blindarena.ranking.round_sums import RoundSums, merged

MAX_STEPS = 30
CHUNK = 8_000_000
"""Cells of all rounds worked on at a time, at most."""

WILD = 30.0
"""Strengths in nats beyond which a round is left to a fit of its own."""

MOST_WITHOUT = 0.05
"""Share of rounds without a finite fit up to which the others are still reported."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Bootstrap:
    """Strengths fitted to votes that were drawn again with replacement.

    Attributes:
        theta: (rounds, m) log-strengths in nats, each round with mean 0.
        unidentified: rounds that were left out, because they had no finite maximum.
        tol: largest gradient over curvature at which a round was taken as converged, in nats.
    """

    theta: FloatArray = field(repr=False)
    unidentified: int
    tol: float

    @property
    def probability_best(self) -> FloatArray:
        """(m,) bootstrap probability of being best: share of rounds with the highest strength.

        It is not the probability that the contestant is the best, which needs a prior.
        """
        best = self.theta.argmax(axis=1)
        return np.bincount(best, minlength=self.theta.shape[1]) / len(self.theta)

    def covariance(self) -> FloatArray:
        """Return the (m, m) covariance of the strengths over the rounds."""
        return np.atleast_2d(np.cov(self.theta, rowvar=False))

    def interval(self, *, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Return (m,) the quantiles that leave out equal shares of the rounds at both ends."""
        tails = [(1 - level) / 2, (1 + level) / 2]
        lower, upper = np.quantile(self.theta, tails, axis=0, method="weibull")
        return lower, upper


def bootstrap(
    counts: PairCounts,
    rng: np.random.Generator,
    *,
    rounds: int = 1000,
    theta: FloatArray | None = None,
    tol: float = 1e-9,
) -> Bootstrap:
    """Draw as many votes as there are, with replacement, and fit Bradley-Terry, many times.

    The number of votes in each cell (a pair and an outcome) is multinomial, so a round costs the
    same for any number of votes and is exactly what drawing single votes would give. All rounds
    are solved at once: the first steps share one inverse, that of the votes' own Hessian; a round
    that is too far from it has a Newton fit of its own.

    Args:
        counts: votes per pair, strongly connected.
        rng: draws the votes; the same state draws the same ones.
        rounds: how often, at least 2.
        theta: (m,) the fit of `counts`, where it is known.
        tol: see `Bootstrap`.

    Raises:
        InputError: fewer than two rounds.
        NotIdentifiedError: too many rounds have no finite maximum, or `counts` has none.

    Source: Efron (1979), Annals of Statistics 7, 1-26.
    """
    if rounds < 2:
        raise InputError(f"cannot bootstrap {rounds} rounds; give 2 or more")
    check_identified(counts)
    centre = fit_bradley_terry(counts).theta if theta is None else theta
    if counts.m == 1:
        return Bootstrap(theta=np.zeros((rounds, 1)), unidentified=0, tol=tol)
    counts = merged(counts)
    shared = _inverse(counts, centre)
    cells = np.concatenate([counts.wins_first, counts.wins_second, counts.ties])
    found = []
    size = max(1, CHUNK // len(cells))
    for begin in range(0, rounds, size):
        drawn = resample(cells, rng, rounds=min(size, rounds - begin))
        found.append(_fit_rounds(counts, drawn, centre, shared, tol))
    fitted = np.concatenate(found)
    finite = np.isfinite(fitted[:, 0])
    unidentified = rounds - int(finite.sum())
    if unidentified > MOST_WITHOUT * rounds:
        raise NotIdentifiedError(
            f"{unidentified} of {rounds} bootstrap rounds have no finite ratings: some contestant "
            "has won or lost too few votes; leave it out, collect more votes, or use the sandwich"
        )
    return Bootstrap(theta=fitted[finite], unidentified=unidentified, tol=tol)


def _inverse(counts: PairCounts, theta: FloatArray) -> FloatArray:
    """Return an (m, m) inverse of the Hessian at `theta`, a common shift left at 0."""
    lead = theta[counts.first] - theta[counts.second]
    chance = 1 / (1 + np.exp(-lead))
    pairs = flat_pairs(counts.m, counts.first, counts.second)
    hessian = laplacian(counts.m, pairs, counts.votes * chance * (1 - chance))
    ground = int(hessian.diagonal().argmax())
    inverse = invert_positive(grounded(hessian, ground))
    return np.insert(np.insert(inverse, ground, 0, axis=0), ground, 0, axis=1)


def _fit_rounds(
    counts: PairCounts, drawn: IntArray, centre: FloatArray, shared: FloatArray, tol: float
) -> FloatArray:
    """Return (rounds, m) strengths of (3 * pairs, rounds) votes; NaN where there is no maximum."""
    rounds = drawn.shape[1]
    sums = RoundSums(counts.m, counts.first, counts.second, drawn)
    curvature = sums.curvature(centre)
    fitted = np.full((rounds, counts.m), np.nan)
    todo = np.arange(rounds)
    theta = np.repeat(centre[:, np.newaxis], rounds, axis=1)
    for _ in range(MAX_STEPS):
        gradient = sums.scores - sums.expected(theta)
        # No curvature falls below exp(-range) of that at the centre: see ALWAYS_CLIMBS.
        least = curvature * np.exp(-np.ptp(theta - centre[:, np.newaxis], axis=0))
        ready = (np.abs(gradient) <= tol * least).all(axis=0)
        theta += shared @ gradient
        fitted[todo[ready]] = (theta[:, ready] - theta[:, ready].mean(axis=0)).T
        tame = np.abs(theta).max(axis=0) < WILD
        going = np.flatnonzero(~ready & tame)
        if not len(going):
            break
        # Copying the votes of those that go on costs as much as two steps.
        if len(going) <= len(todo) / 2 or not tame.all():
            todo, theta, curvature = todo[going], theta[:, going], curvature[:, going]
            sums.keep(going)
    for row in np.flatnonzero(np.isnan(fitted[:, 0])):
        fitted[row] = _fit_alone(counts, drawn[:, row].astype(np.int64), tol)
    return fitted


def _fit_alone(counts: PairCounts, drawn: IntArray, tol: float) -> FloatArray:
    """Fit one round by Newton's method of its own."""
    try:
        return fit_bradley_terry(
            PairCounts(counts.m, counts.first, counts.second, *drawn.reshape(3, -1)), tol=tol
        ).theta
    except (NotIdentifiedError, ConvergenceError):
        return np.full(counts.m, np.nan)
