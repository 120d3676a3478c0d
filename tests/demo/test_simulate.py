"""Simulated voters follow the planted strengths exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from blindarena.demo.replay import load_parcel_support
from blindarena.demo.simulate import (
    expected_scores,
    outcome_probabilities,
    simulate_counts,
    to_pair_counts,
)
from blindarena.domain.ids import uuid7
from blindarena.errors import InputError

PLANTED = np.array([1080.0, 1035.0, 985.0, 900.0])
shares = st.floats(0.0, 1.0)
strength_lists = st.lists(st.floats(0.0, 3000.0), min_size=2, max_size=6)


def fit_elo(counts: np.ndarray) -> np.ndarray:
    """Maximum-likelihood Bradley-Terry by a general optimiser, ties half; Elo points, mean 1000."""
    ties = counts[..., 2] + counts[..., 3]
    wins = counts[..., 0] + ties / 2 + (counts[..., 1] + ties / 2).T

    def loss(theta: np.ndarray) -> float:
        return float((wins * np.logaddexp(0.0, theta[None, :] - theta[:, None])).sum())

    theta = np.asarray(minimize(loss, np.zeros(len(wins)), tol=1e-10).x, dtype=np.float64)
    return np.asarray(1000.0 + (theta - theta.mean()) * 400.0 / np.log(10.0))


def simulate(seed: int, *, voters: int = 300) -> np.ndarray:
    return simulate_counts(
        PLANTED, voters=voters, tie_share=0.25, both_bad_share=0.3, rng=np.random.default_rng(seed)
    )


def test_four_hundred_points_are_ten_to_one() -> None:
    assert expected_scores([1400.0, 1000.0])[0, 1] == pytest.approx(10 / 11)


@given(strength_lists, shares, shares)
def test_a_tie_counted_half_gives_the_logistic_score(
    strengths: list[float], tie_share: float, both_bad_share: float
) -> None:
    chances = outcome_probabilities(strengths, tie_share=tie_share, both_bad_share=both_bad_share)
    ties = chances[..., 2] + chances[..., 3]

    assert chances.min() >= -1e-12
    assert chances.sum(axis=-1) == pytest.approx(1.0)
    assert chances[..., 0] + ties / 2 == pytest.approx(expected_scores(strengths))
    assert chances[..., 3] == pytest.approx(both_bad_share * ties)
    assert chances[..., 0] == pytest.approx(chances[..., 1].T)


def test_equals_tie_as_often_as_stated() -> None:
    chances = outcome_probabilities([1000.0, 1000.0], tie_share=0.25, both_bad_share=0.4)

    assert chances[0, 1] == pytest.approx([0.375, 0.375, 0.15, 0.1])


def test_every_vote_is_there_and_above_the_diagonal() -> None:
    counts = simulate(1)

    assert counts.sum() == 300 * 12
    assert counts[np.tril_indices(4)].sum() == 0
    assert (counts >= 0).all()


def test_pairs_are_drawn_uniformly() -> None:
    battles = simulate(2, voters=50_000).sum(axis=-1)[np.triu_indices(4, k=1)]

    # 600,000 battles over 6 pairs: standard deviation 289.
    assert battles == pytest.approx(100_000, abs=5 * 289)


def test_outcomes_have_the_stated_frequencies() -> None:
    counts = simulate(3, voters=50_000)
    chances = outcome_probabilities(PLANTED, tie_share=0.25, both_bad_share=0.3)

    for i, j in zip(*np.triu_indices(4, k=1), strict=True):
        n = counts[i, j].sum()
        slack = 5 * np.sqrt(chances[i, j] * (1 - chances[i, j]) / n)
        assert (np.abs(counts[i, j] / n - chances[i, j]) < slack).all()


def test_bradley_terry_finds_the_planted_strengths() -> None:
    """600,000 votes: a rating's standard error is about 0.5 points."""
    assert fit_elo(simulate(4, voters=50_000)) == pytest.approx(PLANTED, abs=2.5)


def test_three_hundred_voters_give_unbiased_estimates() -> None:
    """Over 60 boards the mean error is within 5 of its own standard errors, on each contestant."""
    errors = np.array([fit_elo(simulate(seed)) - PLANTED for seed in range(60)])

    standard_error = errors.std(axis=0, ddof=1) / np.sqrt(len(errors))
    assert (np.abs(errors.mean(axis=0)) < 5 * standard_error).all()
    assert (errors.std(axis=0) < 10.0).all()


def test_a_seed_gives_the_same_votes_and_another_does_not() -> None:
    assert (simulate(5) == simulate(5)).all()
    assert (simulate(5) != simulate(6)).any()


def test_shipped_truth_is_ordered_right_by_three_hundred_voters() -> None:
    truth = load_parcel_support().truth
    planted = np.array(list(truth.strengths.values()))

    counts = simulate_counts(
        planted,
        voters=300,
        battles_per_voter=truth.battles_per_voter,
        tie_share=truth.tie_share,
        both_bad_share=truth.both_bad_share,
        rng=np.random.default_rng(7),
    )
    assert (np.argsort(fit_elo(counts)) == np.argsort(planted)).all()


def test_pair_counts_are_ordered_by_id_and_keep_who_won() -> None:
    ids = sorted((uuid7() for _ in range(3)), reverse=True)
    counts = np.zeros((3, 3, 4), dtype=np.int64)
    counts[0, 1] = [5, 3, 2, 1]
    counts[1, 2] = [0, 7, 0, 0]

    pairs = to_pair_counts(counts, ids)

    assert [(p.first, p.second) for p in pairs] == [(ids[2], ids[1]), (ids[1], ids[0])]
    assert (pairs[0].wins_first, pairs[0].wins_second) == (7, 0)
    assert (pairs[1].wins_first, pairs[1].wins_second, pairs[1].ties, pairs[1].both_bad) == (
        3,
        5,
        2,
        1,
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tie_share": 1.1}, "tie_share must lie between 0 and 1"),
        ({"both_bad_share": -0.1}, "both_bad_share must lie"),
        ({"voters": 0}, "1 voter"),
        ({"battles_per_voter": 0}, "1 battle"),
        ({"strengths": [1000.0]}, "2 contestants"),
        ({"strengths": [1000.0, float("nan")]}, "finite"),
    ],
)
def test_bad_arguments_are_refused(change: dict[str, object], message: str) -> None:
    arguments = {
        "strengths": [1010.0, 990.0],
        "voters": 10,
        "battles_per_voter": 12,
        "tie_share": 0.2,
        "both_bad_share": 0.2,
        "rng": np.random.default_rng(0),
    }
    with pytest.raises(InputError, match=message):
        simulate_counts(**(arguments | change))  # type: ignore[arg-type]


def test_ids_must_match_the_strengths() -> None:
    with pytest.raises(InputError, match="4 strengths were simulated, got 2 ids"):
        to_pair_counts(simulate(8), [uuid7(), uuid7()])
