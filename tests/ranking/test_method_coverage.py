"""How often 95 % intervals of the methods hold the truth; `pytest -m slow` repeats it."""

from collections.abc import Callable

import numpy as np
import pytest

from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.davidson import fit_davidson
from blindarena.ranking.estimating import Estimate
from blindarena.ranking.four_outcome import fit_four_outcome
from blindarena.ranking.logistic import fit_logistic
from blindarena.ranking.rao_kupper import fit_rao_kupper
from blindarena.ranking.vote_arrays import VoteArrays

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

M, ROUNDS = 6, 1000
THETA = np.linspace(0.8, -0.8, M)
BETA = np.array([0.5, -0.2, 0.1])
ACCEPT = np.linspace(0.2, 1.5, M)

Draw = Callable[[np.random.Generator, int], Estimate]


def pairs(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    a = rng.integers(0, M, n)
    return a, (a + rng.integers(1, M, n)) % M


def chosen(rng: np.random.Generator, utilities: list[FloatArray]) -> np.ndarray:
    """Draw an outcome with chances proportional to exp(utility)."""
    noisy = np.stack(utilities) + rng.gumbel(size=(len(utilities), len(utilities[0])))
    return np.asarray(noisy.argmax(axis=0))


def davidson(rng: np.random.Generator, n: int) -> Estimate:
    a, b = pairs(rng, n)
    one, two = THETA[a], THETA[b]
    return fit_davidson(VoteArrays(M, a, b, chosen(rng, [one, two, (one + two) / 2 - 0.2])))


def rao_kupper(rng: np.random.Generator, n: int) -> Estimate:
    a, b = pairs(rng, n)
    seen = THETA[a] - THETA[b] + rng.logistic(size=n)
    return fit_rao_kupper(VoteArrays(M, a, b, np.where(np.abs(seen) < 0.6, 2, (seen < 0) * 1)))


def four_outcome(rng: np.random.Generator, n: int) -> Estimate:
    a, b = pairs(rng, n)
    one, two = THETA[a], THETA[b]
    level = (one + two) / 2
    bad = level - (ACCEPT[a] + ACCEPT[b]) / 2
    return fit_four_outcome(VoteArrays(M, a, b, chosen(rng, [one, two, level - 0.5, bad])))


def style(rng: np.random.Generator, n: int) -> Estimate:
    a, b = pairs(rng, n)
    z = rng.normal(size=(n, 3))
    odds = THETA[a] - THETA[b] + z @ BETA
    outcome = (rng.random(n) > 1 / (1 + np.exp(-odds))).astype(np.int64)
    return fit_logistic(VoteArrays(M, a, b, outcome), z, "abc")


CASES: dict[str, tuple[Draw, FloatArray]] = {
    "davidson": (davidson, np.append(THETA, -0.2)),
    "rao_kupper": (rao_kupper, np.append(THETA, 0.6)),
    "four_outcome": (four_outcome, np.concatenate([THETA, [-0.5], ACCEPT])),
    "style": (style, np.append(THETA, BETA)),
}


@pytest.mark.parametrize("votes_each", [200, 1000])
@pytest.mark.parametrize("name", CASES)
def test_coverage(name: str, votes_each: int) -> None:
    draw, true = CASES[name]
    inside = np.zeros(len(true))
    for seed in range(ROUNDS):
        estimate = draw(np.random.default_rng([seed, votes_each]), votes_each * M // 2)
        error = np.sqrt(estimate.covariance().diagonal())  # type: ignore[attr-defined]
        inside += np.abs(estimate.parameters - true) < 1.959964 * error
    strengths, others = inside[:M].mean() / ROUNDS, inside[M:].mean() / ROUNDS
    print(f"{name}, {votes_each} votes each: {strengths:.1%} strengths, {others:.1%} others")

    assert strengths == pytest.approx(0.95, abs=0.01)
    assert others == pytest.approx(0.95, abs=0.015)
