"""A chance-corrected coefficient with its interval by leaving out questions."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.clusters import sum_by
from blindarena.analysis.draws import Statistic, statistic_of
from blindarena.analysis.jackknife import jackknife
from blindarena.analysis.verdicts import Codes

Coefficient = Literal["cohen", "fleiss", "alpha-nominal", "alpha-ordinal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChanceCorrected:
    """A chance-corrected coefficient: 1 is agreement, 0 what chance would give.

    Attributes:
        coefficient: which.
        value: None where chance alone would agree too, as all ratings are the same.
        lower: of the interval by leaving out one question at a time, clustered by question.
        upper: None, as lower, where `jackknife` gives no interval.
        items: it rests on.
        questions: of these items.
    """

    coefficient: Coefficient
    value: float | None
    lower: float | None
    upper: float | None
    items: int
    questions: int


def with_interval(
    coefficient: Coefficient,
    sums: FloatArray,
    question: Codes,
    statistic: Statistic,
    *,
    level: float,
) -> ChanceCorrected:
    """Return the statistic of all items, with its interval clustered by question.

    Args:
        coefficient: its name.
        sums: (items, k) what each item adds to what the statistic is made of.
        question: (items,) number of each item's question.
        statistic: from (rounds, k) sums to (rounds,) values.
        level: of the interval.
    """
    by_question = sum_by(sums, question)
    value = statistic_of(by_question, statistic)
    interval = jackknife(by_question, statistic, scale="fisher", level=level)
    return ChanceCorrected(
        coefficient=coefficient,
        value=value,
        lower=interval[0] if interval else None,
        upper=interval[1] if interval else None,
        items=len(sums),
        questions=len(by_question),
    )


def ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Return above / below; NaN where below is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = above / below
    return np.where(below > 0, value, np.nan)
