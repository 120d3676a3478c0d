"""How often the test of voters is right, measured on the board at hand."""

from dataclasses import dataclass

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import BoolArray, FloatArray, IntArray
from blindarena.ranking.vote_arrays import A_WINS, B_WINS, TIE, VoteArrays
from blindarena.ranking.voters import TIE_HABIT, VoterEvidence, voter_evidence

HONEST_PER_CLICKER = 9
BUTTONS = 4


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class VoterTestPower:
    """Shares of simulated voters that are suspected within their first n votes.

    Attributes:
        honest: (most,) of honest voters, n = 1 .. most: the error.
        random: (most,) of those who click one of four buttons: the power.
        voters: how many clickers were simulated, and nine times as many honest ones.
    """

    honest: FloatArray
    random: FloatArray
    voters: int

    def enough(self, power: float = 0.85) -> int | None:
        """Return from how many votes on the test has this power; None where it never has."""
        found = np.flatnonzero(self.random >= power)
        return int(found[0]) + 1 if len(found) else None


def voter_test_power(
    theta: FloatArray,
    rng: np.random.Generator,
    *,
    tie_share: float,
    most: int = 100,
    taste: float = 0.3,
    voters: int = 400,
    error: float = 0.05,
) -> VoterTestPower:
    """Simulate honest voters and random clickers on a board and test them.

    The closer the contestants, the less a vote says about its voter: on a narrow board the test
    has little power, and this says so.

    Args:
        theta: (m,) the board's log-strengths.
        rng: draws the voters and their votes.
        tie_share: share of ties among honest votes; habits vary around it.
        most: votes of each voter.
        taste: standard deviation, in nats, of an honest voter's own taste in each contestant.
        voters: random clickers to simulate.
        error: see `voter_evidence`.

    Raises:
        InputError: fewer than two contestants, or a tie share that is none.
    """
    m = len(theta)
    if m < 2:
        raise InputError(f"there are {m} contestants; voters need two to compare")
    if not 0 < tie_share < 1:
        raise InputError(f"the tie share is {tie_share}; give one between 0 and 1")
    people = (HONEST_PER_CLICKER + 1) * voters
    clicker = np.arange(people) % (HONEST_PER_CLICKER + 1) == 0
    who = np.repeat(np.arange(people), most)
    a = rng.integers(0, m, len(who))
    b = (a + rng.integers(1, m, len(who))) % m
    liking = theta + rng.normal(0, taste, (people, m))
    ahead = 1 / (1 + np.exp(liking[who, b] - liking[who, a]))
    habit = rng.beta(tie_share * TIE_HABIT, (1 - tie_share) * TIE_HABIT, people)
    honest = np.where(rng.random(len(who)) < ahead, A_WINS, B_WINS)
    honest = np.where(rng.random(len(who)) < habit[who], TIE, honest)
    outcome = np.where(clicker[who], rng.integers(0, BUTTONS, len(who)), honest)
    found = voter_evidence(VoteArrays(m, a, b, outcome), who, theta, error=error)
    return VoterTestPower(
        honest=_shares(found.at[~clicker], most),
        random=_shares(found.at[clicker], most),
        voters=voters,
    )


def exclude_voters(evidence: VoterEvidence, *, enough: int | None) -> BoolArray:
    """Return (voters,) who is excluded automatically: suspects with enough votes.

    Args:
        evidence: of the voters.
        enough: votes from which the test has the power that was asked for, see
            `VoterTestPower.enough`; None excludes nobody.
    """
    if enough is None:
        return np.zeros(len(evidence.votes), dtype=np.bool_)
    return evidence.suspect & (evidence.votes >= enough)


def _shares(at: IntArray, most: int) -> FloatArray:
    """Return (most,) the share that has crossed the limit by each vote."""
    crossed = np.bincount(at[at > 0], minlength=most + 1)[1:]
    return np.asarray(np.cumsum(crossed) / len(at))
