"""The gate: by hand, against the sandwich, and how often it passes what it must not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import norm
from scipy.stats import t as student

from blindarena.analysis.gate_estimates import Margin
from blindarena.analysis.non_inferiority import GateResult, non_inferiority
from blindarena.errors import InputError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.bradley_terry import fit_bradley_terry
from blindarena.ranking.sandwich import sandwich_covariance
from blindarena.ranking.scale import ELO_PER_NAT
from blindarena.ranking.vote_arrays import VoteArrays

THREE = Margin(size=0.03, unit="share")
TIES = 0.2


def of_two(wins: int, losses: int, ties: int = 0) -> VoteArrays:
    """Return votes of candidate 1 against baseline 0."""
    outcome = np.repeat([1, 0, 2], [wins, losses, ties])
    n = len(outcome)
    return VoteArrays(2, np.zeros(n, dtype=np.int64), np.ones(n, dtype=np.int64), outcome)


def gate(votes: VoteArrays, margin: Margin = THREE, **clusters: IntArray) -> GateResult:
    return non_inferiority(votes, baseline=0, candidate=1, margin=margin, clusters=clusters)


def test_by_hand() -> None:
    """620 wins, 580 losses: 51.7 %, Wilson's bound at 95 % one-sided: 49.3 %."""
    found = gate(of_two(620, 580))
    n, p, z = 1200, 620 / 1200, norm.ppf(0.95)
    z = float(student.ppf(0.95, n - 1))
    lower = (p + z**2 / 2 / n - z * np.sqrt(p * (1 - p) / n + z**2 / 4 / n**2)) / (1 + z**2 / n)

    assert found.outcome == "passed"
    assert found.estimate == pytest.approx(p - 0.5)
    assert found.lower == pytest.approx(lower - 0.5, abs=2e-4)
    assert found.votes == found.direct == 1200
    # (1.645 + 0.842)^2 / 4 / 0.03^2 votes, as none is a tie and each stands for itself.
    assert found.votes_needed == pytest.approx(1718, rel=0.01)
    assert found.votes_missing == found.votes_needed - 1200


def test_three_outcomes() -> None:
    assert gate(of_two(900, 900)).outcome == "passed"
    assert gate(of_two(430, 500)).outcome == "not enough data"
    assert gate(of_two(380, 500)).outcome == "failed"  # surely worse, though votes are missing
    undecided = gate(of_two(960, 1040))
    assert undecided.votes_missing == 0
    assert undecided.outcome == "failed"  # enough votes, and not shown
    assert gate(of_two(20, 0)).outcome == "not enough data"


def test_no_votes() -> None:
    empty = np.zeros(0, dtype=np.int64)
    for margin in (THREE, Margin(size=20, unit="elo")):
        found = gate(VoteArrays(2, empty, empty, empty), margin)
        assert found.outcome == "not enough data"
        assert found.estimate is None
        assert found.votes_missing == found.votes_needed
    # 20 Elo are a share of 52.9 %: (1.645 + 0.842)^2 / 4 / 0.0288^2.
    assert found.votes_needed == pytest.approx(1869, abs=3)


def test_repeating_votes_on_the_same_questions_proves_nothing() -> None:
    votes = of_two(310, 290)
    question = np.arange(600)
    again = VoteArrays(2, *(np.tile(a, 4) for a in (votes.a, votes.b, votes.outcome)))
    one, four = gate(votes, question=question), gate(again, question=np.tile(question, 4))

    assert four.lower == pytest.approx(one.lower, abs=1e-3)
    assert four.votes_missing == pytest.approx(4 * one.votes_missing, rel=0.01)
    assert gate(again).lower > four.lower + 0.005  # type: ignore[operator]


def test_few_questions_are_not_enough() -> None:
    votes = of_two(310, 290)
    found = gate(votes, question=np.arange(600) % 4)
    assert found.outcome == "not enough data"
    assert found.votes_needed >= 1500  # at least ten questions of as many votes


def test_indirect_votes_count_for_elo() -> None:
    """Two contestants that only met a third: the difference of ratings with its sandwich."""
    rng = np.random.default_rng(2)
    a, b = np.repeat([0, 1], 600), np.full(1200, 2)
    outcome = np.where(rng.random(1200) < 0.5, 0, 1)
    votes = VoteArrays(3, a, b, outcome)
    found = gate(votes, Margin(size=60, unit="elo"))
    counts = votes.pair_counts()
    fit = fit_bradley_terry(counts)
    s = sandwich_covariance(counts, fit.theta)
    error = ELO_PER_NAT * np.sqrt(s[0, 0] + s[1, 1] - 2 * s[0, 1])

    assert found.direct == 0
    assert found.estimate == pytest.approx(ELO_PER_NAT * (fit.theta[1] - fit.theta[0]))
    assert found.estimate is not None
    assert found.lower == pytest.approx(found.estimate - norm.ppf(0.95) * error, rel=0.01)
    assert gate(votes).outcome == "not enough data"  # a share needs votes between the two


@given(st.integers(0, 500), st.sampled_from(["share", "elo"]))
@settings(max_examples=15, deadline=None)
def test_exchanging_sides_changes_nothing(seed: int, unit: str) -> None:
    rng = np.random.default_rng(seed)
    votes, clusters = draw(rng, votes=200, contestants=3, difference=-0.2, spread=0.3)
    margin = Margin(size=30, unit="elo") if unit == "elo" else THREE
    turned = np.array([1, 0, 2])[votes.outcome]
    mirrored = VoteArrays(3, votes.b, votes.a, turned)
    one, other = gate(votes, margin, **clusters), gate(mirrored, margin, **clusters)
    assert one.outcome == other.outcome
    assert one.lower == pytest.approx(other.lower, abs=1e-7)


def test_a_larger_margin_never_turns_a_pass_into_a_failure() -> None:
    votes = of_two(505, 520, 75)
    outcomes = [gate(votes, Margin(size=size, unit="share")).outcome for size in (0.02, 0.04, 0.2)]
    assert outcomes == ["not enough data", "passed", "passed"]


@pytest.mark.parametrize("size", [0.0, 0.5, -1.0])
def test_margin_out_of_range(size: float) -> None:
    with pytest.raises(InputError, match="largest loss"):
        Margin(size=size, unit="share")


def draw(
    rng: np.random.Generator,
    *,
    votes: int,
    contestants: int,
    difference: float,
    spread: float,
    questions: int = 60,
    voters: int = 60,
) -> tuple[VoteArrays, dict[str, IntArray]]:
    """Draw votes in which questions and voters have tastes of their own."""
    theta = np.zeros(contestants)
    theta[1] = difference
    theta[2:] = np.linspace(-0.5, 0.5, contestants - 2)
    a = rng.integers(0, contestants, votes)
    b = (a + rng.integers(1, contestants, votes)) % contestants
    question, voter = rng.integers(0, questions, votes), rng.integers(0, voters, votes)
    tastes: list[FloatArray] = [
        rng.normal(0, spread, (size, contestants)) for size in (questions, voters)
    ]
    odds = theta[a] - theta[b]
    for taste, number in zip(tastes, (question, voter), strict=True):
        odds = odds + taste[number, a] - taste[number, b]
    won = rng.random(votes) < 1 / (1 + np.exp(-odds))
    outcome = np.where(rng.random(votes) < TIES, 2, np.where(won, 0, 1))
    return VoteArrays(contestants, a, b, outcome), {"question": question, "voter": voter}


def difference_for(share: float, spread: float) -> float:
    """Return the log-odds at which the candidate gets a share of the votes, tastes averaged."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    tastes, weights = 2 * spread * nodes, weights / weights.sum()

    def excess(difference: float) -> float:
        chance = float(weights @ (1 / (1 + np.exp(-difference - tastes))))
        return (1 - TIES) * chance + TIES / 2 - share

    return float(brentq(excess, -4, 4))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("spread", [0.0, 0.5])
@pytest.mark.parametrize("votes", [100, 400, 1600])
def test_false_passes_by_share(
    votes: int, spread: float, capsys: pytest.CaptureFixture[str]
) -> None:
    """A candidate that is worse by exactly the margin passes in at most 5 % of all runs."""
    rng, runs = np.random.default_rng([votes, int(10 * spread)]), 10_000
    margin, difference = Margin(size=0.05, unit="share"), difference_for(0.45, spread)
    passed = 0
    for _ in range(runs):
        drawn = draw(rng, votes=votes, contestants=2, difference=difference, spread=spread)
        passed += gate(drawn[0], margin, **drawn[1]).outcome == "passed"
    with capsys.disabled():
        print(f"\nshare, {votes} votes, tastes {spread}: {passed / runs:.2%} false passes")
    assert passed / runs <= 0.05 + 2.33 * np.sqrt(0.05 * 0.95 / runs)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("votes", [400, 1600])
def test_false_passes_by_rating(votes: int, capsys: pytest.CaptureFixture[str]) -> None:
    """The same for the difference of ratings among five contestants."""
    rng, runs, difference = np.random.default_rng(votes), 1000, -0.3
    many = draw(rng, votes=4_000_000, contestants=5, difference=difference, spread=0.0)[0]
    theta = fit_bradley_terry(many.pair_counts()).theta
    margin = Margin(size=float(theta[0] - theta[1]) * ELO_PER_NAT, unit="elo")
    passed = 0
    for _ in range(runs):
        drawn = draw(rng, votes=votes, contestants=5, difference=difference, spread=0.0)
        passed += gate(drawn[0], margin, **drawn[1]).outcome == "passed"
    with capsys.disabled():
        print(f"\nelo, five contestants, {votes} votes: {passed / runs:.2%} false passes")
    assert passed / runs <= 0.05 + 2.33 * np.sqrt(0.05 * 0.95 / runs)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_votes_needed_give_the_power(capsys: pytest.CaptureFixture[str]) -> None:
    rng, runs = np.random.default_rng(1), 2000
    margin = Margin(size=0.05, unit="share")
    needed = gate(of_two(0, 0), margin).votes_needed
    passed = sum(
        gate(of_two(w, needed - w), margin).outcome == "passed"
        for w in rng.binomial(needed, 0.5, runs)
    )
    with capsys.disabled():
        print(f"\n{needed} votes: an equal candidate passes in {passed / runs:.1%}")
    assert passed / runs == pytest.approx(0.8, abs=0.03)
