"""Whether a judge favours the contestant that it is itself."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.coefficient import ratio
from blindarena.analysis.jackknife import jackknife
from blindarena.analysis.verdicts import FIRST, MISSING, TIE, Codes, check_verdicts
from blindarena.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfPreference:
    """How well a judge rates itself beside how well the others rate it.

    Attributes:
        judge: its number.
        own: its contestant's win rate by its own verdicts, a tie counting half.
        others: the mean over the other judges of that contestant's win rate by theirs.
        excess: own - others; above 0 it likes itself more than the others like it.
        lower: of the interval of excess by leaving out one question at a time.
        upper: None, as lower, with fewer than three questions.
        verdicts: of the judge on its own contestant.
        questions: in all verdicts.
    """

    judge: int
    own: float
    others: float
    excess: float
    lower: float | None
    upper: float | None
    verdicts: int
    questions: int


def win_rates(
    judge: Codes, first: Codes, second: Codes, verdict: Codes, *, judges: int, contestants: int
) -> FloatArray:
    """Return (judges, contestants) shares of verdicts won, a tie counting half; NaN without any.

    Args:
        judge: (n,) who gave each verdict.
        first: (n,) the contestant that FIRST stands for.
        second: (n,) the contestant that SECOND stands for.
        verdict: (n,) codes; MISSING is left out.
        judges: how many there are.
        contestants: how many there are.

    Raises:
        InputError: shapes differ, or a number is out of range.
    """
    everywhere = np.zeros(len(verdict), dtype=np.int64)
    shape = (judges, contestants)
    points = _points(judge, first, second, verdict, everywhere, shape)
    return np.asarray(_rates(points, shape)[0])


def self_preference(
    judge: Codes,
    first: Codes,
    second: Codes,
    verdict: Codes,
    *,
    own: Codes,
    question: Codes,
    contestants: int,
    level: float = 0.95,
) -> tuple[SelfPreference, ...]:
    """Return for each judge how much better it rates itself than the other judges rate it.

    A judge may still be right and the others wrong: with people as the only other "judge" the
    excess says more than with machines.

    Args:
        judge: (n,) who gave each verdict.
        first: (n,) the contestant that FIRST stands for.
        second: (n,) the contestant that SECOND stands for.
        verdict: (n,) codes; MISSING is left out.
        own: (judges,) the contestant that each judge is; -1 for none, such as people.
        question: (n,) number of each verdict's question.
        contestants: how many there are.
        level: of the intervals, clustered by question.

    Returns:
        One for each judge that is a contestant, rated itself, and was rated by another judge.

    Raises:
        InputError: shapes differ, or a number is out of range.

    Source: Panickssery, Bowman and Feng (2024), arXiv:2404.13076; the rates as in Li, Patel and Du
        (2023), arXiv:2307.02762.
    """
    shape = (len(own), contestants)
    points = _points(judge, first, second, verdict, question, shape)
    counts = points[:, points.shape[1] // 2 :].sum(axis=0).reshape(shape)
    rates = _rates(points.sum(axis=0)[np.newaxis], shape)[0]
    found = []
    for number, contestant in enumerate(int(c) for c in own):
        if contestant < 0 or not counts[number, contestant]:
            continue
        others = [k for k in range(len(own)) if k != number and counts[k, contestant]]
        if not others:
            continue
        excess = partial(_excess, shape=shape, judge=number, others=others, contestant=contestant)
        interval = jackknife(points, excess, level=level)
        mine, theirs = float(rates[number, contestant]), float(rates[others, contestant].mean())
        found.append(
            SelfPreference(
                judge=number,
                own=mine,
                others=theirs,
                excess=mine - theirs,
                lower=interval[0] if interval else None,
                upper=interval[1] if interval else None,
                verdicts=int(counts[number, contestant]),
                questions=len(points),
            )
        )
    return tuple(found)


def _excess(
    points: FloatArray, *, shape: tuple[int, int], judge: int, others: list[int], contestant: int
) -> FloatArray:
    """Return (rounds,) how much higher a judge's rate of a contestant is than the others'."""
    rates = _rates(points, shape)[:, :, contestant]
    return np.asarray(rates[:, judge] - rates[:, others].mean(axis=1))


def _rates(points: FloatArray, shape: tuple[int, int]) -> FloatArray:
    """Return (rounds, judges, contestants) win rates."""
    half = points.shape[1] // 2
    return ratio(points[:, :half], points[:, half:]).reshape(-1, *shape)


def _points(
    judge: Codes,
    first: Codes,
    second: Codes,
    verdict: Codes,
    question: Codes,
    shape: tuple[int, int],
) -> FloatArray:
    """Return (questions, 2 x judges x contestants): points won, then verdicts."""
    codes = check_verdicts(verdict)
    limits = {"judge": (judge, shape[0]), "first": (first, shape[1]), "second": (second, shape[1])}
    for name, (array, limit) in limits.items():
        if array.shape != codes.shape:
            raise InputError(f"{name} has shape {array.shape}, verdict {codes.shape}; give (n,)")
        if len(array) and (array.min() < 0 or array.max() >= limit):
            raise InputError(f"{name} holds {array.min()} to {array.max()}; give 0 to {limit - 1}")
    places, place = np.unique(question, return_inverse=True)
    size = shape[0] * shape[1]
    given = codes != MISSING
    rows = (place * size + judge * shape[1])[given]
    won = np.where(codes == TIE, 0.5, codes == FIRST)[given]
    at = np.concatenate([rows + first[given], rows + second[given]])
    both = [np.concatenate([won, 1 - won]), np.ones(len(at))]
    sums = [np.bincount(at, w, minlength=len(places) * size).reshape(-1, size) for w in both]
    return np.concatenate(sums, axis=1)
