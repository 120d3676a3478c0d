"""The test of voters, and by simulation whom it suspects.

The figures are in docs/methods/voters.md.
"""

import numpy as np
import pytest
from scipy.special import betaln
from simulated_votes import outcomes, random_pairs

from blindarena.errors import InputError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.vote_arrays import A_WINS, B_WINS, BOTH_BAD, TIE, VoteArrays
from blindarena.ranking.voter_power import exclude_voters, voter_test_power
from blindarena.ranking.voters import (
    KINDS,
    SLOPE_WEIGHTS,
    TASTE,
    TIE_HABIT,
    _log_ratios,
    _slopes,
    voter_evidence,
)

WIDE = np.linspace(-1.2, 1.2, 10)


def crowd(
    kind: str, *, voters: int = 200, each: int = 200, odd: int = 20
) -> tuple[VoteArrays, IntArray]:
    """Draw the votes of a crowd whose first `odd` voters are of a kind."""
    rng = np.random.default_rng(11)
    who = rng.permutation(np.repeat(np.arange(voters), each))
    a, b = random_pairs(rng, len(WIDE), len(who))
    outcome = outcomes(rng, WIDE[a] - WIDE[b], 0.25)
    strange = {
        "random": rng.integers(0, 4, len(who)),
        "left": np.full(len(who), A_WINS),
        "reversed": np.where(outcome < TIE, 1 - outcome, outcome),
        "never_tie": outcomes(rng, WIDE[a] - WIDE[b], 0.0),
    }[kind]
    return VoteArrays(len(WIDE), a, b, np.where(who < odd, strange, outcome)), who


@pytest.mark.parametrize(
    ("kind", "named", "found"),
    [
        ("random", "random", 0.9),
        ("left", "random", 0.9),
        ("reversed", "reversed", 1.0),
        ("never_tie", "never_tie", 0.8),
    ],
)
def test_each_kind_is_found_and_named(kind: str, named: str, found: float) -> None:
    votes, who = crowd(kind)

    evidence = voter_evidence(votes, who, WIDE)

    assert evidence.suspect[:20].mean() >= found
    assert evidence.suspect[20:].mean() <= 0.05
    names = [KINDS[k] for k in evidence.kind[:20][evidence.suspect[:20]]]
    assert names.count(named) >= 0.8 * len(names)


def test_the_e_value_is_one_in_expectation_for_honest_voters() -> None:
    """All sequences of three votes on two contestants, weighted by the honest model's chances."""
    theta = np.array([0.4, -0.4])
    every = np.stack(np.meshgrid(*[[A_WINS, B_WINS]] * 6, indexing="ij")).reshape(6, -1)
    n = every.shape[1]
    lead = np.tile([0.8, -0.8, 0.8, 0.8, -0.8, 0.8], n)
    slopes = _slopes(theta)
    ratios = _log_ratios(lead, every.T.ravel(), np.arange(n + 1) * 6, slopes)[:, 5::6]
    signed = np.where(every.T == A_WINS, 1, -1) * lead.reshape(n, 6)
    chance = np.zeros(n)
    for slope, weight in zip(slopes, SLOPE_WEIGHTS / SLOPE_WEIGHTS.sum(), strict=True):
        chance += weight * np.prod(1 / (1 + np.exp(-slope * signed)), axis=1)

    assert theta[0] - theta[1] == lead[0]
    assert chance.sum() == pytest.approx(1)
    assert chance @ np.exp(ratios[2]) == pytest.approx(1)


def test_what_a_voter_did_does_not_depend_on_the_others_order() -> None:
    votes, who = crowd("random", voters=30, each=50, odd=5)
    by_voter = np.argsort(who, kind="stable")
    sorted_votes = VoteArrays(
        votes.m, votes.a[by_voter], votes.b[by_voter], votes.outcome[by_voter]
    )

    one = voter_evidence(votes, who, WIDE)
    other = voter_evidence(sorted_votes, who[by_voter], WIDE)

    assert one.log_e == pytest.approx(other.log_e)
    assert one.at.tolist() == other.at.tolist()
    assert one.votes.tolist() == [50] * 30


def test_sides_do_not_matter() -> None:
    votes, who = crowd("reversed", voters=30, each=50, odd=5)
    outcome = np.where(votes.outcome < TIE, 1 - votes.outcome, votes.outcome)
    swapped = VoteArrays(votes.m, votes.b, votes.a, outcome)

    one, other = (voter_evidence(v, who, WIDE) for v in (votes, swapped))

    assert one.log_e == pytest.approx(other.log_e)


def test_nobody_is_suspected_before_their_first_vote() -> None:
    votes = VoteArrays(2, *np.array([[0], [1], [BOTH_BAD]]))

    found = voter_evidence(votes, np.array([3]), np.zeros(2))

    assert found.votes.tolist() == [0, 0, 0, 1]
    assert not found.suspect.any()
    assert found.log_e[:3].tolist() == [0, 0, 0]


def test_no_votes_have_no_voters() -> None:
    none = np.zeros(0, dtype=np.int64)

    assert len(voter_evidence(VoteArrays(2, none, none, none), none, np.zeros(2)).votes) == 0


def test_counts_and_shapes_are_told() -> None:
    one = np.array([0])
    with pytest.raises(InputError, match="votes have counts"):
        voter_evidence(VoteArrays(2, one, one + 1, one, one), one, np.zeros(2))
    with pytest.raises(InputError, match="voter must be one number"):
        voter_evidence(VoteArrays(2, one, one + 1, one), one - 1, np.zeros(2))
    with pytest.raises(InputError, match="the error is 0"):
        voter_evidence(VoteArrays(2, one, one + 1, one), one, np.zeros(2), error=0)


def test_nobody_is_excluded_below_the_power_asked_for() -> None:
    votes, who = crowd("random", voters=100, each=60)
    evidence = voter_evidence(votes, who, WIDE)

    assert evidence.suspect.any()
    assert not exclude_voters(evidence, enough=None).any()
    assert not exclude_voters(evidence, enough=61).any()
    assert (exclude_voters(evidence, enough=60) == evidence.suspect).all()


def test_power_grows_with_votes_and_with_the_width_of_the_board() -> None:
    wide, narrow = (
        voter_test_power(s * WIDE, np.random.default_rng(1), tie_share=0.25, voters=100)
        for s in (1.0, 0.2)
    )

    assert (np.diff(wide.random) >= 0).all()
    assert wide.random[-1] > narrow.random[-1] + 0.3
    enough = wide.enough(0.5)
    assert enough is not None
    assert wide.random[enough - 1] >= 0.5 > wide.random[enough - 2]
    assert narrow.enough() is None


def test_what_cannot_be_simulated_is_told() -> None:
    with pytest.raises(InputError, match="need two to compare"):
        voter_test_power(np.zeros(1), np.random.default_rng(1), tie_share=0.2)
    with pytest.raises(InputError, match="the tie share is 0"):
        voter_test_power(np.zeros(2), np.random.default_rng(1), tie_share=0)


def test_slopes_are_those_of_voters_with_tastes() -> None:
    """Regressions of simulated likings on the board scatter as the slopes do."""
    rng = np.random.default_rng(3)
    liking = WIDE + rng.normal(0, TASTE, (20_000, len(WIDE)))

    found = liking @ WIDE / (WIDE @ WIDE)

    slopes = _slopes(WIDE)
    assert np.ptp(slopes) / 4.8 == pytest.approx(found.std(), rel=0.03)
    lead = 1.1 + rng.normal(0, TASTE * np.sqrt(2), 400_000)
    mean_chance = (1 / (1 + np.exp(-lead))).mean()
    assert 1 / (1 + np.exp(-1.1 * slopes.mean())) == pytest.approx(mean_chance, abs=0.005)


def test_a_board_without_differences_tells_nothing_about_voters() -> None:
    assert np.ptp(_slopes(np.zeros(4))) == 0
    assert len(_slopes(np.zeros(0))) > 0


SPREADS: list[tuple[str, FloatArray]] = [
    ("narrow", WIDE / 2),
    ("middle", WIDE * 0.75),
    ("wide", WIDE),
    ("wider", WIDE * 1.25),
]


@pytest.mark.slow
@pytest.mark.parametrize("taste", [0.0, 0.3, 0.6])
@pytest.mark.parametrize(("name", "theta"), SPREADS)
def test_power(name: str, theta: FloatArray, taste: float) -> None:
    """1000 clickers, 9000 honest voters; what is asked for is asked for on a wide board."""
    found = voter_test_power(
        theta, np.random.default_rng(20240814), tie_share=0.25, taste=taste, voters=1000
    )

    power = {n: round(float(found.random[n - 1]), 4) for n in (20, 30, 50, 100)}
    print(f"{name} {taste=} honest {found.honest[-1]:.4f} power {power} {found.enough()}")
    assert found.honest[-1] <= 0.05
    if name in ("wide", "wider"):
        assert found.random[-1] >= 0.85


def best_power(
    theta: FloatArray, *, voters: int, most: int = 100, tie_share: float = 0.25
) -> tuple[FloatArray, FloatArray]:
    """Return (most,) the shares of clickers that knowing everything else would find, twice.

    The likelihood ratio knows all that there is to know: a clicker takes four buttons alike; an
    honest voter follows the board exactly, and only their habit of ties is their own. First the
    shares it finds by each vote when it may stop at 20; then the shares that it finds when it looks
    once, at that vote, and suspects 5 % of honest voters (Neyman and Pearson).
    """
    rng = np.random.default_rng(1)

    def log_ratio(*, clicks: bool) -> FloatArray:
        shape = (voters, most)
        a, b = (x.reshape(shape) for x in random_pairs(rng, len(theta), voters * most))
        chance = 1 / (1 + np.exp(theta[b] - theta[a]))
        habit = rng.beta(tie_share * TIE_HABIT, (1 - tie_share) * TIE_HABIT, (voters, 1))
        tied = rng.random(shape) < (0.5 if clicks else habit)
        first = rng.random(shape) < (0.5 if clicks else chance)
        sides = np.log(0.5) - np.log(np.where(first, chance, 1 - chance))
        ties = np.cumsum(tied, axis=1)
        rest = np.arange(1, most + 1) - ties
        alpha, beta = tie_share * TIE_HABIT, (1 - tie_share) * TIE_HABIT
        honest = betaln(alpha + ties, beta + rest) - betaln(alpha, beta)
        clicked = np.arange(1, most + 1) * np.log(0.5)
        return np.asarray(np.cumsum(np.where(tied, 0, sides), axis=1) + clicked - honest)

    clicker, honest = log_ratio(clicks=True), log_ratio(clicks=False)
    at_any_time = (np.maximum.accumulate(clicker, axis=1) >= np.log(20)).mean(axis=0)
    once = (clicker > np.quantile(honest, 0.95, axis=0)).mean(axis=0)
    return at_any_time, once


@pytest.mark.slow
@pytest.mark.parametrize(("name", "theta"), SPREADS)
def test_what_knowing_everything_else_would_find(name: str, theta: FloatArray) -> None:
    """The test finds fewer, as it must allow for tastes; on wide boards hardly fewer."""
    at_any_time, once = best_power(theta, voters=20_000)
    found = voter_test_power(theta, np.random.default_rng(5), tie_share=0.25, voters=1000)

    for n in (20, 30, 50, 100):
        print(f"{name} {n=} known {at_any_time[n - 1]:.3f} once {once[n - 1]:.3f}")
    assert found.random[-1] <= at_any_time[-1] + 0.03
    if name in ("wide", "wider"):
        assert found.random[-1] >= at_any_time[-1] - 0.1


def test_who_knows_all_finds_more_on_wider_boards() -> None:
    (narrow, _), (wide, once) = (best_power(s * WIDE, voters=500) for s in (0.3, 1.0))

    assert narrow[-1] < wide[-1] - 0.2
    assert once[-1] > wide[-1] - 0.02
