"""How ratings scatter when the votes are drawn again."""

from dataclasses import dataclass, field

import numpy as np

from blindarena.errors import ConvergenceError, InputError, NotIdentifiedError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.bradley_terry import check_identified, fit_bradley_terry
from blindarena.ranking.laplacian import flat_pairs, grounded, invert_positive, laplacian
from blindarena.ranking.pair_counts import PairCounts

MAX_STEPS = 30
CHUNK = 4_000_000
"""Numbers in a work array at most."""

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
    tol: float = 1e-7,
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
    shared = _inverse(counts, centre)
    cells = np.concatenate([counts.wins_first, counts.wins_second, counts.ties])
    seen = np.flatnonzero(cells)
    total = int(cells.sum())
    found = []
    size = max(1, CHUNK // (3 * len(counts.first)))
    for begin in range(0, rounds, size):
        drawn = np.zeros((min(size, rounds - begin), len(cells)), dtype=np.int64)
        drawn[:, seen] = rng.multinomial(total, cells[seen] / total, size=len(drawn))
        found.append(_fit_rounds(counts, drawn.reshape(len(drawn), 3, -1), centre, shared, tol))
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
    """Return (rounds, m) strengths of (rounds, 3, pairs) votes; NaN where there is no maximum."""
    # SciPy's matrices take time to import: only those who bootstrap pay for it.
    from scipy.sparse import csr_array

    pairs, rounds = len(counts.first), len(drawn)
    ends = np.concatenate([counts.first, counts.second])
    both = csr_array((np.ones(2 * pairs), (ends, np.tile(np.arange(pairs), 2))))
    signs = np.repeat([1.0, -1.0], pairs)
    apart = csr_array((signs, (ends, np.tile(np.arange(pairs), 2))))
    votes = drawn.sum(axis=1).T.astype(np.float64)
    scores = (drawn[:, 0] + drawn[:, 2] / 2).T
    fitted = np.full((rounds, counts.m), np.nan)
    todo = np.arange(rounds)
    theta = np.repeat(centre[:, np.newaxis], rounds, axis=1)
    for _ in range(MAX_STEPS):
        chance = 1 / (1 + np.exp(theta[counts.second] - theta[counts.first]))
        gradient = apart @ (scores - votes * chance)
        curvature = both @ (votes * chance * (1 - chance))
        ready = (np.abs(gradient) <= tol * curvature).all(axis=0)
        theta += shared @ gradient
        fitted[todo[ready]] = (theta[:, ready] - theta[:, ready].mean(axis=0)).T
        going = ~ready & (np.abs(theta).max(axis=0) < WILD)
        todo, theta = todo[going], theta[:, going]
        votes, scores = votes[:, going], scores[:, going]
        if not len(todo):
            break
    for row in np.flatnonzero(np.isnan(fitted[:, 0])):
        fitted[row] = _fit_alone(counts, drawn[row], tol)
    return fitted


def _fit_alone(counts: PairCounts, drawn: IntArray, tol: float) -> FloatArray:
    """Fit one round by Newton's method of its own."""
    try:
        return fit_bradley_terry(
            PairCounts(counts.m, counts.first, counts.second, *drawn), tol=tol
        ).theta
    except (NotIdentifiedError, ConvergenceError):
        return np.full(counts.m, np.nan)
