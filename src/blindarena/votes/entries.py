"""From a block's columns to votes as numbers, and what is wrong with a row."""

from dataclasses import dataclass

import numpy as np

from blindarena.ranking.arrays import IntArray
from blindarena.ranking.vote_arrays import TIE
from blindarena.votes.arrow_values import indices, whole_numbers
from blindarena.votes.blocks import Block, Sieve
from blindarena.votes.names import Names, look_up
from blindarena.votes.rankings import expand
from blindarena.votes.spellings import OUTCOMES, UNPARSED

_UNKNOWN, _UNPARSED = -2, -3
_NOT_EXCLUDED = ("", "false", "0")
_KNOWN = ", ".join(("model_a", "model_b", "tie", "both_bad"))


@dataclass(frozen=True, slots=True)
class Entries:
    """Votes of a block.

    Attributes:
        a, b, outcome: (n,) numbers of models, and outcomes.
        count: (n,) how many votes each stands for; None is one each.
        origin: (n,) which row of the block each comes from; None is every row, in order.
        differ: (n,) whether a judge's two orders differ, where it was asked in two.
    """

    a: IntArray
    b: IntArray
    outcome: IntArray
    count: IntArray | None
    origin: IntArray | None
    differ: IntArray | None = None


def entries_of(block: Block, models: Names, sieve: Sieve) -> Entries:
    """Return the votes of a block's rows that are in order; the sieve counts or raises the rest."""
    _drop_excluded(block, sieve)
    if block.plan.shape == "ranking":
        return _ranked(block, models, sieve)
    a, b = _models(block, models, sieve)
    if block.plan.shape == "counts":
        return _aggregated(block, a, b, sieve)
    outcome, differ = _outcomes(block, sieve)
    count = _counts(block, "count", sieve) if "count" in block.plan.roles else None
    if count is not None:
        sieve.keep &= count > 0  # a row of no votes is not wrong, it is only no vote
    if sieve.keep.all():
        return Entries(a, b, outcome, count, None, differ)
    origin = np.flatnonzero(sieve.keep)
    kept = (None if array is None else array[origin] for array in (count, differ))
    return Entries(a[origin], b[origin], outcome[origin], next(kept), origin, next(kept))


def _drop_excluded(block: Block, sieve: Sieve) -> None:
    path = block.plan.roles.get("excluded")
    if path is None:
        return
    found, dictionary = block.read(path, indices)
    reasons = [(reason or "").strip() for reason in dictionary.to_pylist()]
    excluded = np.array([*(reason.lower() not in _NOT_EXCLUDED for reason in reasons), False])
    for code in np.unique(found[look_up(excluded, found) & sieve.keep]).tolist():
        sieve.drop(found == code, f"excluded: {reasons[code]}")


def _models(block: Block, models: Names, sieve: Sieve) -> tuple[IntArray, IntArray]:
    codes = []
    for side in ("model_a", "model_b"):
        found, dictionary = block.read(block.plan.roles[side], indices)
        codes.append(look_up(models.numbers(side, dictionary), found))
        cure = "the model has no name; write one or remove the row"
        sieve.reject(codes[-1] < 0, "missing model", side, cure)
    a, b = codes
    cure = "a model cannot meet itself; remove the row"
    sieve.reject((a == b) & (a >= 0), "self-pair", "model_b", cure)
    return a, b


def _outcomes(block: Block, sieve: Sieve) -> tuple[IntArray, IntArray | None]:
    if block.plan.shape == "votes":
        return _labelled(block, "winner", sieve), None
    first, second = (_labelled(block, game, sieve) for game in ("g1_winner", "g2_winner"))
    sieve.drop((first == _UNPARSED) | (second == _UNPARSED), "unparsed verdict")
    differ = (first != second).astype(np.int8)
    return np.where(differ, np.int8(TIE), first), differ


def _labelled(block: Block, column: str, sieve: Sieve) -> IntArray:
    """Return the outcome of each row's label."""
    found, dictionary = block.read(block.plan.roles[column], indices)
    known = {**OUTCOMES, UNPARSED: _UNPARSED} if column != "winner" else OUTCOMES
    labels = [(text or "").strip() for text in dictionary.to_pylist()]
    table = [known.get(label, _UNKNOWN) if label else -1 for label in labels]
    codes: IntArray = look_up(np.array([*table, -1], dtype=np.int8), found)
    sieve.reject(codes == -1, "missing label", column, f"no label; write one of {_KNOWN}")
    sieve.reject(codes == _UNKNOWN, "unknown label", column, f"unknown label; write {_KNOWN}")
    return codes


def _counts(block: Block, column: str, sieve: Sieve) -> IntArray:
    counts, wrong, negative = block.read(block.plan.roles[column], whole_numbers)
    cure = "not a whole number up to 1e15; write digits only, 0 for none"
    sieve.reject(wrong, "not a count", column, cure)
    cure = "a count cannot be negative; write 0 or more"
    sieve.reject(negative, "negative count", column, cure)
    return counts


def _aggregated(block: Block, a: IntArray, b: IntArray, sieve: Sieve) -> Entries:
    """Return one entry per outcome of a row that has votes."""
    columns = [
        _counts(block, column, sieve)
        if column in block.plan.roles
        else np.zeros(block.rows, dtype=np.int64)
        for column in ("wins_1", "wins_2", "ties", "both_bad")
    ]
    counts = np.stack(columns, axis=1) * sieve.keep[:, None]
    origin, outcome = np.nonzero(counts)
    return Entries(a[origin], b[origin], outcome.astype(np.int8), counts[origin, outcome], origin)


def _ranked(block: Block, models: Names, sieve: Sieve) -> Entries:
    pairs = expand(block.columns[block.plan.roles["ranking"]], sieve)
    count = _counts(block, "count", sieve) if "count" in block.plan.roles else None
    pairs = [pair for pair in pairs if sieve.keep[pair.row]]
    origin = np.array([pair.row for pair in pairs], dtype=np.int64)
    return Entries(
        models.of(pair.a for pair in pairs)[:-1],
        models.of(pair.b for pair in pairs)[:-1],
        np.array([pair.outcome for pair in pairs], dtype=np.int8),
        None if count is None else count[origin],
        origin,
    )
