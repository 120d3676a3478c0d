import choix
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranking_cases import WIKIPEDIA, connected_counts, pair_counts, score_matrix

from blindarena.errors import ConvergenceError, NotIdentifiedError
from blindarena.ranking import PairCounts, bradley_terry, fit_bradley_terry
from blindarena.ranking.arrays import FloatArray


def residuals(counts: PairCounts, theta: FloatArray) -> FloatArray:
    """Score minus expected score of each contestant, over its number of votes."""
    scores = score_matrix(counts)
    votes = scores + scores.T
    chance = 1 / (1 + np.exp(theta - theta[:, np.newaxis]))
    return np.asarray((scores - votes * chance).sum(axis=1) / votes.sum(axis=1))


def test_worked_example() -> None:
    """The 22-game example of Wikipedia's article "Bradley-Terry model"."""
    strengths = np.exp(fit_bradley_terry(WIKIPEDIA).theta)

    assert strengths == pytest.approx([0.640, 1.043, 0.660, 2.270], abs=5e-4)


def test_two_contestants_have_a_closed_form() -> None:
    theta = fit_bradley_terry(pair_counts(2, [(1, 0, 60, 10, 30)])).theta

    assert theta[1] - theta[0] == pytest.approx(np.log(75 / 25), abs=1e-14)


@given(connected_counts())
def test_agrees_with_choix(counts: PairCounts) -> None:
    """An independent implementation finds the same maximum."""
    expected = choix.ilsr_pairwise_dense(score_matrix(counts), max_iter=10_000, tol=1e-10)

    assert fit_bradley_terry(counts).theta == pytest.approx(expected, abs=1e-6)


@given(connected_counts(most=10**6))
def test_the_gradient_is_at_rounding(counts: PairCounts) -> None:
    fit = fit_bradley_terry(counts)

    assert fit.gradient < 1e-12
    assert np.abs(residuals(counts, fit.theta)).max() < 1e-13
    assert fit.theta.mean() == pytest.approx(0, abs=1e-12)


@given(connected_counts(), st.randoms(use_true_random=False))
def test_order_does_not_matter(counts: PairCounts, random: object) -> None:
    order = np.array(random.sample(range(counts.m), counts.m))  # type: ignore[attr-defined]
    renamed = pair_counts(
        counts.m,
        [(order[a], order[b], x, y, t) for a, b, x, y, t in rows_of(counts)][::-1],
    )

    assert fit_bradley_terry(renamed).theta[order] == pytest.approx(
        fit_bradley_terry(counts).theta, abs=1e-9
    )


@given(connected_counts())
def test_sides_do_not_matter(counts: PairCounts) -> None:
    swapped = pair_counts(counts.m, [(b, a, y, x, t) for a, b, x, y, t in rows_of(counts)])

    assert fit_bradley_terry(swapped).theta == pytest.approx(
        fit_bradley_terry(counts).theta, abs=1e-9
    )


@given(connected_counts(), st.integers(2, 1000))
def test_more_votes_of_the_same_kind_change_nothing(counts: PairCounts, times: int) -> None:
    more = pair_counts(
        counts.m, [(a, b, times * x, times * y, times * t) for a, b, x, y, t in rows_of(counts)]
    )

    assert fit_bradley_terry(more).theta == pytest.approx(fit_bradley_terry(counts).theta, abs=1e-9)


@given(connected_counts())
def test_turning_every_vote_round_turns_the_strengths_round(counts: PairCounts) -> None:
    turned = pair_counts(counts.m, [(a, b, y, x, t) for a, b, x, y, t in rows_of(counts)])

    assert fit_bradley_terry(turned).theta == pytest.approx(
        -fit_bradley_terry(counts).theta, abs=1e-9
    )


@given(connected_counts(), st.integers(0, 2**32 - 1))
def test_any_start_leads_to_the_same_end(counts: PairCounts, seed: int) -> None:
    start = np.random.default_rng(seed).normal(0, 10, counts.m)

    assert fit_bradley_terry(counts, start=start).theta == pytest.approx(
        fit_bradley_terry(counts).theta, abs=1e-9
    )


@pytest.mark.parametrize("start", [[np.nan] * 4, [0, 900, 0, 0], [0, 300, -300, 9]])
def test_a_useless_start_does_no_harm(start: list[float]) -> None:
    cold = fit_bradley_terry(WIKIPEDIA).theta

    assert fit_bradley_terry(WIKIPEDIA, start=np.array(start)).theta == pytest.approx(cold)


def test_a_start_near_the_end_saves_steps() -> None:
    cold = fit_bradley_terry(WIKIPEDIA)

    assert fit_bradley_terry(WIKIPEDIA, start=cold.theta + 1e-6).steps < cold.steps


@pytest.mark.parametrize("most", [10**3, 10**9, 10**15])
def test_extreme_odds_keep_their_digits(most: int) -> None:
    """A chain of contestants each of which wins once in so many votes."""
    m = 8
    counts = pair_counts(m, [(i, i + 1, most, 1, 0) for i in range(m - 1)])

    assert -np.diff(fit_bradley_terry(counts).theta) == pytest.approx([np.log(most)] * (m - 1))


def test_one_contestant_is_average() -> None:
    assert fit_bradley_terry(pair_counts(1, [])).theta.tolist() == [0.0]


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        (pair_counts(0, []), "no contestants"),
        (pair_counts(3, []), "3 of 3 contestants (0, 1, 2)"),
        (pair_counts(3, [(0, 1, 1, 1, 0)]), "1 of 3 contestants (2)"),
        (pair_counts(3, [(0, 1, 1, 1, 0), (1, 2, 9, 0, 0)]), "1 of 3 contestants (2)"),
        (pair_counts(5, [(0, 1, 0, 0, 1), (2, 3, 2, 1, 0), (3, 4, 1, 1, 0)]), "(0, 1)"),
        (
            pair_counts(30, [(0, 1, 1, 1, 1)]),
            "28 of 30 contestants (2, 3, 4, 5, 6, 7, 8, 9, 10, 11",
        ),
    ],
)
def test_no_finite_maximum_names_who_is_outside(counts: PairCounts, says: str) -> None:
    with pytest.raises(NotIdentifiedError) as caught:
        fit_bradley_terry(counts)

    assert says in str(caught.value)


def test_a_tolerance_out_of_reach_is_told() -> None:
    with pytest.raises(ConvergenceError, match="did not reach tol=-1"):
        fit_bradley_terry(WIKIPEDIA, tol=-1.0)


def test_strengths_beyond_floating_point_are_told() -> None:
    m = 60
    counts = pair_counts(m, [(i, i + 1, 10**9, 1, 0) for i in range(m - 1)])

    with pytest.raises(ConvergenceError, match="differ by more than 600 nats"):
        fit_bradley_terry(counts)


def test_a_step_of_this_range_cannot_overshoot() -> None:
    """The bound on the gain of a Newton step, see ALWAYS_CLIMBS."""
    r = bradley_terry.ALWAYS_CLIMBS

    assert 1 - (np.exp(r) - 1 - r) / r**2 > 0


def rows_of(counts: PairCounts) -> list[tuple[int, int, int, int, int]]:
    return list(
        zip(
            counts.first.tolist(),
            counts.second.tolist(),
            counts.wins_first.tolist(),
            counts.wins_second.tolist(),
            counts.ties.tolist(),
            strict=True,
        )
    )
