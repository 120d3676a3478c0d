"""Human and judge scores of known origin, for the tests of the combination."""

from typing import Literal

import numpy as np

from blindarena.analysis.judged_items import JudgedItems, judged_items
from blindarena.ranking.arrays import FloatArray

JudgeKind = Literal["good", "useless", "biased"]
STRENGTHS = np.array([0.9, 0.4, 0.0, -0.4, -0.9])
NAMES = tuple("abcde")


def draw_items(
    rng: np.random.Generator,
    *,
    judge: JudgeKind,
    items: int,
    labels: int,
    per_question: int = 3,
    theta: FloatArray = STRENGTHS,
) -> JudgedItems:
    """Draw items with ties; people follow Bradley-Terry, and the judge is of a kind.

    good: says what a person says, with another coin toss in a fifth of the items. useless: tosses a
    coin. biased: as the good one, but says "a" in half of the items with contestant a, and leans to
    the first of two otherwise.
    """
    m = len(theta)
    question = np.repeat(np.arange(-(-items // per_question)), per_question)[:items]
    first = rng.integers(0, m, items)
    second = (first + rng.integers(1, m, items)) % m
    chance = 1 / (1 + np.exp(theta[second] - theta[first]))
    # Half of the variance that two votes have is a tie's; its mean stays that of the model.
    human = (_toss(rng, chance) + np.where(rng.random(items) < 0.2, _toss(rng, chance), np.nan)) / 2
    human = np.where(np.isnan(human), _toss(rng, chance), human)
    coin = _toss(rng, np.full(items, 0.5))
    said = np.where(rng.random(items) < 0.2, coin, human)
    if judge == "useless":
        said = coin
    elif judge == "biased":
        liked = (first == 0) | (second == 0)
        own = np.where(first == 0, 1.0, 0.0)
        said = np.where(liked & (rng.random(items) < 0.5), own, said)
        said = np.where(~liked & (rng.random(items) < 0.15), 1.0, said)
    asked = rng.permutation(items) < labels
    return judged_items(
        NAMES[:m],
        first,
        second,
        judge=said,
        human=np.where(asked, human, np.nan),
        cluster=question,
    )


def _toss(rng: np.random.Generator, chance: FloatArray) -> FloatArray:
    return np.asarray(rng.random(len(chance)) < chance, dtype=np.float64)
