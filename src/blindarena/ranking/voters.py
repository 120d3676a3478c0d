"""Voters who do not vote like people: random clicks, never a tie, everything reversed."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import BoolArray, FloatArray, IntArray
from blindarena.ranking.vote_arrays import A_WINS, TIE, VoteArrays

Kind = Literal["random", "never_tie", "reversed"]
KINDS: tuple[Kind, ...] = ("random", "never_tie", "reversed")

TASTE = 0.5
"""How strong honest voters' own tastes in each contestant may be: standard deviation in nats."""

GRID = np.linspace(-2.4, 2.4, 9)
"""Where voters' slopes are taken, in standard deviations from the mean."""

SLOPE_WEIGHTS = np.exp(-(GRID**2) / 2)

TIE_HABIT = 8.0
"""How alike honest voters are in their use of ties: a beta prior worth so many votes."""

KIND_WEIGHTS = np.array([0.8, 0.1, 0.1])
"""How the error is divided among the kinds: random clicks are the hardest to tell."""

SIDE_WEIGHTS = np.array([0.85, 0.15])
"""How common clicks without and with a preference for a side are."""

BUTTON_TIES = np.array([0.5, 1 / 3])
"""Share of ties when four buttons, or three, are clicked alike."""

USAGE_WEIGHTS = np.array([0.25, 0.6, 0.15])
"""How common clickers are whose ties are as anyone's, or the share of four buttons, or three."""

NEVER = 0.001
"""Chance that someone who never votes for a tie does."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class VoterEvidence:
    """What each voter's votes say against honest voting, one entry per voter.

    Attributes:
        votes: (voters,) how many votes there are.
        log_e: (voters,) log of the highest e-value at any vote: likelihood of the votes as clicks
            of any of the three kinds, against that of an honest voter.
        kind: (voters,) index into `KINDS` of the kind that the votes fit best where `log_e` is.
        at: (voters,) vote, counted from 1, at which the limit was crossed; 0 where it never was.
        error: share of honest voters that may cross the limit, log(1 / error).
    """

    votes: IntArray
    log_e: FloatArray = field(repr=False)
    kind: IntArray = field(repr=False)
    at: IntArray = field(repr=False)
    error: float

    @property
    def suspect(self) -> BoolArray:
        """(voters,) whose evidence has crossed the limit at some vote."""
        return self.at > 0


def voter_evidence(
    votes: VoteArrays, voter: IntArray, theta: FloatArray, *, error: float = 0.05
) -> VoterEvidence:
    """Test every voter against honest voting, at each of their votes.

    An honest voter's decisive votes follow the board, with a slope of their own as `TASTE` gives
    it on this board, and their share of ties varies around that of all voters as `TIE_HABIT` says.
    Against this
    stand three kinds: clicks that prefer a side or none but know no contestant; voters who never
    vote for a tie; and votes for the loser. The likelihood ratio, averaged over the kinds, is 1 in
    expectation for honest voters, so that with probability 1 - error it never exceeds 1 / error,
    however often one looks (Ville's inequality).

    Args:
        votes: single votes, those of each voter in the order they were cast.
        voter: (n,) number of the voter, 0 or more.
        theta: (m,) the board's log-strengths, from far more votes than one voter's.
        error: share of honest voters that may be suspected, wrongly.

    Raises:
        InputError: there are counts, which hide the order, or shapes do not match.

    Source: Ville (1939), Etude critique de la notion de collectif; Grunwald, de Heide and Koolen
        (2024), Journal of the Royal Statistical Society B 86, 1091-1128.
    """
    if votes.count is not None:
        raise InputError("votes have counts; give single votes, in the order they were cast")
    if voter.shape != votes.a.shape or (len(voter) and voter.min() < 0):
        raise InputError("voter must be one number, 0 or more, for each vote")
    if not 0 < error < 1:
        raise InputError(f"the error is {error}; give a share between 0 and 1")
    voters = int(voter.max()) + 1 if len(voter) else 0
    order = np.argsort(voter, kind="stable")
    who = voter[order]
    starts = np.searchsorted(who, np.arange(voters + 1))
    lead = theta[votes.a[order]] - theta[votes.b[order]]
    log_kinds = _log_ratios(lead, votes.outcome[order], starts, _slopes(theta))
    log_e = np.logaddexp.reduce(log_kinds + np.log(KIND_WEIGHTS)[:, np.newaxis], axis=0)
    number = np.arange(len(who)) - starts[who] + 1
    highest = np.zeros(voters)
    kind = np.zeros(voters, dtype=np.int64)
    at = np.zeros(voters, dtype=np.int64)
    np.maximum.at(highest, who, log_e)
    top = np.flatnonzero(log_e == highest[who])
    kind[who[top][::-1]] = log_kinds[:, top[::-1]].argmax(axis=0)
    crossed = np.flatnonzero(log_e >= -np.log(error))
    at[who[crossed][::-1]] = number[crossed][::-1]
    return VoterEvidence(votes=np.diff(starts), log_e=highest, kind=kind, at=at, error=error)


def _slopes(theta: FloatArray) -> FloatArray:
    """Return slopes of honest voters' log-odds on the board's, as common as `SLOPE_WEIGHTS` says.

    A voter who likes contestants by normal amounts of their own follows the board the less steeply
    the stronger these are (MacKay's average of a logistic function over two of them); and as far
    as they happen to go with or against the board, which on a narrow one is much, with a slope
    that is higher or lower.
    """
    spread = float(theta.std()) if len(theta) else 0.0
    mean = 1 / np.sqrt(1 + np.pi / 8 * 2 * TASTE**2)
    scatter = TASTE / (spread * np.sqrt(len(theta))) if spread > 0 else 0.0
    return np.asarray(mean + scatter * GRID)


def _log_ratios(
    lead: FloatArray, outcome: IntArray, starts: IntArray, slopes: FloatArray
) -> FloatArray:
    """Return (3, n) log-likelihood ratios of each kind after each vote of its voter."""
    tied = outcome >= TIE
    first = outcome == A_WINS
    share = (tied.sum() + 1) / (len(tied) + 2)
    signed = np.where(first, lead, -lead)
    decisive = ~tied

    def so_far(values: FloatArray) -> FloatArray:
        total = np.cumsum(values)
        before = np.concatenate([[0.0], total])[starts[:-1]]
        return np.asarray(total - np.repeat(before, np.diff(starts)))

    def follows(slopes: FloatArray) -> FloatArray:
        logs = [so_far(np.where(decisive, -np.logaddexp(0, -s * signed), 0.0)) for s in slopes]
        return _mixture(np.array(logs), SLOPE_WEIGHTS)

    ties, wins, losses = (so_far(x.astype(float)) for x in (tied, first, decisive & ~first))
    decided = wins + losses
    honest = follows(slopes)
    habit = _log_beta(ties, decided, share * TIE_HABIT, (1 - share) * TIE_HABIT)
    sides = [decided * np.log(0.5), _log_beta(wins, losses, 0.5, 0.5)]
    buttons = [ties * np.log(t) + decided * np.log1p(-t) for t in BUTTON_TIES]
    never = ties * np.log(NEVER) + decided * np.log1p(-NEVER)
    clicks = _mixture(np.array(sides), SIDE_WEIGHTS)
    usage = _mixture(np.array([habit, *buttons]), USAGE_WEIGHTS)
    return np.stack([clicks - honest + usage - habit, never - habit, follows(-slopes) - honest])


def _mixture(logs: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the log of the weighted mean over the first axis."""
    shares = np.log(weights / weights.sum())[:, np.newaxis]
    return np.asarray(np.logaddexp.reduce(logs + shares, axis=0))


def _log_beta(one: FloatArray, other: FloatArray, alpha: float, beta: float) -> FloatArray:
    """Return the log-likelihood of so many of either kind, their share having a beta prior."""
    # SciPy's functions take time to import: only those who test voters pay for it.
    from scipy.special import betaln

    return np.asarray(betaln(one + alpha, other + beta) - betaln(alpha, beta))
