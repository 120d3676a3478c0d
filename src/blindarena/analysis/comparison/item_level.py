"""How two evaluations agree on the items they have in common."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from blindarena.analysis.agreement import Counts, FloatArray
from blindarena.analysis.alternative_annotator import (
    Alignment,
    ReplacementTest,
    alternative_annotator_test,
)
from blindarena.analysis.beside import BesideHumans, beside_humans
from blindarena.analysis.calibration import Calibration, calibrate_gaps
from blindarena.analysis.coefficient import ChanceCorrected
from blindarena.analysis.comparison.evaluations import Column, Evaluation
from blindarena.analysis.comparison.grading import grade_gaps
from blindarena.analysis.comparison.items import Items, Rated
from blindarena.analysis.feature_bias import FeatureBias, feature_bias
from blindarena.analysis.kappa import cohen_with_interval, confusion_matrix
from blindarena.analysis.setups import (
    SetupAgreement,
    agreement_between,
    agreement_by,
    gap_groups,
)
from blindarena.analysis.verdicts import Codes, Setup, majority
from blindarena.errors import NothingInCommonError

GAP_EDGES = (50.0, 100.0, 200.0)
"""Elo points between the ranges of the rating gap."""
SETUPS: tuple[Setup, ...] = ("S1", "S2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Agreement on some of the items.

    Attributes:
        by: what they have in common: "turn", "category" or "rating gap".
        name: its value.
        setups: S1 and S2; None where no item of it has ratings of both.
    """

    by: str
    name: str
    setups: tuple[SetupAgreement, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedBias:
    """A judge's liking for more of a feature, beside people's."""

    feature: str
    bias: FeatureBias


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAgreement:
    """Two evaluations on the items that both rated.

    Attributes:
        one: name of the one; of a judge and people, the judge.
        other: name of the other.
        items: that both rated.
        setups: agreement over pairs of their ratings, S1 with ties and S2 without.
        kappas: Cohen's kappa of the majorities, S1 and S2.
        confusion: (3, 3) of the majorities: first, tie, second by name; `one` in rows.
        parts: by turn, category and rating gap, where there are several.
        beside: a judge beside people on the items that two people rated; None without such items.
        replacement: the Alternative Annotator Test; None unless it is a judge and people.
        annotators: names of the people that the test numbers.
        biases: of a judge, where features of answers are known.
        calibration: of a judge that grades.
    """

    one: str
    other: str
    items: int
    setups: tuple[SetupAgreement, ...]
    kappas: tuple[ChanceCorrected, ...]
    confusion: tuple[tuple[int, ...], ...]
    parts: tuple[Part, ...]
    beside: tuple[BesideHumans, ...]
    replacement: ReplacementTest | None
    annotators: tuple[str, ...]
    biases: tuple[NamedBias, ...]
    calibration: Calibration | None


def item_agreement(
    one: Rated,
    other: Rated,
    items: Items,
    *,
    gap: FloatArray | None,
    epsilon: float,
    alignment: Alignment = "accuracy",
    level: float = 0.95,
) -> ItemAgreement:
    """Compare two evaluations item by item.

    Args:
        one: the judge, where one of the two is.
        other: people, or another judge.
        items: of all.
        gap: (items,) rating of the first less that of the second by people or by `other`, in Elo
            points; NaN where unknown; None without ratings.
        epsilon: of the Alternative Annotator Test.
        alignment: of the same.
        level: of the intervals.

    Raises:
        NothingInCommonError: no item has ratings of both.
    """
    question = items.question
    mine, theirs = majority(one.counts), majority(other.counts)
    table = confusion_matrix(mine, theirs)
    with_people = one.evaluation.kind == "judge" and other.evaluation.kind == "people"
    setups = tuple(
        agreement_between(one.counts, other.counts, question=question, setup=s, level=level)
        for s in SETUPS
    )
    return ItemAgreement(
        one=one.evaluation.name,
        other=other.evaluation.name,
        items=int(table.sum()),
        setups=setups,
        kappas=tuple(
            cohen_with_interval(mine, theirs, question=question, setup=s, level=level)
            for s in SETUPS
        ),
        confusion=tuple(tuple(int(n) for n in row) for row in table),
        parts=tuple(_parts(one.counts, other.counts, items, gap, level)),
        beside=_beside(one, other, question, level) if with_people else (),
        replacement=_replacement(mine, other, question, epsilon, alignment)
        if with_people
        else None,
        annotators=other.raters() if with_people else (),
        biases=_biases(one, other, items, level) if with_people else (),
        calibration=_calibration(one.evaluation, other, items, level) if with_people else None,
    )


def _parts(
    one: Counts, other: Counts, items: Items, gap: FloatArray | None, level: float
) -> list[Part]:
    found = []
    for by, column in (("turn", items.turn), ("category", items.category)):
        found += _by(by, column, one, other, items, level)
    if gap is not None:
        known = ~np.isnan(gap)
        codes = np.where(known, gap_groups(np.where(known, gap, 0.0), GAP_EDGES), -1)
        ends = ("0", *(f"{edge:g}" for edge in GAP_EDGES))
        names = [f"{a} to {b} Elo" for a, b in pairwise(ends)]
        column = Column(codes, (*names, f"{ends[-1]} Elo and more"))
        found += _by("rating gap", column, one, other, items, level)
    return found


def _by(
    by: str, column: Column, one: Counts, other: Counts, items: Items, level: float
) -> list[Part]:
    both = (one.sum(axis=1) > 0) & (other.sum(axis=1) > 0) & (column.codes >= 0)
    if len(np.unique(column.codes[both])) < 2:
        return []
    groups = [
        agreement_by(
            one,
            other,
            group=column.codes,
            groups=len(column.names),
            question=items.question,
            setup=setup,
            level=level,
        )
        for setup in SETUPS
    ]
    parts = []
    for number, name in enumerate(column.names):
        with_ties, without = (group[number] for group in groups)
        if with_ties is not None and without is not None:
            parts.append(Part(by=by, name=name, setups=(with_ties, without)))
    return parts


def _beside(judge: Rated, people: Rated, question: Codes, level: float) -> tuple[BesideHumans, ...]:
    try:
        return tuple(
            beside_humans(judge.counts, people.counts, question=question, setup=s, level=level)
            for s in SETUPS
        )
    except NothingInCommonError:
        return ()


def _replacement(
    judge: Codes, people: Rated, question: Codes, epsilon: float, alignment: Alignment
) -> ReplacementTest:
    return alternative_annotator_test(
        judge, people.by_rater(), epsilon=epsilon, question=question, alignment=alignment
    )


def _biases(judge: Rated, people: Rated, items: Items, level: float) -> tuple[NamedBias, ...]:
    found = []
    for feature in items.features:
        difference = items.differences(feature)
        known = ~np.isnan(difference)
        if not known.any():
            continue
        bias = feature_bias(
            judge.counts[known],
            people.counts[known],
            difference[known],
            question=items.question[known],
            level=level,
        )
        if bias.items:
            found.append(NamedBias(feature=feature, bias=bias))
    return tuple(found)


def _calibration(
    judge: Evaluation, people: Rated, items: Items, level: float
) -> Calibration | None:
    gap = grade_gaps(judge, items)
    known = ~np.isnan(gap)
    try:
        return calibrate_gaps(
            gap[known], people.counts[known], question=items.question[known], level=level
        )
    except NothingInCommonError:
        return None


def rating_gap(evaluation: Evaluation, items: Items) -> FloatArray | None:
    """Return (items,) the rating of the first contestant less that of the second; NaN unknown."""
    if evaluation.scores is None or evaluation.scores.what != "Elo":
        return None
    rating = dict(zip(evaluation.contestants, evaluation.scores.score.tolist(), strict=True))
    return np.array([rating.get(i[2], np.nan) - rating.get(i[3], np.nan) for i in items.names])
