"""The Alternative Annotator Test: may a judge replace people?

Each annotator is left out in turn. On the items of that annotator, is the judge as close to the
other people as the annotator is? If so for at least half of the annotators, the judge may.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.clusters import sum_by
from blindarena.analysis.verdicts import MISSING, Codes, check_verdicts
from blindarena.errors import InputError

Alignment = Literal["accuracy", "distance"]
Verdict = Literal["passed", "failed", "too few annotators"]

EXPERTS, SKILLED, CROWD = 0.2, 0.15, 0.1
"""The source's advice for epsilon: what dearer people may be better by, and a judge still do."""
MIN_ITEMS = 30
MIN_ANNOTATORS = 3
WIN_RATE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatorTest:
    """A judge against one annotator.

    Attributes:
        annotator: number of the annotator.
        items: rated by the annotator, the judge and at least one other.
        judge_advantage: share of them on which the judge is as close to the others or closer.
        human_advantage: share on which the annotator is; both may be, so they may add to over 1.
        p_value: one-sided, that the judge is worse by epsilon or more.
        judge_wins: rejected by the Benjamini-Yekutieli procedure over all annotators.
    """

    annotator: int
    items: int
    judge_advantage: float
    human_advantage: float
    p_value: float
    judge_wins: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacementTest:
    """Whether a judge may replace people.

    Attributes:
        verdict: passed: the judge wins against half of the annotators or more.
        winning_rate: share of annotators against whom it wins; None without any to test.
        advantage: mean of their `judge_advantage`; None without any.
        annotators: those tested, in order.
        skipped: annotators with fewer than `min_items` items.
        epsilon: by how much it may be worse.
        false_discovery_rate: of the procedure.
        min_items: per annotator.
        min_annotators: below which the verdict is "too few annotators", whatever the tests say.
        clustered: whether items of one question were taken to hang together.
    """

    verdict: Verdict
    winning_rate: float | None
    advantage: float | None
    annotators: tuple[AnnotatorTest, ...]
    skipped: tuple[int, ...]
    epsilon: float
    false_discovery_rate: float
    min_items: int
    min_annotators: int
    clustered: bool

    @property
    def may_replace(self) -> bool:
        """Whether "may replace people" may be said: only if the test passed."""
        return self.verdict == "passed"


def alternative_annotator_test(
    judge: Codes,
    annotators: Codes,
    *,
    epsilon: float,
    question: Codes | None = None,
    alignment: Alignment = "accuracy",
    false_discovery_rate: float = 0.05,
    min_items: int = MIN_ITEMS,
    min_annotators: int = MIN_ANNOTATORS,
) -> ReplacementTest:
    """Test whether a judge may replace people.

    Args:
        judge: (items,) its verdicts, MISSING allowed.
        annotators: (items, people) theirs, MISSING where a person did not rate the item.
        epsilon: by how much it may be worse: EXPERTS, SKILLED or CROWD; fix it beforehand.
        question: (items,) number of each item's question; None takes items for independent, as
            the source does. With it the test's variance is clustered by question.
        alignment: accuracy: share of the others who say the same; distance: root mean square
            distance to them, first - tie - second being 0, 1, 2.
        false_discovery_rate: of the Benjamini-Yekutieli procedure.
        min_items: annotators with fewer are skipped.
        min_annotators: that must be left.

    Raises:
        InputError: shapes differ, a code is out of range, or min_items is below 2.

    Source: Calderon, Reichart and Dror (2025), arXiv:2501.10970, sections 3 and 4; Benjamini and
        Yekutieli (2001), Annals of Statistics 29(4), 1165-1188.
    """
    machine, people = check_verdicts(judge, "judge"), check_verdicts(annotators, "annotators")
    if people.ndim != 2 or machine.shape != (len(people),):
        raise InputError(
            f"judge has shape {machine.shape}, annotators {people.shape}; give (items,) and "
            "(items, people)"
        )
    if min_items < 2:
        raise InputError(f"min_items is {min_items}; a test needs at least 2 items")
    said = people != MISSING
    tested, skipped, outcomes, p_values = [], [], [], []
    for number in range(people.shape[1]):
        rows = said[:, number] & (machine != MISSING) & (said.sum(axis=1) > 1)
        if rows.sum() < min_items:
            skipped.append(number)
            continue
        others = np.delete(people[rows], number, axis=1)
        human = _alignment(people[rows, number], others, alignment)
        ours = _alignment(machine[rows], others, alignment)
        judge_as_good, human_as_good = ours >= human - 1e-12, human >= ours - 1e-12
        cluster = np.arange(rows.sum()) if question is None else np.asarray(question)[rows]
        loss = human_as_good.astype(float) - judge_as_good
        p_values.append(_p_below(loss, cluster, epsilon))
        tested.append(number)
        outcomes.append((int(rows.sum()), float(judge_as_good.mean()), float(human_as_good.mean())))
    wins = rejected(np.array(p_values), false_discovery_rate)
    winning_rate = float(wins.mean()) if len(tested) else None
    verdict: Verdict = "too few annotators"
    if winning_rate is not None and len(tested) >= min_annotators:
        verdict = "passed" if winning_rate >= WIN_RATE else "failed"
    return ReplacementTest(
        verdict=verdict,
        winning_rate=winning_rate,
        advantage=float(np.mean([mine for _, mine, _ in outcomes])) if outcomes else None,
        annotators=tuple(
            AnnotatorTest(
                annotator=number,
                items=items,
                judge_advantage=mine,
                human_advantage=theirs,
                p_value=p,
                judge_wins=bool(win),
            )
            for number, (items, mine, theirs), p, win in zip(
                tested, outcomes, p_values, wins, strict=True
            )
        ),
        skipped=tuple(skipped),
        epsilon=epsilon,
        false_discovery_rate=false_discovery_rate,
        min_items=min_items,
        min_annotators=min_annotators,
        clustered=question is not None,
    )


def rejected(p_values: FloatArray, rate: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return (m,) which hypotheses the Benjamini-Yekutieli procedure rejects at the rate."""
    m = len(p_values)
    order = np.argsort(p_values)
    rank = np.arange(1, m + 1)
    below = (
        p_values[order] <= rank * rate / (m * np.sum(1 / rank)) if m else np.zeros(0, dtype=bool)
    )
    result = np.zeros(m, dtype=np.bool_)
    if below.any():
        result[order[: int(np.flatnonzero(below)[-1]) + 1]] = True
    return result


def _alignment(one: Codes, others: Codes, alignment: Alignment) -> FloatArray:
    """Return (n,) how close each verdict is to the (n, people) others; larger is closer."""
    given = others != MISSING
    apart = others - one[:, np.newaxis]
    if alignment == "accuracy":
        return np.asarray(((apart == 0) & given).sum(axis=1) / given.sum(axis=1))
    return np.asarray(-np.sqrt((apart**2 * given).sum(axis=1) / given.sum(axis=1)))


def _p_below(loss: FloatArray, cluster: Codes, epsilon: float) -> float:
    """Return the p-value that the mean loss is epsilon or more, from Student's t over clusters."""
    sums = sum_by(np.column_stack([loss, np.ones(len(loss))]), cluster)
    g, mean = len(sums), float(loss.mean())
    off = sums[:, 0] - mean * sums[:, 1]
    variance = g / (g - 1) * float(off @ off) / len(loss) ** 2 if g > 1 else np.inf
    if variance == 0:  # always the same: as sure as these items can be
        return 0.0 if mean < epsilon else 1.0
    if np.isinf(variance):
        return 1.0
    from scipy.special import stdtr  # takes time to import

    return float(stdtr(g - 1, (mean - epsilon) / np.sqrt(variance)))
