"""Verdicts on pairs, given or implied by grades, beside which answer is longer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.verdicts import FIRST, SECOND, TIE, Codes, flip
from blindarena.domain.judging import Judgment
from blindarena.judge.scoring.pairs import PairTable


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Implied:
    """Verdicts about pairs as named.

    Attributes:
        question: (n,) of each pair.
        verdicts: (n, 2) one column per order; (n, 1) where there is one only.
        longer: (n,) 1 where the first answer is longer, -1 where the second is; NaN where they are
            equally long, or a length is not known.
        pair: (n,) number of the two contestants.
    """

    question: Codes
    verdicts: Codes
    longer: FloatArray
    pair: Codes

    @property
    def twice(self) -> bool:
        """Say whether each pair was asked about in both orders."""
        return len(self.verdicts.T) == 2


def implied_by_pairs(table: PairTable) -> Implied:
    """Return the verdicts of both orders; where orders are not known, the one that there is."""
    verdicts = table.verdict[:, np.newaxis]
    if table.ordered.all():
        verdicts = np.column_stack([table.shown, flip(table.swapped)])
    return Implied(
        question=table.question,
        verdicts=verdicts,
        longer=_sign(table.length[:, 0] - table.length[:, 1]),
        pair=table.first * len(table.contestants) + table.second,
    )


def implied_by_scores(
    judgments: Sequence[Judgment], lengths: Sequence[float], questions: Codes
) -> Implied:
    """Return what the grades of two contestants on one turn say of them.

    Args:
        judgments: of one judge; those without a grade are left out.
        lengths: of the answer of each.
        questions: number of each one's question.
    """
    names = sorted({one.contestants[0] for one in judgments})
    groups: dict[tuple[int, int, int], list[tuple[int, float, float]]] = defaultdict(list)
    for one, length, question in zip(judgments, lengths, questions.tolist(), strict=True):
        if one.score is not None:
            name = names.index(one.contestants[0])
            groups[question, one.turn, one.repeat].append((name, one.score, length))
    rows = [
        (key[0], _verdict(one[1] - other[1]), one[2] - other[2], len(names) * one[0] + other[0])
        for key, given in groups.items()
        for one, other in combinations(sorted(given), 2)
    ]
    found = np.array(rows, dtype=np.float64).reshape(-1, 4)
    return Implied(
        question=found[:, 0].astype(np.int64),
        verdicts=found[:, 1:2].astype(np.int64),
        longer=_sign(found[:, 2]),
        pair=found[:, 3].astype(np.int64),
    )


def _verdict(difference: float) -> int:
    return FIRST if difference > 0 else SECOND if difference < 0 else TIE


def _sign(difference: FloatArray) -> FloatArray:
    return np.where(difference == 0, np.nan, np.sign(difference))
