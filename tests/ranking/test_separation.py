"""Style that foretells votes, alone or with strengths: an error that names it, else the maximum."""

import numpy as np
import pytest
from scipy.optimize import minimize

from blindarena.errors import NotIdentifiedError, SeparationError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.logistic import fit_logistic
from blindarena.ranking.vote_arrays import VoteArrays


def crowd(n: int = 600, m: int = 4, *, seed: int = 3) -> tuple[VoteArrays, FloatArray]:
    """Return votes among equal contestants, and a covariate that has nothing to do with them."""
    rng = np.random.default_rng(seed)
    a = rng.integers(0, m, n)
    b = (a + rng.integers(1, m, n)) % m
    return VoteArrays(m, a, b, rng.integers(0, 2, n)), rng.normal(size=(n, 1))


def plain_maximum(votes: VoteArrays, z: FloatArray) -> FloatArray:
    def loss(x: FloatArray) -> float:
        theta = np.append(0, x[: votes.m - 1])
        odds = theta[votes.a] - theta[votes.b] + z @ x[votes.m - 1 :]
        return float(np.sum(np.logaddexp(0, odds) - votes.scores * odds))

    x = minimize(loss, np.zeros(votes.m - 1 + z.shape[1]), method="BFGS", options={"gtol": 1e-7}).x
    return np.append(0, x)


@pytest.mark.parametrize("scale", [0.1, 1.0, 1e3])
def test_a_feature_that_every_vote_follows_is_named(scale: float) -> None:
    votes, noise = crowd()
    sign = scale * (1.0 - 2 * votes.outcome)

    with pytest.raises(SeparationError, match="'length' foretells votes without exception"):
        fit_logistic(votes, np.column_stack([noise, sign]), ["noise", "length"])


@pytest.mark.parametrize("followers", [1, 5, 300])
def test_a_feature_that_is_followed_wherever_it_is_there_is_named(followers: int) -> None:
    """Quasi-separation: it is 0 in the other votes, whose outcomes are open."""
    votes, noise = crowd()
    some = np.where(np.arange(len(votes)) < followers, 1.0 - 2 * votes.outcome, 0.0)

    with pytest.raises(NotIdentifiedError, match="'emoji'") as caught:
        fit_logistic(votes, np.column_stack([noise, some]), ["noise", "emoji"])
    fit = fit_logistic(
        votes, np.column_stack([noise, some]), ["noise", "emoji"], coefficient_prior_elo=400
    )

    assert "state coefficient_prior_elo" in str(caught.value) or "a prior" in str(caught.value)
    assert 0 < fit.coefficients[1] < np.inf


def test_votes_against_it_make_the_feature_finite() -> None:
    votes, noise = crowd()
    sign = 1.0 - 2 * votes.outcome
    sign[::20] *= -1
    z = np.column_stack([noise, sign])

    fit = fit_logistic(votes, z, ["noise", "length"])

    assert fit.coefficients == pytest.approx(plain_maximum(votes, z)[votes.m :], abs=1e-3)
    assert fit.coefficients[1] > 2


def test_one_vote_against_it_is_too_few_where_strengths_can_explain_it() -> None:
    """The larger the coefficient, the larger the one difference of strengths may be."""
    votes, _ = crowd()
    sign = 1.0 - 2 * votes.outcome
    sign[17] *= -1

    with pytest.raises(SeparationError, match=r"with 'length': contestants \([0-3]"):
        fit_logistic(votes, sign[:, np.newaxis], ["length"])


def joined(*, against: int) -> tuple[VoteArrays, FloatArray]:
    """Return votes in which contestant 4 wins where it is the longer and loses where it is not.

    Neither length nor its strength foretells them alone: the others' votes contradict length, and
    it both wins and loses. `against` of its votes of either kind go the other way.
    """
    votes, noise = crowd()
    rng = np.random.default_rng(5)
    n = 40
    other = rng.integers(0, 4, n)
    longer = np.where(np.arange(n) < n // 2, 3.0, 0.0)
    won = longer > 0
    won[:against] = ~won[:against]
    won[n - against :] = ~won[n - against :]
    return (
        VoteArrays(
            5,
            np.append(votes.a, np.full(n, 4)),
            np.append(votes.b, other),
            np.append(votes.outcome, np.where(won, 0, 1)),
        ),
        np.append(np.where(noise[:, 0] > 0, 1.0, -1.0), longer)[:, np.newaxis],
    )


def test_length_and_a_strength_that_foretell_together_are_told() -> None:
    """Length can run off where the votes of the others do not contradict it."""
    votes, z = joined(against=0)
    z[: len(z) - 40] = 0

    with pytest.raises(NotIdentifiedError, match=r"'length'"):
        fit_logistic(votes, z, ["length"])


def test_length_that_others_contradict_is_finite() -> None:
    votes, z = joined(against=0)

    fit = fit_logistic(votes, z, ["length"])

    plain = plain_maximum(votes, z)
    assert fit.coefficients[0] == pytest.approx(plain[5], abs=1e-4)


def test_one_vote_of_each_kind_against_makes_them_finite() -> None:
    votes, z = joined(against=1)
    z[: len(z) - 40] = 0

    fit = fit_logistic(votes, z, ["length"])

    plain = plain_maximum(votes, z)
    assert fit.theta - fit.theta[0] == pytest.approx(plain[:5], abs=1e-3)
    assert fit.coefficients[0] == pytest.approx(plain[5], abs=1e-3)


def test_a_feature_of_few_votes_among_many_is_kept() -> None:
    """Two votes each way beside two million tell little of it, yet its estimate is finite."""
    votes, _ = crowd()
    count = np.full(len(votes), 5000)
    z = np.zeros((len(votes), 1))
    z[:4, 0] = 1.0
    count[:4] = 1
    outcome = votes.outcome.copy()
    outcome[:4] = [0, 1, 0, 1]

    fit = fit_logistic(VoteArrays(4, votes.a, votes.b, outcome, count), z, ["rare"])

    assert abs(fit.coefficients[0]) < 1


def test_two_halves_that_one_pair_of_votes_joins_are_kept() -> None:
    """The direction between them has little curvature from the start: no sign of separation."""
    votes, noise = crowd()
    count = np.append(np.full(len(votes) * 2, 10**6), [1, 1])
    half = VoteArrays(
        8,
        np.concatenate([votes.a, votes.a + 4, [0, 0]]),
        np.concatenate([votes.b, votes.b + 4, [4, 4]]),
        np.concatenate([votes.outcome, votes.outcome, [0, 1]]),
        count,
    )

    fit = fit_logistic(half, np.vstack([noise, -noise, [[0.5], [0.5]]]), ["length"])

    assert np.isfinite(fit.parameters).all()
