"""How often a 95 % clustered interval holds the value it is for, by simulation.

A few voters vote far more than others, and every voter has tastes of their own. The value is the
pseudo-true strength over all voters who could have come. The figures are in
docs/methods/clustered.md.
"""

import numpy as np
import pytest
from simulated_votes import outcomes, random_pairs

from blindarena.ranking import (
    PairCounts,
    fit_bradley_terry,
    is_strongly_connected,
    normal_interval,
    sandwich_variances,
)
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.clustered import ENOUGH, Correction, clustered_covariance
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.ranking.weighted import fit_weighted_bradley_terry

M = 8
STRENGTHS = np.linspace(-0.9, 0.9, M)
TASTE = 0.7
REPLICATES = 500


def pseudo_true() -> FloatArray:
    """Fit the chances of a voter drawn at random; two tastes differ by sqrt(2) TASTE."""
    first, second = np.triu_indices(M, 1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    lead = STRENGTHS[first] - STRENGTHS[second]
    chance = 1 / (1 + np.exp(-lead[:, np.newaxis] - np.sqrt(2) * TASTE * nodes))
    wins = np.rint(1e12 * chance @ weights / weights.sum()).astype(np.int64)
    counts = PairCounts(M, first, second, wins, 10**12 - wins, np.zeros_like(wins))
    return np.asarray(fit_bradley_terry(counts).theta)


def sizes(voters: int, heavy: int, share: float, n: int) -> FloatArray:
    """Return the chance of each voter to cast a vote: some heavy ones have a share of all."""
    chance = np.full(voters, (1 - share) / (voters - heavy))
    chance[:heavy] = share / heavy
    return np.maximum(chance * n, 1)


def coverage(
    *,
    voters: int,
    heavy: int,
    share: float,
    n: int = 3000,
    seed: int = 1,
    correction: Correction = "cr2",
) -> tuple[float, float, float]:
    """Return the share held by the clustered and the plain interval, and effective clusters."""
    rng = np.random.default_rng(seed)
    truth = pseudo_true()
    cluster = np.repeat(np.arange(voters), sizes(voters, heavy, share, n).astype(np.int64))
    held = plain = rated = 0
    effective = []
    for _ in range(REPLICATES):
        a, b = random_pairs(rng, M, len(cluster))
        liking = STRENGTHS + rng.normal(0, TASTE, (voters, M))
        votes = VoteArrays(M, a, b, outcomes(rng, liking[cluster, a] - liking[cluster, b], 0.2))
        counts = votes.pair_counts()
        if not is_strongly_connected(counts):
            continue
        fit = fit_weighted_bradley_terry(votes)
        found = clustered_covariance(fit, votes, cluster, correction=correction)
        lower, upper = found.interval(fit.theta)
        held += int(((lower <= truth) & (truth <= upper)).sum())
        lower, upper = normal_interval(fit.theta, sandwich_variances(counts, fit.theta))
        plain += int(((lower <= truth) & (truth <= upper)).sum())
        effective.append(found.effective.mean())
        rated += M
    assert rated > 0.95 * M * REPLICATES
    return held / rated, plain / rated, float(np.median(effective))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("correction", ["cr2", "jackknife"])
@pytest.mark.parametrize(
    ("voters", "heavy", "share"), [(60, 1, 1 / 60), (150, 30, 0.5), (300, 30, 0.3), (1000, 20, 0.1)]
)
def test_enough_clusters(voters: int, heavy: int, share: float, correction: Correction) -> None:
    held, plain, effective = coverage(
        voters=voters, heavy=heavy, share=share, correction=correction
    )

    print(f"{voters=} {heavy=} {share=:.2f} {correction} {effective=:.0f} {held=:.4f} {plain=:.4f}")
    assert effective >= ENOUGH
    assert held == pytest.approx(0.95, abs=0.015)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("correction", ["cr2", "jackknife"])
@pytest.mark.parametrize(("voters", "heavy", "share"), [(8, 1, 1 / 8), (20, 1, 0.3), (100, 5, 0.5)])
def test_few_clusters(voters: int, heavy: int, share: float, correction: Correction) -> None:
    """Below the limit there is a warning; the corrections still hold more than the plain one."""
    held, plain, effective = coverage(
        voters=voters, heavy=heavy, share=share, correction=correction
    )

    print(f"{voters=} {heavy=} {share=:.2f} {correction} {effective=:.0f} {held=:.4f} {plain=:.4f}")
    assert effective < ENOUGH
    assert held > max(0.85, plain)


def test_clustered_coverage_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small part runs every time; the plain interval holds less."""
    monkeypatch.setattr("test_clustered_coverage.REPLICATES", 60)

    held, plain, effective = coverage(voters=150, heavy=30, share=0.5)

    assert held == pytest.approx(0.95, abs=0.035)
    assert plain < held - 0.05
    assert effective > ENOUGH
