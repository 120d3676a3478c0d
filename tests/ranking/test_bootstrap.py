"""The bootstrap, and by simulation how often its intervals hold the value they are for.

The figures are in docs/methods/bootstrap.md.
"""

import numpy as np
import pytest
from ranking_cases import WIKIPEDIA, pair_counts
from simulated_votes import random_votes
from test_coverage import M, cells, counts_of

from blindarena.errors import InputError, NotIdentifiedError
from blindarena.ranking import (
    PairCounts,
    fit_bradley_terry,
    is_strongly_connected,
    sandwich_covariance,
)
from blindarena.ranking.bootstrap import bootstrap
from blindarena.ranking.resampling import resample

ROUNDS = 999
REPLICATES = 1000


def board(votes: int, seed: int = 1) -> PairCounts:
    rng = np.random.default_rng(seed)
    chances = cells(rng, fits=False, tie_share=0.2)
    return counts_of(rng.multinomial(votes, chances.ravel()).reshape(3, -1))


def even_board(m: int, votes: int) -> PairCounts:
    rng = np.random.default_rng(m)
    drawn = random_votes(rng, rng.normal(0, 0.5, m), votes, tie_share=0.2)
    return drawn.pair_counts()


@pytest.mark.parametrize("m", [8, 40])
def test_every_round_is_the_fit_of_its_votes(m: int) -> None:
    """The rounds are drawn again from the same state and fitted one by one."""
    counts = even_board(m, 200 * m)
    cells = np.concatenate([counts.wins_first, counts.wins_second, counts.ties])
    drawn = resample(cells, np.random.default_rng(3), rounds=20).astype(np.int64)

    found = bootstrap(counts, np.random.default_rng(3), rounds=20)

    apart = counts.m, counts.first, counts.second
    alone = [fit_bradley_terry(PairCounts(*apart, *d.reshape(3, -1))) for d in drawn.T]
    assert found.unidentified == 0
    assert found.theta == pytest.approx(np.array([fit.theta for fit in alone]), abs=1e-9)


def test_a_pair_named_twice_or_the_other_way_round_adds_up() -> None:
    once = even_board(8, 2000)
    halves = once.wins_first // 2, once.wins_second // 2, once.ties // 2
    rest = [
        x - h for x, h in zip((once.wins_first, once.wins_second, once.ties), halves, strict=True)
    ]
    first, second = np.concatenate([[once.second, once.first], [once.first, once.second]], axis=1)
    wins, losses, ties = np.concatenate([[halves[1], halves[0], halves[2]], rest], axis=1)

    found = bootstrap(
        PairCounts(8, first, second, wins, losses, ties), np.random.default_rng(1), rounds=5
    )

    expected = bootstrap(once, np.random.default_rng(1), rounds=5)
    assert found.theta == pytest.approx(expected.theta, abs=1e-12)


def test_many_votes_agree_with_the_sandwich() -> None:
    counts = board(100_000)
    theta = fit_bradley_terry(counts).theta

    found = bootstrap(counts, np.random.default_rng(1), rounds=2000)

    sandwich = sandwich_covariance(counts, theta)
    assert found.covariance().diagonal() == pytest.approx(sandwich.diagonal(), rel=0.15)
    assert found.theta.mean(axis=0) == pytest.approx(theta, abs=0.002)
    lower, upper = found.interval()
    half = 1.96 * np.sqrt(sandwich.diagonal())
    assert (upper - lower) / 2 == pytest.approx(half, rel=0.1)


def test_the_same_state_gives_the_same_rounds() -> None:
    one, other = (bootstrap(board(300), np.random.default_rng(5), rounds=20) for _ in range(2))

    assert np.array_equal(one.theta, other.theta)


def test_two_equals_are_each_best_in_half_of_the_rounds() -> None:
    counts = pair_counts(3, [(0, 1, 500, 500, 0), (1, 2, 900, 100, 0), (0, 2, 900, 100, 0)])

    found = bootstrap(counts, np.random.default_rng(1), rounds=4000)

    assert found.probability_best == pytest.approx([0.5, 0.5, 0.0], abs=0.03)
    assert found.probability_best.sum() == pytest.approx(1)


def test_a_work_array_at_a_time_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = bootstrap(board(300), np.random.default_rng(5), rounds=20)
    monkeypatch.setattr("blindarena.ranking.bootstrap.CHUNK", 500)

    assert bootstrap(board(300), np.random.default_rng(5), rounds=20).theta == pytest.approx(
        whole.theta, abs=1e-6
    )


def test_rounds_without_a_maximum_are_counted_and_many_are_an_error() -> None:
    """Contestant 2 won one vote in 4, or 1 in 40: its only win is left out in 37 % of rounds."""
    rare = pair_counts(3, [(0, 1, 50, 50, 0), (1, 2, 30, 1, 0)])
    some = pair_counts(3, [(0, 1, 50, 50, 0), (1, 2, 30, 4, 0)])

    with pytest.raises(NotIdentifiedError, match="rounds have no finite ratings"):
        bootstrap(rare, np.random.default_rng(1))
    found = bootstrap(some, np.random.default_rng(1))

    assert found.unidentified == pytest.approx(1000 * np.exp(-4), abs=15)
    assert len(found.theta) == 1000 - found.unidentified


def test_what_cannot_be_bootstrapped_is_told() -> None:
    with pytest.raises(InputError, match="cannot bootstrap 1 rounds"):
        bootstrap(WIKIPEDIA, np.random.default_rng(1), rounds=1)
    with pytest.raises(NotIdentifiedError, match="no finite ratings"):
        bootstrap(pair_counts(2, [(0, 1, 3, 0, 0)]), np.random.default_rng(1))


def test_one_contestant_never_moves() -> None:
    found = bootstrap(pair_counts(1, []), np.random.default_rng(1), rounds=3)

    assert found.theta.tolist() == [[0.0]] * 3
    assert found.probability_best.tolist() == [1.0]


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
        try:
            lower, upper = bootstrap(counts, rng, rounds=ROUNDS, tol=1e-5).interval()
        except NotIdentifiedError:
            continue
        held += int(((lower <= truth) & (truth <= upper)).sum())
        rated += M
    assert rated > 0.95 * M * REPLICATES
    return held / rated


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("fits", [True, False])
@pytest.mark.parametrize(("votes_each", "off"), [(50, 0.02), (200, 0.01), (1000, 0.01)])
def test_coverage(votes_each: int, off: float, fits: bool) -> None:
    found = coverage(votes_each=votes_each, fits=fits, tie_share=0.3, seed=20240814)

    print(f"{votes_each=} {fits=} coverage {found:.4f}")
    assert found == pytest.approx(0.95, abs=off)


def test_coverage_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("test_bootstrap.REPLICATES", 50)
    monkeypatch.setattr("test_bootstrap.ROUNDS", 199)

    assert coverage(votes_each=200, fits=False, tie_share=0.3, seed=7) == pytest.approx(
        0.95, abs=0.04
    )
