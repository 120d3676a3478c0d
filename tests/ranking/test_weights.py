import json
from pathlib import Path

import choix
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranking_cases import score_matrix
from vote_cases import from_rows, from_tables, mixed_votes, published_votes, renamed, swapped

from blindarena.errors import InputError, NotIdentifiedError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.bradley_terry import fit_bradley_terry
from blindarena.ranking.sandwich import sandwich_covariance
from blindarena.ranking.scale import ELO_PER_NAT, to_elo
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.ranking.weighted import fit_weighted_bradley_terry
from blindarena.ranking.weights import effective_votes, even_pairs, inverse_propensity


@given(mixed_votes())
def test_without_weights_it_is_bradley_terry(votes: VoteArrays) -> None:
    fit, counts = fit_weighted_bradley_terry(votes), votes.pair_counts()
    theta = fit_bradley_terry(counts).theta

    assert fit.theta == pytest.approx(theta, abs=1e-11)
    assert fit.covariance() == pytest.approx(sandwich_covariance(counts, theta), abs=1e-10)


def test_the_golden_file(root: Path) -> None:
    golden = json.loads((root / "tests/data/bradley_terry_20240814.json").read_text())
    names, votes = published_votes(root)

    ratings = to_elo(fit_weighted_bradley_terry(votes).theta)

    assert ratings == pytest.approx([golden[name][0] for name in names], abs=1e-6)


def test_a_prior_agrees_with_the_published_figures_of_choix(parity_data: Path) -> None:
    """choix adds alpha times the squared strengths: a normal prior of variance 1 / (2 alpha)."""
    file = json.loads((parity_data / "ranking/choix_penalised.json").read_text(encoding="utf-8"))
    votes = from_rows(8, [(w, l, 0, 1) for w, l in file["pairwise_data_winner_loser"]])  # noqa: E741
    prior = ELO_PER_NAT / np.sqrt(2 * file["alpha"])

    theta = fit_weighted_bradley_terry(votes, prior_elo=prior).theta

    golden = np.array(file["pairwise_map"])
    assert theta == pytest.approx(golden - golden.mean(), abs=file["atol"])


@given(mixed_votes(), st.floats(0.01, 2))
def test_a_prior_agrees_with_choix(votes: VoteArrays, alpha: float) -> None:
    scores = score_matrix(votes.pair_counts())
    expected = choix.ilsr_pairwise_dense(scores, alpha=0, max_iter=10_000, tol=1e-11)
    prior = ELO_PER_NAT / np.sqrt(2 * alpha)

    theta = fit_weighted_bradley_terry(votes, prior_elo=prior).theta
    chance = 1 / (1 + np.exp(theta - theta[:, np.newaxis]))
    slope = (scores - (scores + scores.T) * chance).sum(axis=1)

    assert slope == pytest.approx(2 * alpha * theta, abs=1e-8)
    assert np.ptp(theta) <= np.ptp(expected) + 1e-6


@pytest.mark.parametrize(
    "tables", [[], [(0, 1, 3, 0, 0)], [(0, 1, 3, 2, 1), (2, 3, 1, 1, 0)], [(0, 1, 0, 0, 4)]]
)
def test_a_stated_prior_answers_where_the_votes_do_not(tables: list[tuple[int, ...]]) -> None:
    votes = from_tables(4, tables)
    with pytest.raises(NotIdentifiedError):
        fit_weighted_bradley_terry(votes)

    fit = fit_weighted_bradley_terry(votes, prior_elo=200)

    assert fit.gradient < 1e-12
    assert np.abs(fit.theta).max() < 3 * 200 / ELO_PER_NAT


def test_no_contestants_are_told_even_with_a_prior() -> None:
    with pytest.raises(NotIdentifiedError, match="no contestants"):
        fit_weighted_bradley_terry(from_tables(0, []), prior_elo=100)


@given(mixed_votes(), st.randoms(use_true_random=False), st.floats(0.1, 50))
def test_names_sides_and_scale_do_not_matter(
    votes: VoteArrays, random: object, times: float
) -> None:
    order = np.array(random.sample(range(votes.m), votes.m))  # type: ignore[attr-defined]
    weights = np.random.default_rng(1).uniform(0.1, 4, len(votes))
    theta = fit_weighted_bradley_terry(votes, weights=weights).theta

    other = fit_weighted_bradley_terry(renamed(votes, order), weights=weights[::-1]).theta
    assert other[order] == pytest.approx(theta, abs=1e-9)
    for same in (
        fit_weighted_bradley_terry(swapped(votes), weights=weights),
        fit_weighted_bradley_terry(votes, weights=times * weights),
    ):
        assert same.theta == pytest.approx(theta, abs=1e-9)


def test_votes_of_weight_0_do_not_connect() -> None:
    votes = from_rows(3, [(0, 1, 0, 1), (1, 0, 0, 1), (1, 2, 2, 1)])

    with pytest.raises(NotIdentifiedError, match=r"\(2\)"):
        fit_weighted_bradley_terry(votes, weights=np.array([1.0, 1.0, 0.0]))


def test_inverse_propensity_undoes_the_draw() -> None:
    """Contestants whose tastes go in circles: a plain fit depends on who met whom how often."""
    circle = {(0, 1): (80, 20), (1, 2): (80, 20), (0, 2): (20, 80)}
    even = from_tables(3, [(a, b, *wins, 0) for (a, b), wins in circle.items()])
    drawn = {(0, 1): 9, (1, 2): 3, (0, 2): 1}
    uneven = from_tables(
        3, [(a, b, x * drawn[a, b], y * drawn[a, b], 0) for (a, b), (x, y) in circle.items()]
    )
    chance = np.array([drawn[a, b] / 13 for a, b in zip(uneven.a, uneven.b, strict=True)])
    count = uneven.count
    assert count is not None

    weights = inverse_propensity(chance)
    theta = fit_weighted_bradley_terry(uneven, weights=weights).theta

    assert theta == pytest.approx(fit_weighted_bradley_terry(even).theta, abs=1e-12)
    assert np.ptp(fit_weighted_bradley_terry(uneven).theta) > 0.5
    assert fit_weighted_bradley_terry(uneven, weights=even_pairs(uneven)).theta == pytest.approx(
        theta, abs=1e-12
    )


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=50), st.floats(1, 10))
def test_weights_have_mean_1_and_keep_below_the_cap(chances: list[float], cap: float) -> None:
    weights = inverse_propensity(np.array(chances), cap=cap)

    assert weights.mean() == pytest.approx(1)
    assert weights.max() <= cap * len(weights)
    assert 1 - 1e-9 <= effective_votes(weights) <= len(weights) + 1e-9
    assert effective_votes(weights) >= effective_votes(inverse_propensity(np.array(chances))) - 1e-9


def test_effective_votes_are_kishs() -> None:
    assert effective_votes(np.array([1.0, 1, 2])) == pytest.approx(16 / 6)
    assert effective_votes(np.ones(7)) == 7
    assert effective_votes(np.zeros(3)) == 0


def test_a_rare_pair_is_not_blown_up() -> None:
    votes = from_tables(3, [(0, 1, 50, 50, 0), (1, 2, 1, 1, 0)])

    weights = even_pairs(votes, least=20)

    assert weights[-1] / weights[0] == pytest.approx(100 / 20)
    assert np.average(weights, weights=votes.count) == pytest.approx(1)


def test_no_votes_have_no_weights() -> None:
    assert len(inverse_propensity(np.zeros(0))) == 0
    assert len(even_pairs(from_rows(3, []))) == 0


@pytest.mark.parametrize("chance", [0.0, -0.1, 1.1, np.nan])
def test_a_chance_out_of_range_is_told(chance: float) -> None:
    with pytest.raises(InputError, match=r"probability\[1\]"):
        inverse_propensity(np.array([0.5, chance]))


def test_useless_options_are_told() -> None:
    with pytest.raises(InputError, match="cap"):
        inverse_propensity(np.ones(2), cap=0.5)
    with pytest.raises(InputError, match="least"):
        even_pairs(from_rows(2, []), least=0)


@pytest.mark.parametrize("weights", [np.ones(1), np.array([1.0, np.inf]), np.array([1.0, -1e-9])])
def test_useless_weights_are_told(weights: FloatArray) -> None:
    with pytest.raises(InputError, match="weights"):
        fit_weighted_bradley_terry(from_rows(2, [(0, 1, 0, 1), (0, 1, 1, 1)]), weights=weights)
