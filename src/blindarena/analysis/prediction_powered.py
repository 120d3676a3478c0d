"""Ratings from human votes and a judge's together, without taking over the judge's mistakes.

The judge rates every item, people a random part of them. What the judge gets wrong there is taken
off everywhere: a biased judge makes the interval wider, never the rating wrong.
"""

from dataclasses import dataclass, field

import numpy as np

from blindarena.analysis.judged_items import JudgedItems
from blindarena.analysis.pseudo_votes import gathered
from blindarena.errors import InputError, NotIdentifiedError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.estimating import bread
from blindarena.ranking.intervals import t_interval
from blindarena.ranking.scale import ELO_PER_NAT, to_elo


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PoweredFit:
    """Log-strengths at one weight of the judge.

    Attributes:
        weight: of the judge's verdicts, 0 to 1.
        theta: (m,) log-strengths in nats, mean 0.
        covariance: (m, m) sandwich, clustered by question.
        labelling: (m, m) the part of it that comes from labelling some items only: with c times as
            many labels it is 1 / c - 1 times this that is added.
        df: degrees of freedom of Student's t.
    """

    weight: float
    theta: FloatArray
    covariance: FloatArray = field(repr=False)
    labelling: FloatArray = field(repr=False)
    df: int

    @property
    def elo(self) -> FloatArray:
        """(m,) ratings in Elo points, mean 1000."""
        return to_elo(self.theta)

    @property
    def variance(self) -> FloatArray:
        """(m,) of the log-strengths relative to their mean."""
        return np.asarray(self.covariance.diagonal())

    def interval(self, *, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Return (m,) lower and upper bounds in Elo points."""
        variance = self.variance * ELO_PER_NAT**2
        return t_interval(self.elo, variance, np.full(len(variance), float(self.df)), level=level)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PredictionPowered:
    """Bias-corrected ratings, beside those of the human votes alone.

    Attributes:
        names: (m,) contestants.
        combined: at the weight that makes the intervals narrowest.
        plain: at weight 0: the human votes alone.
        best_weight: before it was clipped to 0 .. 1; below 0 the judge misleads.
        items: that the judge rated.
        labels: that people rated.
        clusters: questions.
        effective_labels: human labels that would tell as much without the judge: labels * trace of
            the plain covariance / trace of the combined one.
        effective_by: (m,) the same for each contestant.
    """

    names: tuple[str, ...]
    combined: PoweredFit
    plain: PoweredFit
    best_weight: float
    items: int
    labels: int
    clusters: int
    effective_labels: float
    effective_by: FloatArray = field(repr=False)

    @property
    def judge_helps(self) -> bool:
        """Whether the judge's verdicts have any weight."""
        return self.combined.weight > 0

    @property
    def gained(self) -> float:
        """Human labels that the judge saves."""
        return self.effective_labels - self.labels

    @property
    def sentence(self) -> str:
        """What the combination is worth, in one sentence."""
        if not self.judge_helps:
            return (
                "The judge adds nothing: the best weight of its verdicts is 0, so the ratings are "
                f"those of the {self.labels:,} human labels alone."
            )
        return (
            f"With weight {self.combined.weight:.2f}, the judge's verdicts on {self.items:,} items "
            f"make {self.labels:,} human labels worth about {self.effective_labels:,.0f}: "
            f"{self.gained:+,.0f}."
        )


def prediction_powered(items: JudgedItems, *, weight: float | None = None) -> PredictionPowered:
    """Fit Bradley-Terry to human votes with the help of a judge.

    The loss is that of people's scores, weighed by one over their chance of being asked, plus
    weight times the judge's mean loss over all items less its loss over the labelled ones. As a
    vote's loss is linear in its score, that is Bradley-Terry with corrected scores.

    Args:
        items: the judge's scores of all, people's of some.
        weight: of the judge, 0 to 1; None chooses the one that makes the mean variance of the
            ratings smallest (PPI++), clipped to 0 .. 1.

    Raises:
        NotIdentifiedError: the human labels alone leave a contestant without a finite rating.
        ConvergenceError: a fit did not converge.
        InputError: weight is not from 0 to 1.

    Source: Angelopoulos, Bates, Fannjiang, Jordan and Zrnic (2023), arXiv:2301.09633; the weight:
        Angelopoulos, Duchi and Zrnic (2023), arXiv:2311.01453, section 6; chances of being
        labelled: Zrnic and Candes (2024), arXiv:2403.03208.
    """
    if weight is not None and not 0 <= weight <= 1:
        raise InputError(f"weight is {weight}; give 0 (people alone) to 1")
    try:
        plain = powered_fit(items, weight=0.0)
    except NotIdentifiedError as error:
        raise NotIdentifiedError(
            f"the {items.labels} human labels alone are too few: {error}; label more items"
        ) from error
    best = best_weight(items, plain)
    used = min(1.0, max(0.0, best)) if weight is None else weight
    combined = plain if used == 0 else powered_fit(items, weight=used, start=plain.theta)
    traces = float(plain.variance.sum()), float(combined.variance.sum())
    # Without any variance, as with one contestant, nothing is gained.
    with np.errstate(invalid="ignore", divide="ignore"):
        by = np.where(combined.variance > 0, plain.variance / combined.variance, 1.0)
    return PredictionPowered(
        names=items.names,
        combined=combined,
        plain=plain,
        best_weight=best,
        items=len(items.first),
        labels=items.labels,
        clusters=len(np.unique(items.cluster)),
        effective_labels=items.labels * (traces[0] / traces[1] if traces[1] > 0 else 1.0),
        effective_by=items.labels * by,
    )


def powered_fit(
    items: JudgedItems, *, weight: float, start: FloatArray | None = None
) -> PoweredFit:
    """Return the fit at a given weight of the judge, see `prediction_powered`."""
    asked = items.label_weight
    human = np.where(items.labelled, items.human, 0.0)
    votes = gathered(
        items.names,
        items.first,
        items.second,
        asked + weight * (1 - asked),
        asked * human + weight * (1 - asked) * items.judge,
    )
    found = votes.fit(start)
    spread = bread(items.m, found.hessian)
    scores, missed = _scores(items, found.at, weight)
    moves = scores @ spread.T
    single = missed @ spread.T
    clusters = len(np.unique(items.cluster[items.labelled]))
    factor = _small_sample(clusters, items.labels, items.m)
    return PoweredFit(
        weight=weight,
        theta=found.at,
        covariance=factor * moves.T @ moves,
        labelling=factor * single.T @ single,
        df=max(1, clusters - 1),
    )


def best_weight(items: JudgedItems, plain: PoweredFit) -> float:
    """Return the weight that makes the mean variance of the ratings smallest, 0 .. 1 or not.

    The cluster's part in the ratings is linear in the weight, so the variance is a parabola. It is
    taken at the human votes' own ratings, and the curvature, which does not depend on the weight
    for many items, is left out: it is the same for all weights.

    Args:
        items: as in `prediction_powered`.
        plain: the fit at weight 0.
    """
    asked = items.label_weight
    curvature = gathered(
        items.names, items.first, items.second, asked, np.zeros(len(asked))
    ).slopes(plain.theta)[1]
    spread = bread(items.m, curvature)
    alone = _scores(items, plain.theta, 0.0)[0]
    added = _scores(items, plain.theta, 1.0)[0] - alone
    base, slope = alone @ spread.T, added @ spread.T
    size = float((slope * slope).sum())
    return -float((base * slope).sum()) / size if size > 0 else 0.0


def _scores(items: JudgedItems, theta: FloatArray, weight: float) -> tuple[FloatArray, FloatArray]:
    """Return each question's part in the estimating equations, and each label's part by chance.

    Returns:
        (clusters, m) sums by question, corrected for the label weights' fixed sum; and (labels, m)
        what each labelled item adds because it was drawn and others were not.
    """
    asked, labelled = items.label_weight, items.labelled
    odds = theta[items.first] - theta[items.second]
    chance = np.exp(-np.logaddexp(0, -odds))
    off = items.judge - chance
    people = np.where(labelled, items.human, chance) - chance
    found, question = np.unique(items.cluster, return_inverse=True)
    total = np.zeros((len(found), items.m))
    _spread(total, question, items, asked * people + weight * (1 - asked) * off)
    drawn = np.zeros((items.labels, items.m))
    rows = np.cumsum(labelled) - 1
    _spread(drawn, rows, items, np.where(labelled, people - weight * off, 0))
    mean = asked[labelled] @ drawn / asked.sum()
    excess = np.bincount(question, asked - 1, len(found))
    return (
        total - excess[:, np.newaxis] * mean,
        asked[labelled][:, np.newaxis] * (drawn - mean),
    )


def _spread(rows: FloatArray, row: IntArray, items: JudgedItems, value: FloatArray) -> None:
    """Add each item's value to its first contestant and take it from its second, in its row."""
    some = value != 0
    np.add.at(rows, (row[some], items.first[some]), value[some])
    np.add.at(rows, (row[some], items.second[some]), -value[some])


def _small_sample(clusters: int, labels: int, m: int) -> float:
    """Return by what the sandwich is too small as the fit uses up m - 1 of the labels."""
    if clusters < 2 or labels <= m - 1:
        return 1.0
    return clusters / (clusters - 1) * (labels - 1) / (labels - m + 1)
