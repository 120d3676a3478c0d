"""Draw as many votes again as there are, cell by cell, and exactly as drawing single ones would."""

import numpy as np

from blindarena.ranking.arrays import FloatArray, IntArray

FEW = 1000
"""Cells up to which NumPy's multinomial is fast enough: it takes a binomial per cell and round."""

SHORT = 3.0
"""Standard deviations by which the Poisson counts are made to fall short of the votes: one round
in 740 does not, and is drawn in another way."""

SLOTS = 1 << 16
"""Equal parts of the unit interval; most lie within one step of a Poisson distribution."""

OPEN = np.uint16(SLOTS - 1)
"""Stands for a slot within which the distribution steps."""

MOST = 10_000
"""Largest count whose Poisson distribution is tabled: larger ones step in too many slots."""

WORTH_A_TABLE = 2000
"""Draws of one distribution from which a table saves time."""


def resample(cells: IntArray, rng: np.random.Generator, *, rounds: int) -> IntArray:
    """Return (cells, rounds) numbers of votes, each round multinomial with the cells' shares.

    Where there are many cells, each gets a Poisson number with a mean slightly below its own
    count. Given their total k these are multinomial with k draws, whatever k is. So a round whose
    total is short of the votes is made complete by single draws, and then is multinomial with the
    full number; a round whose total is not is drawn by NumPy instead. Cells of equal counts share
    one Poisson distribution, which is tabled and inverted.

    Args:
        cells: (cells,) votes of each cell, at least one in all.
        rng: draws; the same state draws the same numbers.
        rounds: how often.

    Source: the Poisson numbers and their total: Devroye (1986), Non-Uniform Random Variate
        Generation, chapter XI; the table: chapter III.2.4, the method of guide tables.
    """
    total = int(cells.sum())
    seen = np.flatnonzero(cells)
    kind = np.uint16 if cells.max() <= 3 * MOST else np.int64  # the former takes half the time
    drawn: IntArray = np.zeros((len(cells), rounds), dtype=kind)
    if len(seen) <= FEW or total > len(seen) ** 2:
        drawn[seen] = rng.multinomial(total, cells[seen] / total, size=rounds).T
        return drawn
    seen = seen[np.argsort(cells[seen], kind="stable")]
    begin = 0
    for count, size in zip(*np.unique(cells[seen], return_counts=True), strict=True):
        mean = float(count) * (1 - SHORT / np.sqrt(total))
        drawn[seen[begin : begin + size]] = _poisson(mean, rng, (int(size), rounds))
        begin += int(size)
    missing = total - drawn.sum(axis=0, dtype=np.int64)
    beyond = np.flatnonzero(missing < 0)
    missing[beyond] = 0
    cell = seen[_single_votes(rng, cells[seen], int(missing.sum()))]
    flat: IntArray = cell * rounds + np.repeat(np.arange(rounds), missing)
    np.add.at(drawn.reshape(-1), flat, np.ones(1, dtype=kind))
    for one in beyond:
        drawn[seen, one] = rng.multinomial(total, cells[seen] / total)
    return drawn


def _single_votes(rng: np.random.Generator, cells: IntArray, votes: int) -> IntArray:
    """Return (votes,) the cells of single votes; the cells are sorted by count."""
    value, begin, size = np.unique(cells, return_index=True, return_counts=True)
    vote = rng.integers(0, int(cells.sum()), size=votes)
    # Votes lie in the order of their cells: the count tells how many votes on the next cell is.
    before = np.cumsum(value * size) - value * size
    group = np.searchsorted(before, vote, side="right") - 1
    return np.asarray(begin[group] + (vote - before[group]) // value[group])


def _poisson(mean: float, rng: np.random.Generator, shape: tuple[int, int]) -> IntArray:
    """Draw Poisson numbers of one mean."""
    if mean > MOST or shape[0] * shape[1] < WORTH_A_TABLE:
        return rng.poisson(mean, size=shape)
    cumulative = _cumulative(mean)
    slot = rng.integers(0, SLOTS, size=shape, dtype=np.uint16)
    found = _table(cumulative).take(slot)
    # Within a slot that is open, further digits of the same uniform number decide.
    undecided = np.flatnonzero(found == OPEN)
    uniform = (slot.reshape(-1)[undecided] + rng.random(len(undecided))) / SLOTS
    found.reshape(-1)[undecided] = np.searchsorted(cumulative, uniform, side="right")
    return found


def _table(cumulative: FloatArray) -> IntArray:
    """Return (SLOTS,) the number whose step covers the whole of each slot, or OPEN."""
    ends = (cumulative * SLOTS).astype(np.int64)
    table = np.repeat(np.arange(len(ends), dtype=np.uint16), np.diff(ends, prepend=0))
    table[ends[ends < SLOTS]] = OPEN
    return np.asarray(table)


def _cumulative(mean: float) -> FloatArray:
    """Return the Poisson distribution function at 0, 1, ... up to where it is 1 to rounding."""
    number = np.arange(int(mean + 12 * np.sqrt(mean) + 40))
    logs = number * np.log(mean) - mean
    logs[1:] -= np.cumsum(np.log(number[1:]))
    cumulative = np.cumsum(np.exp(logs))
    return np.asarray(cumulative / cumulative[-1])
