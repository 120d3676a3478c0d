"""What one evaluation says of itself: how far its raters agree, and which place a judge likes."""

from dataclasses import dataclass

import numpy as np

from blindarena.analysis.alpha import alpha_with_interval
from blindarena.analysis.clusters import Share
from blindarena.analysis.coefficient import ChanceCorrected
from blindarena.analysis.comparison.item_level import SETUPS
from blindarena.analysis.comparison.items import Items, Rated
from blindarena.analysis.fleiss import fleiss_with_interval
from blindarena.analysis.position import (
    PositionConsistency,
    first_position_rate,
    position_consistency,
    share_with,
)
from blindarena.analysis.self_preference import SelfPreference, self_preference
from blindarena.analysis.setups import SetupAgreement, agreement_within
from blindarena.analysis.verdicts import MISSING
from blindarena.errors import InputError, NothingInCommonError


@dataclass(frozen=True, slots=True, kw_only=True)
class WithinPart:
    """How raters agree among themselves on the items of one turn."""

    name: str
    setups: tuple[SetupAgreement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """How the raters of one evaluation agree among themselves.

    Attributes:
        name: of the evaluation.
        items: with two ratings or more.
        setups: S1 with ties, S2 without.
        fleiss: Fleiss' kappa; None where items have different numbers of ratings.
        alphas: Krippendorff's, nominal and ordinal.
        by_turn: where there are several turns.
    """

    name: str
    items: int
    setups: tuple[SetupAgreement, ...]
    fleiss: ChanceCorrected | None
    alphas: tuple[ChanceCorrected, ...]
    by_turn: tuple[WithinPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeHabits:
    """What a judge does whoever answers.

    Attributes:
        name: of the evaluation.
        position: what it says of the same two answers in both orders; None where unknown.
        consistent: the share of pairs of which both orders say the same; None where unknown.
        first: how often what is shown first wins, ties left out; None where unknown.
        self_preference: where it is one of the contestants and others rated that one too.
    """

    name: str
    position: PositionConsistency | None
    consistent: Share | None
    first: Share | None
    self_preference: SelfPreference | None


def within(rated: Rated, items: Items, *, level: float = 0.95) -> Within | None:
    """Return how the raters agree among themselves; None where no item has two ratings."""
    counts, question = rated.counts, items.question
    try:
        setups = tuple(
            agreement_within(counts, question=question, setup=s, level=level) for s in SETUPS
        )
    except NothingInCommonError:
        return None
    try:
        fleiss = fleiss_with_interval(counts, question=question, level=level)
    except InputError:  # items with different numbers of ratings: alpha is for those
        fleiss = None
    alphas = tuple(
        alpha_with_interval(counts, question=question, metric=metric, level=level)
        for metric in ("nominal", "ordinal")
    )
    parts = []
    for number, name in enumerate(items.turn.names if len(items.turn.names) > 1 else ()):
        here = items.turn.codes == number
        if np.any(counts[here].sum(axis=1) > 1):
            each = tuple(
                agreement_within(counts[here], question=question[here], setup=s, level=level)
                for s in SETUPS
            )
            parts.append(WithinPart(name=name, setups=each))
    return Within(
        name=rated.evaluation.name,
        items=int((counts.sum(axis=1) > 1).sum()),
        setups=setups,
        fleiss=fleiss,
        alphas=alphas,
        by_turn=tuple(parts),
    )


def judge_habits(rated: Rated, items: Items, *, level: float = 0.95) -> JudgeHabits | None:
    """Return a judge's habits; None where nothing is known of them."""
    votes, question = rated.votes, items.question[rated.item]
    position = first = consistent = None
    if votes.orders is not None and np.any(votes.orders != MISSING):
        shown, swapped = votes.orders.T
        position = position_consistency(shown, swapped, question=question, level=level)
        consistent = position.consistent
        both = votes.orders.ravel()
        first = first_position_rate(both, question=np.repeat(question, 2), level=level)
    elif votes.consistent is not None and np.any(votes.consistent >= 0):
        known = votes.consistent >= 0
        consistent = share_with(votes.consistent[known] == 1, question[known], level=level)
    own = _self_preference(rated, items, level)
    if consistent is None and own is None:
        return None
    return JudgeHabits(
        name=rated.evaluation.name,
        position=position,
        consistent=consistent,
        first=first,
        self_preference=own,
    )


def _self_preference(rated: Rated, items: Items, level: float) -> SelfPreference | None:
    """Compare a judge's rating of itself with that of all other evaluations together."""
    names = sorted({name for item in items.names for name in item[2:]})
    if rated.evaluation.name not in names:
        return None
    place = {name: number for number, name in enumerate(names)}
    columns = []
    for one in items.rated:
        who = np.full(len(one.item), 0 if one is rated else 1)
        table = np.array([place.get(name, -1) for name in one.evaluation.contestants])
        columns.append(
            (
                who,
                table[one.votes.first],
                table[one.votes.second],
                one.votes.verdict,
                items.question[one.item],
            )
        )
    judge, first, second, verdict, question = (
        np.concatenate(c) for c in zip(*columns, strict=True)
    )
    found = self_preference(
        judge,
        first,
        second,
        verdict,
        own=np.array([place[rated.evaluation.name], -1]),
        question=question,
        contestants=len(names),
        level=level,
    )
    return found[0] if found else None
