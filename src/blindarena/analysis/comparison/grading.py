"""Grades of single answers, as verdicts on the pairs that others rated."""

import numpy as np

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.comparison.evaluations import Evaluation
from blindarena.analysis.comparison.items import Items, Rated
from blindarena.analysis.verdicts import FIRST, MISSING, SECOND, TIE


def grade_gaps(judge: Evaluation, items: Items) -> FloatArray:
    """Return (items,) the judge's grade of the first answer less that of the second; NaN: none.

    A grade of several turns, or of several repeats, is their mean; where the items have no turns,
    all turns of an answer count.
    """
    gap = np.full(len(items.names), np.nan)
    grades = judge.grades
    if grades is None:
        return gap
    sums: dict[tuple[str, str, str], list[float]] = {}
    turns = (*grades.turn.names, "")
    for contestant, score, question, turn in zip(
        grades.contestant.tolist(),
        grades.score.tolist(),
        grades.question.codes.tolist(),
        grades.turn.codes.tolist(),
        strict=True,
    ):
        name = judge.contestants[contestant]
        for key_turn in {turns[turn], ""}:
            sums.setdefault((grades.question.names[question], key_turn, name), []).append(score)
    for number, (question_name, turn_name, first, second) in enumerate(items.names):
        pair = [sums.get((question_name, turn_name, name)) for name in (first, second)]
        if pair[0] and pair[1]:
            gap[number] = np.mean(pair[0]) - np.mean(pair[1])
    return gap


def rated_by_grades(evaluation: Evaluation, items: Items) -> Rated | None:
    """Return the verdicts that a judge's grades imply on the items of others: equal is a tie."""
    if evaluation.grades is None or not items.rated:
        return None
    gap = grade_gaps(evaluation, items)
    known = ~np.isnan(gap)
    code = np.select([~known, gap > 0, gap < 0], [MISSING, FIRST, SECOND], TIE)
    counts = np.zeros((len(gap), 3), dtype=np.int64)
    counts[np.flatnonzero(known), code[known]] = 1
    nobody = items.rated[0].votes.part(np.zeros(len(items.rated[0].item), dtype=np.bool_))
    return Rated(
        evaluation=evaluation, votes=nobody, item=np.zeros(0, dtype=np.int64), counts=counts
    )
