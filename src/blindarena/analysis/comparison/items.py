"""Items that evaluations have in common: question, turn and unordered pair of contestants."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from blindarena.analysis.agreement import Counts, FloatArray
from blindarena.analysis.comparison.evaluations import Column, Evaluation, ItemVotes, by_name
from blindarena.analysis.verdicts import MISSING, Codes, count_verdicts

Item = tuple[str, str, str, str]
"""Question, turn ("" is none), and the two contestants by name."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rated:
    """One evaluation's votes on the items of all.

    Attributes:
        evaluation: whose, with its contestants' names.
        votes: by name; those without a question are left out.
        item: (n,) number of each vote's item.
        counts: (items, 3) verdicts.
    """

    evaluation: Evaluation
    votes: ItemVotes = field(repr=False)
    item: Codes = field(repr=False)
    counts: Counts = field(repr=False)

    def by_rater(self) -> Codes:
        """Return (items, raters) verdicts; the first one where a rater gave several."""
        raters = self.votes.rater
        found = np.full((len(self.counts), len(raters.names)), MISSING)
        known = np.flatnonzero(raters.codes >= 0)[::-1]  # the first is written last
        found[self.item[known], raters.codes[known]] = self.votes.verdict[known]
        return found[:, np.unique(raters.codes[raters.codes >= 0])]

    def raters(self) -> tuple[str, ...]:
        """Return the names of the columns of `by_rater`."""
        codes = self.votes.rater.codes
        return tuple(self.votes.rater.names[k] for k in np.unique(codes[codes >= 0]))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Items:
    """All items, and what each evaluation says of them.

    Attributes:
        names: of the items, sorted.
        question: (items,) number of the question.
        turn: of each item.
        category: of each item; unknown where no evaluation tells.
        rated: by evaluation, in their order; those without votes on items are left out.
        notes: how turns were joined.
    """

    names: tuple[Item, ...] = field(repr=False)
    question: Codes = field(repr=False)
    turn: Column
    category: Column
    rated: tuple[Rated, ...]
    notes: tuple[str, ...]

    def differences(self, feature: str) -> FloatArray:
        """Return (items,) how much more of a feature the first answer has; NaN unknown."""
        total, n = np.zeros(len(self.names)), np.zeros(len(self.names))
        for one in self.rated:
            column = one.votes.differences.get(feature)
            if column is None:
                continue
            known = ~np.isnan(column)
            np.add.at(total, one.item[known], column[known])
            np.add.at(n, one.item[known], 1)
        return np.where(n > 0, total / np.maximum(n, 1), np.nan)

    @property
    def features(self) -> tuple[str, ...]:
        """What is known of answers."""
        return tuple(sorted({name for one in self.rated for name in one.votes.differences}))


def join(evaluations: Sequence[Evaluation]) -> Items:
    """Find the items of all evaluations that have votes on items.

    Where one evaluation has no turns and another has one turn only, the turn is left out of both:
    it says nothing. Several turns are never taken for a whole conversation.

    Args:
        evaluations: with aliases applied.
    """
    with_votes = [one for one in evaluations if one.on_items]
    plain, notes = _without_single_turns(with_votes)
    keyed = []
    for one, votes in zip(with_votes, plain, strict=True):
        sorted_votes = by_name(votes, one.contestants)
        kept = sorted_votes.part(sorted_votes.question.codes >= 0)
        keyed.append((one, kept, _keys(kept, one.contestants)))
    names = sorted({key for _, _, keys in keyed for key in keys})
    place = {name: number for number, name in enumerate(names)}
    rated = []
    for one, votes, keys in keyed:
        item = np.array([place[key] for key in keys], dtype=np.int64)
        counts = count_verdicts(item, votes.verdict, items=len(names))
        rated.append(Rated(evaluation=one, votes=votes, item=item, counts=counts))
    return Items(
        names=tuple(names),
        question=_numbered([name[0] for name in names]).codes,
        turn=_numbered([name[1] for name in names]),
        category=_categories(rated, len(names)),
        rated=tuple(rated),
        notes=notes,
    )


def _keys(votes: ItemVotes, contestants: Sequence[str]) -> list[Item]:
    turns = (*votes.turn.names, "")
    return [
        (votes.question.names[q], turns[t], contestants[a], contestants[b])
        for q, t, a, b in zip(
            votes.question.codes.tolist(),
            votes.turn.codes.tolist(),
            votes.first.tolist(),
            votes.second.tolist(),
            strict=True,
        )
    ]


def _without_single_turns(
    evaluations: Sequence[Evaluation],
) -> tuple[list[ItemVotes], tuple[str, ...]]:
    """Return the votes, single turns left out where another evaluation has none."""
    votes = [one.votes for one in evaluations if one.votes is not None]
    turns = [np.unique(v.turn.codes[v.turn.codes >= 0]) for v in votes]
    if all(len(t) for t in turns) or not any(len(t) for t in turns):
        return votes, ()
    notes, found = [], []
    for one, v, there in zip(evaluations, votes, turns, strict=True):
        if len(there) == 1:
            found.append(replace(v, turn=Column(np.full(len(v.first), -1), ())))
        else:
            found.append(v)
        if len(there) > 1:
            lacking = next(
                other.name for other, t in zip(evaluations, turns, strict=True) if not len(t)
            )
            notes.append(
                f"{one.name} rates {len(there)} turns one by one and {lacking} knows no turns, so "
                "they have no item in common."
            )
    return found, tuple(notes)


def _numbered(values: Sequence[str]) -> Column:
    names, codes = np.unique(np.array(values, dtype=object).astype(str), return_inverse=True)
    return Column(codes.astype(np.int64), tuple(str(name) for name in names))


def _categories(rated: Sequence[Rated], items: int) -> Column:
    """Return the category that the first evaluation to tell one gives each item."""
    found = np.full(items, -1)
    names: dict[str, int] = {}
    for one in reversed(rated):
        column = one.votes.category
        table = np.array([names.setdefault(name, len(names)) for name in column.names], dtype=int)
        known = column.codes >= 0
        if known.any():
            found[one.item[known]] = table[column.codes[known]]
    order = sorted(names)
    table = np.array([order.index(name) for name in names], dtype=np.int64)
    return Column(np.where(found >= 0, table[found], -1) if len(table) else found, tuple(order))
