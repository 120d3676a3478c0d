"""What judges said, as evaluations: one per judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.comparison.evaluations import (
    Column,
    Evaluation,
    Grades,
    ItemVotes,
    Scores,
    scores_of,
)
from blindarena.analysis.item_draws import draw_means
from blindarena.analysis.verdicts import FIRST, MISSING, SECOND, TIE, Codes
from blindarena.bootstrap.evaluations.asked import Score
from blindarena.bootstrap.evaluations.ratings import scores_from
from blindarena.domain.judging import FiveWay, Judgment, ModelAnswer
from blindarena.domain.style import Style, style_of
from blindarena.errors import InputError
from blindarena.judge.scoring.games import Games, games_of, winner_of
from blindarena.ranking.vote_arrays import VoteArrays

Answers = Mapping[tuple[str, str], ModelAnswer]
"""By contestant and question."""
_CODES: Final[dict[FiveWay | None, int]] = {
    "A>>B": FIRST,
    "A>B": FIRST,
    "A=B": TIE,
    "B>A": SECOND,
    "B>>A": SECOND,
    None: MISSING,
}
_BACK: Final = np.array([0, 2, 1])
"""FIRST, TIE, SECOND as the outcomes A_WINS, TIE, B_WINS."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A column of text being gathered."""

    values: list[str]

    def column(self) -> Column:
        names = sorted({value for value in self.values if value})
        place = {name: number for number, name in enumerate(names)}
        return Column(
            np.array([place.get(value, -1) for value in self.values], dtype=np.int64), tuple(names)
        )


def judge_evaluations(
    judgments: Sequence[Judgment],
    answers: Answers,
    *,
    label: str,
    score: Score = "rating",
    seed: int = 0,
) -> list[Evaluation]:
    """Return one evaluation per judge.

    Args:
        judgments: of all judges.
        answers: for lengths and markup; may be empty.
        label: what the report calls the source.
        score: what contestants are scored by, where pairs were judged.
        seed: of the draws of questions, where answers were graded.

    Raises:
        InputError: nobody said anything.
    """
    judges = sorted({one.judge for one in judgments})
    found = [
        _of_judge(
            judge, [one for one in judgments if one.judge == judge], answers, label, score, seed
        )
        for judge in judges
    ]
    if not found:
        raise InputError(f"{label}: no judge has said anything; run `blindarena judge run` first")
    return found


def _of_judge(
    judge: str,
    judgments: Sequence[Judgment],
    answers: Answers,
    label: str,
    score: Score,
    seed: int,
) -> Evaluation:
    names = tuple(sorted({name for one in judgments for name in one.contestants}))
    votes = _votes(games_of(judgments), names, answers)
    graded = [one for one in judgments if len(one.contestants) == 1 and one.score is not None]
    grades = _grades(graded, names)
    scores: Scores | None = None
    notes = []
    if votes is not None:
        given = votes.verdict != MISSING
        arrays = VoteArrays(
            len(names), votes.first[given], votes.second[given], _BACK[votes.verdict[given]]
        )
        if given.any():
            scores, note = scores_from(arrays.pair_counts(), score=score)
            notes += [note] if note else []
        missing = int((~given).sum())
        if missing:
            notes.append(
                f"Pairs without a verdict in one of their orders, so no votes: {missing:,}."
            )
    if grades is not None and scores is None:
        scores = _mean_grades(grades, len(names), seed)
    flagged = sum(one.flagged for one in judgments)
    if flagged:
        notes.append(f"{flagged:,} judgments are of answers that hold what looks like a verdict.")
    return Evaluation(
        name=judge,
        kind="judge",
        source=label,
        contestants=names,
        votes=votes,
        grades=grades,
        scores=scores,
        notes=tuple(notes),
    )


def _votes(games: Sequence[Games], names: Sequence[str], answers: Answers) -> ItemVotes | None:
    if not games:
        return None
    some = [next(game for game in pair if game is not None) for pair in games]
    styles = {key: [style_of(turn.text) for turn in one.turns] for key, one in answers.items()}
    apart = [_differences(one, styles) for one in some]
    return ItemVotes(
        first=_places([one.contestants[0] for one in some], names),
        second=_places([one.contestants[1] for one in some], names),
        verdict=np.array([_CODES[winner_of(pair)] for pair in games], dtype=np.int64),
        orders=np.array([[_shown(game) for game in pair] for pair in games], dtype=np.int64),
        differences={
            "words": np.array([words for words, _ in apart]),
            "markup": np.array([markup for _, markup in apart]),
        }
        if styles
        else {},
        question=_Row([one.question_id for one in some]).column(),
        turn=_Row([_turn(one) for one in some]).column(),
        category=_Row([one.category for one in some]).column(),
        rater=_Row([one.judge for one in some]).column(),
    )


def _shown(game: Judgment | None) -> int:
    return MISSING if game is None or game.error is not None else _CODES[game.verdict]


def _turn(judgment: Judgment) -> str:
    return str(judgment.turn) if judgment.turn else ""


def _differences(
    judgment: Judgment, styles: Mapping[tuple[str, str], Sequence[Style]]
) -> tuple[float, float]:
    """Return how many more words and marks the first answer has, in the turn that was judged."""
    found = []
    for name in judgment.contestants:
        turns = styles.get((name, judgment.question_id), ())
        kept = turns if judgment.turn == 0 else turns[judgment.turn - 1 : judgment.turn]
        if not kept:
            return np.nan, np.nan
        marks = sum(one.headers + one.lists + one.bold for one in kept)
        found.append((sum(one.words for one in kept), marks))
    return float(found[0][0] - found[1][0]), float(found[0][1] - found[1][1])


def _grades(graded: Sequence[Judgment], names: Sequence[str]) -> Grades | None:
    if not graded:
        return None
    return Grades(
        contestant=_places([one.contestants[0] for one in graded], names),
        score=np.array([one.score for one in graded], dtype=np.float64),
        question=_Row([one.question_id for one in graded]).column(),
        turn=_Row([_turn(one) for one in graded]).column(),
    )


def _mean_grades(grades: Grades, m: int, seed: int) -> Scores:
    """Return mean grades, with intervals from questions drawn anew."""
    questions = len(grades.question.names)
    total, n = np.zeros((questions, m)), np.zeros((questions, m))
    np.add.at(total, (grades.question.codes, grades.contestant), grades.score)
    np.add.at(n, (grades.question.codes, grades.contestant), 1)
    values: FloatArray = np.where(n > 0, total / np.maximum(n, 1), np.nan)
    each = n.sum(axis=0)
    mean = np.where(each > 0, total.sum(axis=0) / np.maximum(each, 1), np.nan)
    if questions < 2:
        return scores_of("mean grade", mean)
    draws = draw_means(values, seed=seed)
    known = ~np.isnan(draws).any(axis=0)
    ends = np.full((2, m), np.nan)
    ends[:, known] = np.quantile(draws[:, known], [0.025, 0.975], axis=0)
    middle, variance = np.full(m, np.nan), np.full(m, np.nan)
    middle[known], variance[known] = draws[:, known].mean(axis=0), draws[:, known].var(axis=0)
    return scores_of(
        "mean grade", mean, lower=ends[0], upper=ends[1], mean=middle, variance=variance
    )


def _places(values: Sequence[str], names: Sequence[str]) -> Codes:
    place = {name: number for number, name in enumerate(names)}
    return np.array([place[value] for value in values], dtype=np.int64)
