"""Votes of people and of a judge on the same items, as what a prediction-powered rating takes."""

from dataclasses import dataclass

import numpy as np

from blindarena.analysis.comparison.items import Items, Rated
from blindarena.analysis.judged_items import judged_items
from blindarena.analysis.labels_needed import LabelsNeeded, labels_needed
from blindarena.analysis.prediction_powered import prediction_powered
from blindarena.ranking.arrays import FloatArray

HALF_WIDTHS = (20.0, 40.0)
"""Elo points for which the labels needed are stated where nobody asks for another precision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedRow:
    """A contestant's rating by people alone, and with the judge; Elo points, mean 1000."""

    name: str
    people: float
    people_lower: float
    people_upper: float
    combined: float
    combined_lower: float
    combined_upper: float
    effective_labels: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """Human votes with the help of a judge.

    Attributes:
        judge: name of the evaluation.
        people: name of the evaluation.
        sentence: what it is worth; says where the judge adds nothing.
        weight: of the judge's verdicts, 0 to 1.
        best_weight: before it was clipped.
        items: that the judge rated.
        labels: of these, rated by people.
        unjudged: items of people that the judge did not rate: not used.
        questions: of the items.
        effective_labels: human labels that would tell as much.
        gained: effective_labels - labels.
        rows: contestants, best first.
        needed: labels for some precisions.
        level: of the intervals.
    """

    judge: str
    people: str
    sentence: str
    weight: float
    best_weight: float
    items: int
    labels: int
    unjudged: int
    questions: int
    effective_labels: float
    gained: float
    rows: tuple[CombinedRow, ...]
    needed: tuple[LabelsNeeded, ...]
    level: float


def combine(
    judge: Rated,
    people: Rated,
    items: Items,
    *,
    half_widths: tuple[float, ...] = HALF_WIDTHS,
    level: float = 0.95,
) -> Combination:
    """Rate the contestants from both, the judge's mistakes taken off.

    Items are taken as drawn for people at random, with the same chance each.

    Args:
        judge: on all items.
        people: on some of them.
        items: of all evaluations.
        half_widths: precisions to state the labels needed for, Elo points.
        level: of the intervals.

    Raises:
        NothingInCommonError: people rated none of the judge's items.
        NotIdentifiedError: people's votes alone leave a contestant without a finite rating.
        ConvergenceError: a fit did not converge.
    """
    judged = judge.counts.sum(axis=1) > 0
    rated = people.counts.sum(axis=1) > 0
    rows = np.flatnonzero(judged)
    names = sorted({name for row in rows.tolist() for name in items.names[row][2:]})
    place = {name: number for number, name in enumerate(names)}
    sides = np.array([[place[n] for n in items.names[row][2:]] for row in rows.tolist()], dtype=int)
    data = judged_items(
        names,
        sides.reshape(-1, 2)[:, 0],
        sides.reshape(-1, 2)[:, 1],
        judge=_mean(judge)[rows],
        human=_mean(people)[rows],
        cluster=items.question[rows],
    )
    found = prediction_powered(data)
    plain, both = found.plain.interval(level=level), found.combined.interval(level=level)
    table = [
        CombinedRow(
            name=name,
            people=float(found.plain.elo[k]),
            people_lower=float(plain[0][k]),
            people_upper=float(plain[1][k]),
            combined=float(found.combined.elo[k]),
            combined_lower=float(both[0][k]),
            combined_upper=float(both[1][k]),
            effective_labels=float(found.effective_by[k]),
        )
        for k, name in enumerate(names)
    ]
    return Combination(
        judge=judge.evaluation.name,
        people=people.evaluation.name,
        sentence=found.sentence,
        weight=found.combined.weight,
        best_weight=found.best_weight,
        items=found.items,
        labels=found.labels,
        unjudged=int((rated & ~judged).sum()),
        questions=found.clusters,
        effective_labels=found.effective_labels,
        gained=found.gained,
        rows=tuple(sorted(table, key=lambda row: -row.combined)),
        needed=tuple(
            labels_needed(found, data, half_width=width, level=level) for width in half_widths
        ),
        level=level,
    )


def _mean(rated: Rated) -> FloatArray:
    """Return (items,) the mean score of the first contestant; NaN where nobody rated."""
    n = rated.counts.sum(axis=1)
    score = rated.counts @ np.array([1.0, 0.5, 0.0])
    return np.where(n > 0, score / np.maximum(n, 1), np.nan)
