"""Bradley-Terry: strengths that make the observed scores most likely."""

from dataclasses import dataclass

import numpy as np

from blindarena.errors import ConvergenceError, NotIdentifiedError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.connectivity import is_strongly_connected, largest_component
from blindarena.ranking.laplacian import grounded, solve_positive
from blindarena.ranking.likelihood import WIDEST, Likelihood
from blindarena.ranking.pair_counts import PairCounts

MAX_STEPS = 200
LONGEST = 1e9
"""A step longer than this, in nats, is the quotient of rounding errors."""

ALWAYS_CLIMBS = 1.79
"""A Newton step that moves no two contestants further apart than this, in nats, cannot overshoot.

Along a step of range r the curvature grows at most by exp(r t) (Bach 2010), so the gain is at
least 1 - (exp(r) - 1 - r) / r^2 times the squared Newton decrement: positive up to r = 1.793.
"""


@dataclass(frozen=True, slots=True)
class BradleyTerryFit:
    """Maximum-likelihood log-strengths and how they were reached.

    Attributes:
        theta: (m,) log-strengths in nats, mean 0.
        steps: Newton steps taken.
        gradient: largest gradient over curvature of any contestant at `theta`, in nats.
        tol: what `gradient` was asked to be, before one last step.
    """

    theta: FloatArray
    steps: int
    gradient: float
    tol: float


def fit_bradley_terry(
    counts: PairCounts, *, tol: float = 1e-9, start: FloatArray | None = None
) -> BradleyTerryFit:
    """Fit Bradley-Terry by Newton's method on the dense Hessian; a tie is half a win for both.

    Args:
        counts: votes per pair.
        tol: largest gradient over curvature of any contestant taken as converged, in nats; one
            more step follows, which squares it: down to rounding.
        start: (m,) log-strengths to begin from, such as those before the latest votes; it saves
            steps and changes the result by rounding only. One that is far off is not used.

    Raises:
        NotIdentifiedError: the graph of wins is not strongly connected: no finite estimate. Names
            contestants outside its largest component.
        ConvergenceError: tol was not reached in MAX_STEPS.

    Source: Bradley and Terry (1952), Biometrika 39, 324-345; step control after Bach (2010),
        Electronic Journal of Statistics 4, 384-414.
    """
    check_identified(counts)
    likelihood = Likelihood(counts)
    theta = np.zeros(counts.m)
    if counts.m == 1:
        return BradleyTerryFit(theta, 0, 0.0, tol)
    if start is not None and np.ptp(start) <= WIDEST:
        theta = start - start.mean()
    ground = int(likelihood.votes.sum(axis=1).argmax())
    size = np.inf
    for steps in range(MAX_STEPS):
        if np.ptp(theta) > WIDEST:
            raise ConvergenceError(
                f"the strengths differ by more than {WIDEST:g} nats: a chain of contestants that "
                "almost never win; leave out those at its end"
            )
        gradient, hessian = likelihood.slopes(theta)
        last, size = size <= tol, float(np.max(np.abs(gradient) / hessian.diagonal()))
        if last:
            return BradleyTerryFit(theta, steps, size, tol)
        step = _newton_step(gradient, hessian, ground)
        short = step is not None and np.ptp(step) <= ALWAYS_CLIMBS
        if steps == 0 and not short and theta.any():
            theta = np.zeros(counts.m)
        elif step is None:
            break
        else:
            theta = theta + (step if short else _climbing(likelihood, theta, step))
    raise ConvergenceError(
        f"Bradley-Terry did not reach {tol=} in {steps + 1} steps (it got to {size:.2g}); look for "
        "contestants that almost never win or lose, or raise tol"
    )


def check_identified(counts: PairCounts) -> None:
    """Raise NotIdentifiedError unless there is one finite maximum."""
    if is_strongly_connected(counts):
        return
    if counts.m == 0:
        raise NotIdentifiedError("there are no contestants to rate")
    outside = np.setdiff1d(np.arange(counts.m), largest_component(counts))
    named = ", ".join(map(str, outside[:10])) + (", ..." if len(outside) > 10 else "")
    raise NotIdentifiedError(
        f"no finite ratings: {len(outside)} of {counts.m} contestants ({named}) have not both "
        "scored and conceded, directly or by a chain, against the rest; leave them out "
        "(largest_component) or collect more votes on them"
    )


def _newton_step(gradient: FloatArray, hessian: FloatArray, ground: int) -> FloatArray | None:
    """Return the step to the maximum of the quadratic approximation, mean 0.

    None where the weights lie so far apart that one is lost beside the other.
    """
    rest = np.delete(np.arange(len(gradient)), ground)
    found = solve_positive(grounded(hessian, ground), gradient[rest])
    if found is None or not np.abs(found).max() < LONGEST:
        return None
    step = np.zeros(len(gradient))
    step[rest] = found
    step -= step.mean()
    return step


def _climbing(likelihood: Likelihood, theta: FloatArray, step: FloatArray) -> FloatArray:
    """Halve a long step until it raises the likelihood; a short one is known to."""
    now = likelihood.log(theta)
    while np.ptp(step) > ALWAYS_CLIMBS and not likelihood.log(theta + step) > now:
        step = step / 2
    return step
