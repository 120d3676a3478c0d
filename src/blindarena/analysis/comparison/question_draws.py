"""Scores of contestants when the questions are drawn anew, the same ones for both evaluations."""

import numpy as np

from blindarena.analysis.agreement import FloatArray, Interval
from blindarena.analysis.comparison.evaluations import Column, Evaluation, Grades, ItemVotes
from blindarena.analysis.correlation import KINDS, Kind
from blindarena.analysis.item_draws import correlation_over_draws
from blindarena.analysis.verdicts import FIRST, MISSING, SECOND
from blindarena.errors import AnalysisError, RankingError
from blindarena.ranking.arrays import IntArray
from blindarena.ranking.bradley_terry import fit_bradley_terry
from blindarena.ranking.vote_arrays import VoteArrays

ROUNDS = 200


def intervals_over_questions(
    one: Evaluation,
    other: Evaluation,
    names: list[str],
    *,
    seed: int,
    level: float = 0.95,
    rounds: int = ROUNDS,
) -> tuple[tuple[Kind, Interval], ...]:
    """Return the intervals of the correlations over questions, with these contestants.

    Where only one evaluation has questions, only its noise is in the interval.

    Args:
        one: an evaluation with scores.
        other: the reference, with scores.
        names: contestants with scores of both.
        seed: of the draws.
        level: of the intervals.
        rounds: how often questions are drawn.

    Returns:
        Nothing where neither has at least two questions, or too many draws leave no order.
    """
    asked = [_questions(evaluation) for evaluation in (one, other)]
    questions = sorted({name for column in asked if column is not None for name in column.names})
    if len(questions) < 2:
        return ()
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(questions), np.full(len(questions), 1 / len(questions)), rounds)
    place = {name: number for number, name in enumerate(questions)}
    scores = []
    for evaluation, column in zip((one, other), asked, strict=True):
        rows = [evaluation.contestants.index(name) for name in names]
        if column is None:
            scores.append(_fixed(evaluation)[rows])
            continue
        table = np.array([place[name] for name in column.names], dtype=np.int64)
        scores.append(_scores(evaluation, drawn[:, table])[:, rows])
    found = []
    for kind in KINDS:
        try:
            interval = correlation_over_draws(*scores, kind=kind, seed=seed, level=level)
        except AnalysisError:
            continue
        if interval is not None:
            found.append((kind, interval))
    return tuple(found)


def _questions(evaluation: Evaluation) -> Column | None:
    """Return the questions that the scores come from."""
    what = None if evaluation.scores is None else evaluation.scores.what
    if evaluation.grades is not None and what == "mean grade":
        return evaluation.grades.question
    if evaluation.votes is not None and evaluation.on_items and what in ("Elo", "win rate"):
        return evaluation.votes.question
    return None


def _fixed(evaluation: Evaluation) -> FloatArray:
    return np.zeros(0) if evaluation.scores is None else evaluation.scores.score


def _scores(evaluation: Evaluation, weights: IntArray) -> FloatArray:
    """Return (rounds, m) scores, each round with its own weights of the questions; NaN: none."""
    m = len(evaluation.contestants)
    what = None if evaluation.scores is None else evaluation.scores.what
    if evaluation.grades is not None and what == "mean grade":
        return _grades(evaluation.grades, weights, m)
    votes = evaluation.votes
    if votes is None:  # _questions found some
        return np.full((len(weights), m), np.nan)
    kept = votes.part((votes.question.codes >= 0) & (votes.verdict != MISSING))
    rate = _rating if what == "Elo" else _win_rate
    return np.array([rate(kept, each[kept.question.codes], m) for each in weights])


def _grades(grades: Grades, weights: IntArray, m: int) -> FloatArray:
    found = []
    for each in weights:
        weight = each[grades.question.codes].astype(np.float64)
        total = np.bincount(grades.contestant, weight, m)
        score = np.bincount(grades.contestant, weight * grades.score, m)
        found.append(np.where(total > 0, score / np.where(total > 0, total, 1), np.nan))
    return np.array(found)


def _rating(votes: ItemVotes, weight: IntArray, m: int) -> FloatArray:
    outcome = np.array([0, 2, 1])[votes.verdict]
    some = weight > 0
    arrays = VoteArrays(m, votes.first[some], votes.second[some], outcome[some], weight[some])
    try:
        return fit_bradley_terry(arrays.pair_counts(), tol=1e-6).theta
    except RankingError:
        return np.full(m, np.nan)


def _win_rate(votes: ItemVotes, weight: IntArray, m: int) -> FloatArray:
    won = np.select([votes.verdict == FIRST, votes.verdict == SECOND], [1.0, 0.0], 0.5)
    total = np.bincount(votes.first, weight, m) + np.bincount(votes.second, weight, m)
    score = np.bincount(votes.first, weight * won, m)
    score += np.bincount(votes.second, weight * (1 - won), m)
    return np.where(total > 0, score / np.where(total > 0, total, 1), np.nan)
