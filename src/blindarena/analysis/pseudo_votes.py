"""Bradley-Terry where each pair has any weight and any score: the objective of corrected votes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blindarena.analysis.clusters import sum_by
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.laplacian import flat_pairs, laplacian
from blindarena.ranking.newton import Maximum, maximise


@dataclass(frozen=True, slots=True, eq=False)
class PseudoVotes:
    """The concave function sum of score * d - weight * log(1 + exp(d)), d the pair's log-odds.

    With whole numbers this is the log-likelihood of `weight` votes of which the first side won
    `score`. A correction may put the score outside 0 .. weight; the function stays concave.

    Attributes:
        names: (m,) contestants.
        first: (pairs,) contestant.
        second: (pairs,) contestant.
        weight: (pairs,) none negative.
        score: (pairs,) of the first.
    """

    names: Sequence[str]
    first: IntArray
    second: IntArray
    weight: FloatArray
    score: FloatArray

    @property
    def m(self) -> int:
        """Number of contestants."""
        return len(self.names)

    def slopes(self, at: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the gradient (m,) and the negative second derivatives (m, m)."""
        chance = self._chance(at)
        off = self.score - self.weight * chance
        gradient = np.zeros(self.m)
        np.add.at(gradient, self.first, off)
        np.add.at(gradient, self.second, -off)
        pairs = flat_pairs(self.m, self.first, self.second)
        return gradient, laplacian(self.m, pairs, self.weight * chance * (1 - chance))

    def value(self, at: FloatArray) -> float:
        """Return the function's value."""
        odds = at[self.first] - at[self.second]
        return float(self.score @ odds - self.weight @ np.logaddexp(0, odds))

    def reach(self, step: FloatArray) -> float:
        """Return how far the step moves any log-odds at most."""
        return float(np.ptp(step))

    def name(self, parameter: int) -> str:
        """Return a contestant's name."""
        return f"the rating of {self.names[parameter]!r}"

    def fit(self, start: FloatArray | None = None, *, tol: float = 1e-9) -> Maximum:
        """Climb to the maximum.

        Raises:
            NotIdentifiedError: there is none: a contestant that only wins or only loses, or groups
                that never met.
            ConvergenceError: tol was not reached.
        """
        begin = np.zeros(self.m) if start is None else start
        return maximise(self, begin, np.zeros(self.m), tol=tol)

    def _chance(self, at: FloatArray) -> FloatArray:
        odds = at[self.first] - at[self.second]
        return np.asarray(np.exp(-np.logaddexp(0, -odds)))


def gathered(
    names: Sequence[str], first: IntArray, second: IntArray, weight: FloatArray, score: FloatArray
) -> PseudoVotes:
    """Add up items of the same pair, whichever side each contestant is on.

    Args:
        names: (m,) contestants.
        first: (n,) contestant.
        second: (n,) contestant.
        weight: (n,) of each item.
        score: (n,) of the first.
    """
    m = len(names)
    low, high = np.minimum(first, second), np.maximum(first, second)
    pairs, place = np.unique(m * low + high, return_inverse=True)
    turned = np.where(first == low, score, weight - score)
    sums = sum_by(np.column_stack([weight, turned]), place.astype(np.int64))
    return PseudoVotes(names, pairs // m, pairs % m, sums[:, 0], sums[:, 1])
