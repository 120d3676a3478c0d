"""How often prediction-powered intervals hold the true rating; the table of its methods page.

`pytest -m slow -s tests/analysis/test_powered_coverage.py` prints it.
"""

from typing import get_args

import numpy as np
import pytest

from blindarena.analysis.labels_needed import labels_needed
from blindarena.analysis.prediction_powered import prediction_powered
from blindarena.ranking.scale import to_elo

from .powered_data import STRENGTHS, JudgeKind, draw_items

RUNS = 4000
ITEMS = 3000


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("labels", [300, 1000])
@pytest.mark.parametrize("judge", get_args(JudgeKind))
def test_intervals_hold_what_they_say(
    judge: JudgeKind, labels: int, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng([labels, len(judge)])
    truth = to_elo(STRENGTHS)
    held, effective, weights, missed = 0, [], [], np.zeros(2)
    for _ in range(RUNS):
        found = prediction_powered(draw_items(rng, judge=judge, items=ITEMS, labels=labels))
        lower, upper = found.combined.interval()
        held += int(((lower <= truth) & (truth <= upper)).sum())
        effective.append(found.effective_labels / labels)
        weights.append(found.combined.weight)
        missed += [((fit.elo - truth) ** 2).sum() for fit in (found.plain, found.combined)]
    coverage, gain = held / (RUNS * len(truth)), float(missed[0] / missed[1])
    with capsys.disabled():
        print(
            f"\n{judge}, {labels} labels: {coverage:.2%}, weight {np.mean(weights):.2f}, effective "
            f"labels {labels * np.mean(effective):.0f} (least {labels * min(effective):.0f}), by "
            f"squared error {labels * gain:.0f}"
        )
    assert 0.94 <= coverage <= 0.96
    assert min(effective) >= 0.95
    assert gain >= 0.95


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_that_many_labels_give_the_precision() -> None:
    """As many labels as are said to be needed, in the middle, make the widest interval as wide."""
    rng = np.random.default_rng(4)
    needed = []
    for _ in range(40):
        items = draw_items(rng, judge="good", items=6000, labels=400)
        needed.append(labels_needed(prediction_powered(items), items, half_width=30).with_judge)
    labels = int(np.median([n for n in needed if n is not None]))
    widths = []
    for _ in range(40):
        items = draw_items(rng, judge="good", items=6000, labels=labels)
        lower, upper = prediction_powered(items).combined.interval()
        widths.append(float((upper - lower).max() / 2))
    assert len(needed) == 40
    assert float(np.median(widths)) == pytest.approx(30, rel=0.1)
