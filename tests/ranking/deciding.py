"""Boards that are voted on until they decide, and the fewest votes that could have."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from simulated_votes import outcomes

from blindarena.ranking import (
    PairCounts,
    fit_bradley_terry,
    is_strongly_connected,
    sandwich_covariance,
)
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.decide import Decision, decide, leading_bounds, stopping_bounds
from blindarena.ranking.racing import racing_plan
from blindarena.ranking.scale import ELO_PER_NAT

MARGIN = 30 / ELO_PER_NAT


@dataclass(frozen=True, slots=True)
class Run:
    """How one board ended."""

    decision: Decision
    votes: int


def run(
    rng: np.random.Generator,
    theta: FloatArray,
    *,
    race: bool,
    most: int = 200_000,
    tie_share: float = 0.2,
    growth: float = 0.04,
) -> Run:
    """Vote, look, and stop at the first decision; each look comes after 4 % more votes."""
    m = len(theta)
    first, second = np.triu_indices(m, 1)
    tallies = np.zeros((3, len(first)), dtype=np.int64)
    probability = np.full(len(first), 1 / len(first))
    batch, start = 30 * m, None
    while True:
        drawn = np.repeat(np.arange(len(first)), rng.multinomial(batch, probability))
        seen = outcomes(rng, (theta[first] - theta[second])[drawn], tie_share)
        tallies += np.bincount(seen * len(first) + drawn, minlength=tallies.size).reshape(3, -1)
        votes = int(tallies.sum())
        batch = max(m, int(growth * votes))
        counts = PairCounts(m, first, second, *tallies)
        if not is_strongly_connected(counts):
            continue
        start = fit_bradley_terry(counts, start=start).theta
        covariance = sandwich_covariance(counts, start)
        lower, upper = stopping_bounds(start, covariance, margin=MARGIN)
        ahead = leading_bounds(start, covariance, margin=MARGIN)
        decision = decide(start, lower, upper, margin=MARGIN, ahead=ahead)
        if decision.choice is not None or votes > most:
            return Run(decision, votes)
        if race:
            plan = racing_plan(start, covariance, lower, upper, margin=MARGIN, ahead=ahead)
            probability = plan.probability


def fewest_votes(theta: FloatArray, *, error: float = 0.05, tie_share: float = 0.2) -> float:
    """Return the lower bound on the expected votes of any rule that errs so seldom.

    log(1 / (2.4 error)) / max over designs of the least information against "another is best", in
    the quadratic approximation (Kaufmann, Cappe and Garivier 2016, JMLR 17, 1-42).
    """
    m, best = len(theta), int(theta.argmax())
    first, second = np.triu_indices(m, 1)
    score = 1 / (1 + np.exp(theta[second] - theta[first]))
    slope = (score * (1 - score)) ** 2 / (score * (1 - score) - tie_share / 4)
    contrast = np.delete(np.eye(m)[best] - np.eye(m), best, axis=0)
    gap = np.delete(theta[best] - theta, best)
    arms = (np.eye(m)[first] - np.eye(m)[second]).astype(float)

    def log_information(logits: FloatArray) -> FloatArray:
        weight = np.exp(logits - logits.max())
        weight /= weight.sum()
        spread = np.linalg.pinv(arms.T @ (arms * (weight * slope)[:, np.newaxis]))
        return np.log(gap**2 / 2 / np.einsum("ji,ik,jk->j", contrast, spread, contrast))

    def smooth(logits: FloatArray) -> float:
        each = log_information(logits)
        return float(np.log(np.exp(-50 * (each - each.min())).sum()) / 50 - each.min())

    begin = np.where((first == best) | (second == best), 0.0, -4.0)
    found = minimize(smooth, begin, method="L-BFGS-B", bounds=[(-9, 9)] * len(first))
    return float(np.log(1 / (2.4 * error)) / np.exp(log_information(found.x).min()))
