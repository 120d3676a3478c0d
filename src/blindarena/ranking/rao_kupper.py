"""Rao and Kupper's model: two contestants tie where they differ by less than a threshold."""

import numpy as np

from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.bradley_terry import check_identified
from blindarena.ranking.pair_model import PairFit, fit_pairs, precision_of
from blindarena.ranking.scale import ELO_PER_NAT
from blindarena.ranking.tie_identification import check_ties
from blindarena.ranking.vote_arrays import BOTH_BAD, TIE, VoteArrays
from blindarena.ranking.vote_cells import OUTCOMES, vote_cells


class RaoKupperFit(PairFit):
    """Strengths and the threshold: the last of the parameters, in nats."""

    __slots__ = ()

    @property
    def threshold_elo(self) -> float:
        """Return the threshold in Elo points; equals tie with chance tanh(threshold / 2)."""
        return float(self.parameters[-1]) * ELO_PER_NAT


def fit_rao_kupper(
    votes: VoteArrays,
    *,
    weights: FloatArray | None = None,
    prior_elo: float | None = None,
    tol: float = 1e-9,
) -> RaoKupperFit:
    """Fit Rao and Kupper's model by Newton's method; a both-bad vote counts as a tie.

    With d = theta_i - theta_j and the logistic function F, i wins with chance F(d - h), j with
    F(-d - h), and they tie otherwise.

    Args:
        votes: the votes.
        weights: (n,) weight of each vote; None is 1.
        prior_elo: standard deviation, in Elo points, of a normal prior of the strengths around
            their mean; None leaves them free.
        tol: see `fit_bradley_terry`.

    Raises:
        NotIdentifiedError: no finite estimate exists; says why and what to do.
        ConvergenceError: tol was not reached.

    Source: Rao and Kupper (1967), Journal of the American Statistical Association 62, 194-204.
    """
    cells = vote_cells(votes, weights)
    precision = np.append(np.full(votes.m, precision_of(prior_elo)), 0.0)
    tied = cells.weight[[TIE, BOTH_BAD]].sum(axis=0)
    if prior_elo is None:
        check_identified(cells.pair_counts())
    check_ties(cells, tied, strengths_are_free=prior_elo is None)
    # equals tie with chance tanh(h / 2), so this is exact where all are equal
    start = np.append(np.zeros(votes.m), 2 * np.arctanh(tied.sum() / cells.weight.sum()))
    return fit_pairs(
        RaoKupperFit, _RaoKupper(votes.m), votes, weights, start, precision, cells=cells, tol=tol
    )


class _RaoKupper:
    """Local parameters are theta_first, theta_second and the threshold h.

    As log P(tie) = log(exp(2 h) - 1) + log F(d - h) + log F(-d - h), every outcome is a sum of
    log F(u) with u = d - h, log F(v) with v = -d - h, and a function of h alone.
    """

    def __init__(self, m: int) -> None:
        self.m = m

    def columns(self, first: IntArray, second: IntArray) -> list[IntArray]:
        return [first, second, np.full(len(first), self.m)]

    def log_chances(self, z: FloatArray) -> FloatArray:
        first, second, h = z
        if h.size and h[0] <= 0:
            return np.full((OUTCOMES, len(h)), -np.inf)
        ahead = first - second
        win, loss = -np.logaddexp(0, h - ahead), -np.logaddexp(0, h + ahead)
        tie = 2 * h + np.log(-np.expm1(-2 * h)) + win + loss
        return np.stack([win, loss, tie, tie])

    def scores(self, z: FloatArray) -> FloatArray:
        missed_win, missed_loss = self._missed(z)
        zero = np.zeros_like(missed_win)
        win = np.stack([missed_win, -missed_win, -missed_win])
        loss = np.stack([-missed_loss, missed_loss, -missed_loss])
        wider = np.stack([zero, zero, 2 / -np.expm1(-2 * z[2])])
        return np.stack([win, loss, win + loss + wider, win + loss + wider])

    def information(self, z: FloatArray, weight: FloatArray) -> FloatArray:
        win, loss = np.exp(self.log_chances(z)[:TIE])
        missed_win, missed_loss = self._missed(z)
        tied = weight[TIE] + weight[BOTH_BAD]
        one = (weight[0] + tied) * missed_win * win
        two = (weight[1] + tied) * missed_loss * loss
        strengths, mixed = one + two, two - one
        threshold = strengths + tied / np.sinh(z[2]) ** 2
        return np.array(
            [
                [strengths, -strengths, mixed],
                [-strengths, strengths, -mixed],
                [mixed, -mixed, threshold],
            ]
        )

    def name(self, parameter: int) -> str:
        if parameter == self.m:
            return "the threshold of a tie"
        return f"the strength of contestant {parameter}"

    def reach(self, step: FloatArray) -> float:
        """Promise nothing: near a threshold of 0 the curvature has no bound."""
        return np.inf

    def _missed(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the chances that the first does not win, and that the second does not."""
        first, second, h = z
        ahead = first - second
        return np.exp(-np.logaddexp(0, ahead - h)), np.exp(-np.logaddexp(0, -ahead - h))
