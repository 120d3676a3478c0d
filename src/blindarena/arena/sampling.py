"""Which two contestants meet, with the probability that is stored beside the battle."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import assert_never

from blindarena.domain.arenas import Contestant, SamplingPolicy
from blindarena.errors import NotReadyError


@dataclass(frozen=True, slots=True)
class Draw:
    """A drawn pair, sides already shuffled; `probability` is that of the unordered pair."""

    a: Contestant
    b: Contestant
    probability: float


def pair_probabilities(
    contestants: Sequence[Contestant], *, policy: SamplingPolicy, baseline: str | None = None
) -> list[tuple[Contestant, Contestant, float]]:
    """Return every pair that may meet with its probability; they sum to 1.

    uniform: every pair alike. weighted: proportional to the product of the two weights.
    versus_baseline: the baseline against every other, proportional to the other's weight.

    Raises:
        NotReadyError: no pair is possible.
    """
    match policy:
        case "uniform":
            pairs = [(a, b, 1.0) for a, b in combinations(contestants, 2)]
        case "weighted":
            pairs = [(a, b, a.weight * b.weight) for a, b in combinations(contestants, 2)]
        case "versus_baseline":
            base = next((c for c in contestants if c.name == baseline), None)
            if base is None:
                raise NotReadyError(f"the baseline {baseline!r} can't answer at the moment")
            pairs = [(base, c, c.weight) for c in contestants if c.name != baseline]
        case _:
            assert_never(policy)
    total = sum(weight for _, _, weight in pairs)
    if total <= 0:
        raise NotReadyError("fewer than two contestants can answer at the moment")
    return [(a, b, weight / total) for a, b, weight in pairs if weight > 0]


def draw_pair(
    contestants: Sequence[Contestant],
    *,
    policy: SamplingPolicy,
    baseline: str | None = None,
    rng: random.Random,
) -> Draw:
    """Draw a pair and shuffle its sides: the one place where that is decided."""
    pairs = pair_probabilities(contestants, policy=policy, baseline=baseline)
    first, second, probability = rng.choices(pairs, weights=[p for _, _, p in pairs])[0]
    if rng.random() < 0.5:
        first, second = second, first
    return Draw(a=first, b=second, probability=probability)
