"""How two evaluations agree on the contestants as a whole."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from blindarena.analysis.agreement import FloatArray, Interval
from blindarena.analysis.comparison.evaluations import Evaluation
from blindarena.analysis.comparison.question_draws import intervals_over_questions
from blindarena.analysis.correlation import Correlation, Kind, correlations
from blindarena.analysis.influence import Influences, influences
from blindarena.analysis.scores import FEWEST, midranks
from blindarena.analysis.separability import (
    ConfidentAgreement,
    Separability,
    agreement_with_confidence,
    pair_agreement,
    pair_rank_brier,
    separability,
)
from blindarena.errors import ConstantScoresError, NothingInCommonError


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """A contestant by two evaluations.

    Attributes:
        name: of the contestant.
        one: score by the one evaluation.
        other: score by the other.
        rank_one: 1 is the best; equal scores share their mean rank.
        rank_other: by the other.
    """

    name: str
    one: float
    other: float
    rank_one: float
    rank_other: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAgreement:
    """Two evaluations on the contestants that both scored.

    Attributes:
        one: name of the evaluation.
        other: name of the reference, such as a board of human votes.
        what: the scores of `one` are.
        other_what: the scores of `other` are.
        rows: contestants in both, best by the reference first.
        only_one: contestants with a score of `one` only.
        only_other: contestants with a score of `other` only.
        correlations: Pearson, Spearman, Kendall.
        over_questions: intervals of the correlations when questions are drawn anew, with these
            contestants; noise of both draws them towards 0. Empty where no questions are known.
        influences: how Spearman's depends on each contestant, by number in `names`; None with
            fewer than four.
        names: contestants in both, by name: what `influences` numbers.
        same_order: share of the pairs that both put in the same order.
        separability: of `one`, where its intervals are known.
        other_separability: of the reference, likewise.
        confident: agreement with confidence, where both intervals are known and the reference
            tells some pair apart.
        brier: pair rank Brier score, where the variance of `one`'s scores is known.
        brier_from: what that variance is from: "draws" or "intervals".
    """

    one: str
    other: str
    what: str
    other_what: str
    rows: tuple[ModelRow, ...]
    only_one: tuple[str, ...]
    only_other: tuple[str, ...]
    correlations: tuple[Correlation, ...]
    over_questions: tuple[tuple[Kind, Interval], ...]
    influences: Influences | None
    names: tuple[str, ...]
    same_order: float
    separability: Separability | None
    other_separability: Separability | None
    confident: ConfidentAgreement | None
    brier: float | None
    brier_from: str | None


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """The scores of the contestants in both, by name."""

    score: FloatArray
    lower: FloatArray
    upper: FloatArray
    mean: FloatArray
    variance: FloatArray

    @property
    def intervals(self) -> bool:
        return not (np.isnan(self.lower).any() or np.isnan(self.upper).any())


def model_agreement(
    one: Evaluation, other: Evaluation, *, seed: int, level: float = 0.95
) -> ModelAgreement:
    """Compare the scores of two evaluations.

    Args:
        one: with scores.
        other: the reference, with scores.
        seed: of the bootstrap over contestants.
        level: of its intervals.

    Raises:
        NothingInCommonError: fewer than three contestants have scores of both.
        ConstantScoresError: all scores of one of them are equal.
    """
    mine, theirs = _places(one), _places(other)
    names = sorted(mine.keys() & theirs.keys())
    if len(names) < FEWEST:
        listed = f" ({', '.join(names)})" if names else ""
        raise NothingInCommonError(
            f"{one.name} and {other.name} have {len(names)} contestants with scores in "
            f"common{listed}; a comparison of orders needs at least {FEWEST}: check that they "
            "have the same names, or say --alias THIS=THAT"
        )
    a, b = _known(one, [mine[n] for n in names]), _known(other, [theirs[n] for n in names])
    for evaluation, known in ((one, a), (other, b)):
        if np.ptp(known.score) == 0:
            raise ConstantScoresError(
                f"{evaluation.name} gives all {len(names)} contestants the score "
                f"{known.score[0]:g}, so there is no order to compare"
            )
    found = correlations(a.score, b.score, seed=seed, level=level)
    brier, brier_from = _brier(a, b.score)
    confident = None
    if a.intervals and b.intervals:
        # As the source counts: an anchor without width touches no interval it shares a point with.
        confident = agreement_with_confidence(
            (a.score, a.lower, a.upper), (b.score, b.lower, b.upper), touching="apart"
        )
    return ModelAgreement(
        one=one.name,
        other=other.name,
        what="" if one.scores is None else one.scores.what,
        other_what="" if other.scores is None else other.scores.what,
        rows=_rows(names, a.score, b.score),
        only_one=tuple(sorted(mine.keys() - theirs.keys())),
        only_other=tuple(sorted(theirs.keys() - mine.keys())),
        correlations=found,
        over_questions=intervals_over_questions(one, other, names, seed=seed, level=level),
        influences=influences(a.score, b.score) if len(names) > FEWEST else None,
        names=tuple(names),
        same_order=pair_agreement(a.score, b.score),
        separability=separability(a.lower, a.upper) if a.intervals else None,
        other_separability=separability(b.lower, b.upper) if b.intervals else None,
        confident=confident,
        brier=brier,
        brier_from=brier_from,
    )


def _places(evaluation: Evaluation) -> dict[str, int]:
    scores = evaluation.scores
    if scores is None:
        return {}
    return {
        name: k for k, name in enumerate(evaluation.contestants) if np.isfinite(scores.score[k])
    }


def _known(evaluation: Evaluation, places: list[int]) -> _Known:
    scores = evaluation.scores
    if scores is None:  # _places found some
        raise NothingInCommonError(f"{evaluation.name} has no scores")
    return _Known(
        *(
            a[places]
            for a in (scores.score, scores.lower, scores.upper, scores.mean, scores.variance)
        )
    )


def _brier(one: _Known, reference: FloatArray) -> tuple[float | None, str | None]:
    """Return the score by the draws' mean and variance, else by the 95 % intervals."""
    if not np.isnan(one.variance).any():
        mean = np.where(np.isnan(one.mean), one.score, one.mean)
        return pair_rank_brier(mean, one.variance, reference), "draws"
    if one.intervals:
        width = (one.upper - one.lower) / (2 * NormalDist().inv_cdf(0.975))
        return pair_rank_brier(one.score, width**2, reference), "intervals"
    return None, None


def _rows(names: list[str], one: FloatArray, other: FloatArray) -> tuple[ModelRow, ...]:
    ranks, others = midranks(one), midranks(other)
    order = sorted(range(len(names)), key=lambda k: (others[k], ranks[k], names[k]))
    return tuple(
        ModelRow(
            name=names[k],
            one=float(one[k]),
            other=float(other[k]),
            rank_one=float(ranks[k]),
            rank_other=float(others[k]),
        )
        for k in order
    )
