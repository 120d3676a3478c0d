"""How often a 95 % sandwich interval holds the value it is for, by simulation.

The value is the pseudo-true strength: what Bradley-Terry would give for endless votes of the same
kind. The figures are in docs/methods/bradley-terry.md.
"""

import numpy as np
import pytest

from blindarena.ranking import (
    PairCounts,
    fit_bradley_terry,
    is_strongly_connected,
    normal_interval,
    sandwich_covariance,
)
from blindarena.ranking.arrays import FloatArray

M = 8
FIRST, SECOND = np.triu_indices(M, 1)
STRENGTHS = np.linspace(-0.9, 0.9, M)
REPLICATES = 4000


def cells(rng: np.random.Generator, *, fits: bool, tie_share: float) -> FloatArray:
    """Return (3, pairs) chances of each outcome of a vote, some pairs drawn far more often.

    Where the model does not fit, each pair has a taste of its own on top, of 0.7 nats, so that
    the order is not even transitive, and pairs differ in how often they tie.
    """
    pairs = len(FIRST)
    lead = STRENGTHS[FIRST] - STRENGTHS[SECOND]
    ties = np.full(pairs, tie_share)
    if not fits:
        lead = lead + rng.normal(0, 0.7, pairs)
        ties = tie_share * rng.uniform(0, 2, pairs)
    score = 1 / (1 + np.exp(-lead))
    ties = np.minimum(ties, 1.8 * np.minimum(score, 1 - score))
    drawn = rng.dirichlet(np.full(pairs, 2.0))
    return np.asarray(drawn * np.stack([score - ties / 2, 1 - score - ties / 2, ties]))


def counts_of(votes: FloatArray) -> PairCounts:
    wins_first, wins_second, ties = np.asarray(votes, dtype=np.int64)
    return PairCounts(M, FIRST, SECOND, wins_first, wins_second, ties)


def coverage(*, votes_each: int, fits: bool, tie_share: float, seed: int) -> float:
    """Return the share of intervals, over contestants and replicates, that hold the value."""
    rng = np.random.default_rng(seed)
    chances = cells(rng, fits=fits, tie_share=tie_share)
    truth = fit_bradley_terry(counts_of(np.rint(chances * 1e12))).theta
    held = rated = 0
    for drawn in rng.multinomial(M * votes_each // 2, chances.ravel(), size=REPLICATES):
        counts = counts_of(drawn.reshape(3, -1))
        if not is_strongly_connected(counts):
            continue
        theta = fit_bradley_terry(counts).theta
        lower, upper = normal_interval(theta, sandwich_covariance(counts, theta).diagonal())
        held += int(((lower <= truth) & (truth <= upper)).sum())
        rated += M
    assert rated > 0.95 * M * REPLICATES
    return held / rated


@pytest.mark.slow
@pytest.mark.parametrize("tie_share", [0.0, 0.3])
@pytest.mark.parametrize("fits", [True, False])
@pytest.mark.parametrize(("votes_each", "off"), [(50, 0.02), (200, 0.01), (1000, 0.01)])
def test_coverage(votes_each: int, off: float, fits: bool, tie_share: float) -> None:
    found = coverage(votes_each=votes_each, fits=fits, tie_share=tie_share, seed=20240814)

    print(f"{votes_each=} {fits=} {tie_share=} coverage {found:.4f}")
    assert found == pytest.approx(0.95, abs=off)


def test_coverage_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small part of the simulation runs every time; 400 replicates tell 95 % from 92 %."""
    monkeypatch.setattr("test_coverage.REPLICATES", 400)

    assert coverage(votes_each=200, fits=False, tie_share=0.3, seed=7) == pytest.approx(
        0.95, abs=0.02
    )
