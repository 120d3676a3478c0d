"""How much each vote counts, where a column of the votes says so."""

import numpy as np

from blindarena.errors import InputError
from blindarena.leaderboard.options import Options
from blindarena.ranking.arrays import BoolArray, FloatArray
from blindarena.ranking.weights import effective_votes, inverse_propensity
from blindarena.votes.table import VoteTable


def weights_of(table: VoteTable, options: Options) -> FloatArray | None:
    """Return (n,) the weight of each vote, with mean 1; None where all count the same.

    Raises:
        InputError: there is no such column of numbers, or a value in it is none that can weigh.
    """
    if options.propensity is not None:
        name = options.propensity
        values = _column(table, "propensity", name)
        _refuse(~((values > 0) & (values <= 1)), values, name, "a probability above 0, at most 1")
        return inverse_propensity(values)
    if options.weights is None:
        return None
    name = options.weights
    values = _column(table, "weights", name)
    _refuse(~((values >= 0) & (values < np.inf)), values, name, "a weight, 0 or more")
    if not values.any():
        raise InputError(f"{name} is 0 in every vote, so none counts; take another column")
    return np.asarray(values / values.mean())


def weighing_notes(table: VoteTable, options: Options) -> tuple[str, ...]:
    """Say by what the votes are weighted, and what that costs."""
    weights = weights_of(table, options)
    if weights is None:
        return ()
    how = f"by {options.weights}"
    if options.propensity is not None:
        how = f"by 1 / {options.propensity}, the probability with which their pair was drawn"
    count = 1 if table.votes.count is None else table.votes.count
    each = np.repeat(weights, count) if np.ndim(count) else weights
    return (
        f"The votes are weighted {how}: they tell about as much as {effective_votes(each):,.0f} "
        f"votes of equal weight; wins and win rates count every vote once.",
    )


def _column(table: VoteTable, what: str, name: str) -> FloatArray:
    if name not in table.numbers:
        there = ", ".join(sorted(table.numbers)) or "none"
        raise InputError(f"{what}: there is no column {name!r} of numbers; there are: {there}")
    return table.numbers[name]


def _refuse(wrong: BoolArray, values: FloatArray, name: str, cure: str) -> None:
    if wrong.any():
        at = int(wrong.argmax())
        shown = "missing" if np.isnan(values[at]) else f"{values[at]:g}"
        raise InputError(
            f"{name} of vote {at + 1} is {shown} ({int(wrong.sum())} such votes); give {cure}"
        )
