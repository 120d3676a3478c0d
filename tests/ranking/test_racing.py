"""Racing, and by simulation how often decisions are wrong and what they cost.

The figures are in docs/methods/deciding.md.
"""

import numpy as np
import pytest
from deciding import MARGIN, fewest_votes, run
from simulated_votes import outcomes

from blindarena.errors import InputError
from blindarena.ranking import ELO_PER_NAT
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.decide import stopping_bounds
from blindarena.ranking.racing import RacingPlan, racing_plan
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.ranking.weighted import fit_weighted_bradley_terry
from blindarena.ranking.weights import inverse_propensity

LADDER = np.array([0, -40, -60, -80, -120, -160, -200, -240, -280, -320]) / ELO_PER_NAT
PACK = np.array([0] + [-50] * 9) / ELO_PER_NAT
TWINS = np.array([0, 0, -80, -120, -160, -200, -240, -280, -300, -320]) / ELO_PER_NAT
BARELY = np.array([0, -15, -30, -80, -120, -160, -200, -240, -280, -320]) / ELO_PER_NAT
REPLICATES = 200


def plan_for(theta: FloatArray, variance: float, *, floor: float = 0.05) -> RacingPlan:
    covariance = variance * np.eye(len(theta))
    lower, upper = stopping_bounds(theta, covariance, margin=MARGIN)
    return racing_plan(theta, covariance, lower, upper, margin=MARGIN, floor=floor)


def test_those_who_are_out_get_no_more_than_the_floor() -> None:
    plan = plan_for(LADDER, 0.003)

    out = ~np.isin(np.arange(10), plan.racing)
    either = out[plan.first] | out[plan.second]
    assert 0 < out.sum() < 9
    assert plan.probability[either] == pytest.approx(0.05 / 45)
    assert plan.probability.sum() == pytest.approx(1)
    assert plan.probability.min() > 0


def test_the_leader_meets_the_closest_most_often() -> None:
    plan = plan_for(LADDER, 0.003)

    star = plan.probability[plan.first == 0]
    assert star.argmax() == 0
    assert (np.diff(star) <= 1e-12).all()


def test_all_pairs_are_equal_when_all_is_decided() -> None:
    plan = plan_for(LADDER, 1e-6)

    assert plan.racing.tolist() == [0]
    assert plan.probability == pytest.approx(np.full(45, 1 / 45))


def test_no_width_yet_still_gives_a_plan() -> None:
    plan = plan_for(np.zeros(3), 0.0)

    assert plan.probability.sum() == pytest.approx(1)
    assert plan.probability.min() > 0


def test_what_is_no_race_is_told() -> None:
    with pytest.raises(InputError, match="a race needs two"):
        plan_for(np.zeros(1), 0.1)
    with pytest.raises(InputError, match=r"floor 0\.9 and explore 0\.4"):
        plan_for(LADDER, 0.1, floor=0.9)


def test_weights_undo_the_plan() -> None:
    """Where tastes are not one line, weights give what uniform sampling would; without, not."""
    rng = np.random.default_rng(4)
    first, second = np.triu_indices(5, 1)
    theta = np.array([0.4, 0.2, 0.0, -0.2, -0.4])
    lead = theta[first] - theta[second] + rng.normal(0, 1, len(first))
    plan = plan_for(theta, 0.01, floor=0.3)

    def fitted(probability: FloatArray, *, weigh: bool) -> FloatArray:
        drawn = rng.choice(len(first), 200_000, p=probability)
        votes = VoteArrays(5, first[drawn], second[drawn], outcomes(rng, lead[drawn]))
        weights = inverse_propensity(probability[drawn]) if weigh else None
        return fit_weighted_bradley_terry(votes, weights=weights).theta

    even = fitted(np.full(len(first), 1 / len(first)), weigh=False)
    assert fitted(plan.probability, weigh=True) == pytest.approx(even, abs=0.03)
    assert np.abs(fitted(plan.probability, weigh=False) - even).max() > 0.1


def wrong(theta: FloatArray, choice: int | None, verdict: str) -> bool:
    """Say whether the choice is not the best, or not within the margin where that was said."""
    if choice is None:
        return False
    behind = theta.max() - theta[choice]
    return bool(behind > (MARGIN if verdict == "practically_equal" else 0))


def test_a_wrong_choice_is_one_behind_by_the_margin_or_called_better() -> None:
    assert wrong(LADDER, 1, "better")
    assert not wrong(BARELY, 1, "practically_equal")
    assert wrong(BARELY, 3, "practically_equal")
    assert not wrong(LADDER, None, "undecided")


def simulate(
    theta: FloatArray, *, race: bool, replicates: int = REPLICATES
) -> tuple[float, float, float]:
    """Return the share of wrong and of open ends, and the mean number of votes."""
    runs = [run(np.random.default_rng(seed), theta, race=race) for seed in range(replicates)]
    errors = [wrong(theta, r.decision.choice, r.decision.verdict) for r in runs]
    unresolved = [r.decision.choice is None for r in runs]
    votes = [r.votes for r in runs]
    return float(np.mean(errors)), float(np.mean(unresolved)), float(np.mean(votes))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "theta", "share"),
    [("ladder", LADDER, 0.5), ("pack", PACK, 0.5), ("twins", TWINS, 0.5), ("barely", BARELY, 0.5)],
)
def test_decisions(name: str, theta: FloatArray, share: float) -> None:
    """Each board is decided, seldom wrongly, in a share of the votes of uniform sampling."""
    bound = fewest_votes(theta) if np.sort(theta)[-2] < theta.max() else np.nan
    results = {race: simulate(theta, race=race) for race in (False, True)}

    for race, (errors, unresolved, votes) in results.items():
        print(f"{name} {race=} {errors=:.4f} {unresolved=:.4f} {votes=:.0f} {bound=:.0f}")
        assert errors <= 0.05
        assert unresolved == 0
    assert results[True][2] <= share * results[False][2]


TIED: dict[str, list[int]] = {
    "two": [1, 0],
    "two of ten": [1, 0] + [-200] * 8,
    "three": [1, 0, 0],
    "ten": [1] + [0] * 9,
    "nine a margin behind": [31] + [0] * 9,
}
"""Boards, in Elo points, on which a wrong decision is easiest."""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", TIED)
def test_the_boards_that_are_easiest_to_mistake(name: str) -> None:
    """A leader needs to be ahead of everybody: the more are level, the less likely that is."""
    theta = np.array(TIED[name]) / ELO_PER_NAT
    errors, unresolved, votes = simulate(theta, race=True, replicates=2 * REPLICATES)

    print(f"{name} {errors=:.4f} {unresolved=:.4f} {votes=:.0f}")
    assert errors <= 0.05
    assert unresolved == 0


def test_decisions_quickly() -> None:
    runs = [run(np.random.default_rng(seed), LADDER, race=True) for seed in range(3)]

    assert sum(wrong(LADDER, r.decision.choice, r.decision.verdict) for r in runs) <= 1
    assert np.mean([r.votes for r in runs]) < 5000


def test_the_bound_for_two_is_the_closed_form() -> None:
    """2 log(1 / (2.4 error)) / (gap^2 slope), all votes on the one pair."""
    gap = 0.3
    score = 1 / (1 + np.exp(-gap))

    found = fewest_votes(np.array([gap, 0.0]), tie_share=0.0)

    assert found == pytest.approx(2 * np.log(1 / 0.12) / (gap**2 * score * (1 - score)))
