"""MT-Bench's tables: mean scores by turn and category, and those of checklists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from blindarena.analysis.clusters import Estimated, Share, mean_of, share_of, sum_by
from blindarena.domain.judging import Judgment


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """One contestant's mean scores, with intervals clustered by question.

    Attributes:
        both: over all judgments, of whatever turn.
        turns: by turn.
        categories: by category, over all turns.
        items: share of a checklist's items that are fulfilled; None for other protocols.
        unparsed: judgments without a score, which are in no mean.
    """

    contestant: str
    both: Estimated
    turns: Mapping[int, Estimated]
    categories: Mapping[str, Estimated]
    items: Share | None
    unparsed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreBoard:
    """Mean scores by one judge, or by a panel, highest first.

    Attributes:
        judge: its name.
        panel: the judges whose mean it is; empty for one judge.
    """

    judge: str
    rows: tuple[ScoreRow, ...]
    panel: tuple[str, ...] = ()


def score_board(
    judge: str,
    judgments: Sequence[Judgment],
    *,
    numbers: Mapping[str, int],
    panel: tuple[str, ...] = (),
) -> ScoreBoard:
    """Return the mean scores of each contestant; what has no score is left out and counted.

    Args:
        judge: its name.
        judgments: its own, of the protocol "single" or "rubric".
        numbers: of the questions, by id.
        panel: see `ScoreBoard`.
    """
    rows = []
    for name in sorted({one.contestants[0] for one in judgments}):
        mine = [one for one in judgments if one.contestants[0] == name]
        scored = [one for one in mine if one.score is not None]
        turns = sorted({one.turn for one in scored})
        kinds = sorted({one.category for one in scored})
        rows.append(
            ScoreRow(
                contestant=name,
                both=_mean(scored, numbers),
                turns={t: _mean([one for one in scored if one.turn == t], numbers) for t in turns},
                categories={
                    kind: _mean([one for one in scored if one.category == kind], numbers)
                    for kind in kinds
                },
                items=_items(mine, numbers),
                unparsed=sum(one.unparsed for one in mine),
            )
        )
    rows.sort(key=lambda row: -np.inf if row.both.value is None else row.both.value, reverse=True)
    return ScoreBoard(judge=judge, rows=tuple(rows), panel=panel)


def _mean(scored: Sequence[Judgment], numbers: Mapping[str, int]) -> Estimated:
    values = np.array([one.score for one in scored], dtype=np.float64)
    found = mean_of(values, _questions(scored, numbers))
    if found.lower is None or found.upper is None:
        return found
    least, most = (0.0, 1.0) if scored[0].protocol == "rubric" else (1.0, 10.0)
    # No mean lies outside the scale, so nothing is lost by cutting the interval off there.
    return replace(found, lower=max(found.lower, least), upper=min(found.upper, most))


def _items(judgments: Sequence[Judgment], numbers: Mapping[str, int]) -> Share | None:
    given = [
        (numbers[one.question_id], good)
        for one in judgments
        for _, good in one.items
        if good is not None
    ]
    if not given:
        return None
    found = np.array(given, dtype=np.int64)
    sums = sum_by(np.column_stack([found[:, 1], np.ones(len(found))]), found[:, 0])
    return share_of(sums[:, 0], sums[:, 1])


def _questions(
    judgments: Sequence[Judgment], numbers: Mapping[str, int]
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([numbers[one.question_id] for one in judgments], dtype=np.int64)
