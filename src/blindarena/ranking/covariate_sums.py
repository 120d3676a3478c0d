"""Sums over votes that a logistic fit with covariates needs, block by block."""

from collections.abc import Iterator, Sequence

import numpy as np

from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.laplacian import dense, flat_pairs, turn_into_laplacian
from blindarena.ranking.vote_blocks import Block, SortedVotes


class CovariateSums:
    """The log-likelihood of scores y, the log-odds being theta_first - theta_second + z @ beta.

    Parameters are the m strengths theta, then the F coefficients beta.

    Args:
        votes: sorted by pair.
        names: (F,) of the covariates, for errors.

    Attributes:
        m: number of strengths.
        largest: (F,) largest value of each covariate, either way.
    """

    def __init__(self, votes: SortedVotes, names: Sequence[str]) -> None:
        self.m = votes.m
        self._votes, self._names = votes, names
        self._blocks = list(votes.blocks())
        high, low = votes.covariates.max(axis=1, initial=0), votes.covariates.min(axis=1, initial=0)
        self.largest = np.maximum(high, -low)
        observed = _Sums(votes)
        for block in self._blocks:
            observed.add(block, _weighed(votes.score[block.votes] / 2, votes.weight, block))
        self._observed = observed.spread()

    def slopes(self, at: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the gradient and the negative second derivatives."""
        expected, curvature = _Sums(self._votes), _Products(self._votes)
        for block, chance in self._chances(at):
            mass = _weighed(chance, self._votes.weight, block)
            expected.add(block, mass)
            curvature.add(block, mass * (1 - chance))
        return self._observed - expected.spread(), curvature.spread()

    def meat(self, at: FloatArray) -> FloatArray:
        """Return the (p, p) sum of the single scores' outer products with themselves."""
        squares = _Products(self._votes)
        for block, chance in self._chances(at):
            missed = self._votes.score[block.votes] / 2 - chance
            squares.add(block, _weighed(missed * missed, self._votes.square, block))
        return squares.spread()

    def value(self, at: FloatArray) -> float:
        """Return the log-likelihood."""
        total = float(self._observed @ at)
        for block in self._blocks:
            each = np.logaddexp(0, self._odds(block, at))
            total -= float(_weighed(each, self._votes.weight, block).sum())
        return total

    def scores(self, at: FloatArray, groups: IntArray, n_groups: int) -> FloatArray:
        """Sum the scores of the votes by group, see `Estimate`."""
        votes, size = self._votes, len(at)
        missed = np.empty(len(votes.order))
        for block, chance in self._chances(at):
            each = votes.score[block.votes] / 2 - chance
            missed[block.votes] = _weighed(each, votes.weight, block)
        flat = groups[votes.order].astype(np.int64) * size
        cells = n_groups * size
        sums = np.zeros(cells)
        sums += np.bincount(flat + np.repeat(votes.first, votes.sizes), missed, minlength=cells)
        sums -= np.bincount(flat + np.repeat(votes.second, votes.sizes), missed, minlength=cells)
        for column, z in enumerate(votes.covariates, start=self.m):
            sums += np.bincount(flat + column, missed * z, minlength=cells)
        return sums.reshape(n_groups, size)

    def reach(self, step: FloatArray) -> float:
        """Return the most that a step moves any vote's log-odds."""
        strengths = float(np.ptp(step[: self.m])) if self.m else 0.0
        return strengths + float(np.abs(step[self.m :]) @ self.largest)

    def name(self, parameter: int) -> str:
        """Return what a parameter is called in an error."""
        if parameter < self.m:
            return f"the strength of contestant {parameter}"
        return f"the coefficient of {self._names[parameter - self.m]!r}"

    def _odds(self, block: Block, at: FloatArray) -> FloatArray:
        """Return the log-odds of a block's votes."""
        votes, m = self._votes, self.m
        ahead = at[votes.first[block.pairs]] - at[votes.second[block.pairs]]
        odds = np.repeat(ahead, block.sizes)
        odds += at[m:] @ votes.covariates[:, block.votes]
        return odds

    def _chances(self, at: FloatArray) -> Iterator[tuple[Block, FloatArray]]:
        """Yield the chance that the first contestant wins, for each block's votes."""
        for block in self._blocks:
            chance = self._odds(block, at)
            np.negative(chance, out=chance)
            with np.errstate(over="ignore"):  # infinite odds against it are a chance of 0
                np.exp(chance, out=chance)
            chance += 1
            yield block, np.reciprocal(chance, out=chance)


class _Sums:
    """Sum over votes of a mass times (e_first - e_second, z)."""

    def __init__(self, votes: SortedVotes) -> None:
        self._votes = votes
        self._pairs = np.zeros(len(votes.first))
        self._covariates = np.zeros(len(votes.covariates))

    def add(self, block: Block, mass: FloatArray) -> None:
        self._pairs[block.pairs] = np.add.reduceat(mass, block.starts)
        self._covariates += self._votes.covariates[:, block.votes] @ mass

    def spread(self) -> FloatArray:
        """Return the (p,) sums by parameter."""
        return np.concatenate([_incidence(self._votes, self._pairs), self._covariates])


class _Products:
    """Sum over votes of a mass times the outer product of (e_first - e_second, z) with itself."""

    def __init__(self, votes: SortedVotes) -> None:
        covariates, pairs = len(votes.covariates), len(votes.first)
        self._votes = votes
        self._pairs = np.zeros(pairs)
        self._mixed = np.zeros((covariates, pairs))
        self._covariates = np.zeros((covariates, covariates))

    def add(self, block: Block, mass: FloatArray) -> None:
        self._pairs[block.pairs] = np.add.reduceat(mass, block.starts)
        z = self._votes.covariates[:, block.votes]
        massive = z * mass
        self._covariates += massive @ z.T
        for row, mixed in zip(massive, self._mixed, strict=True):
            mixed[block.pairs] = np.add.reduceat(row, block.starts)

    def spread(self) -> FloatArray:
        """Return the (p, p) sums by parameter."""
        votes, m = self._votes, self._votes.m
        strengths = dense(m, flat_pairs(m, votes.first, votes.second), self._pairs)
        strengths += strengths.T.copy()
        turn_into_laplacian(strengths)
        mixed = [_incidence(votes, row) for row in self._mixed]
        border = np.stack(mixed, axis=1) if mixed else np.zeros((m, 0))
        return np.block([[strengths, border], [border.T, self._covariates]])


def _incidence(votes: SortedVotes, values: FloatArray) -> FloatArray:
    """Return (m,) sums of the pairs' values, counted against the second contestant."""
    return np.asarray(
        np.bincount(votes.first, values, minlength=votes.m)
        - np.bincount(votes.second, values, minlength=votes.m)
    )


def _weighed(mass: FloatArray, weight: FloatArray | None, block: Block) -> FloatArray:
    """Return a mass per vote times the votes' weight."""
    return mass if weight is None else mass * weight[block.votes]
