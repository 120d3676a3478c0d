"""Which two contestants meet, with the probability that is stored beside the battle."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import assert_never
from uuid import UUID

from blindarena.domain.arenas import Contestant, SamplingPolicy
from blindarena.errors import NotReadyError

PairRates = Mapping[tuple[UUID, UUID], float]
"""How often a pair is to meet, by its ids, the smaller first."""


@dataclass(frozen=True, slots=True)
class Draw:
    """A drawn pair, sides already shuffled; `probability` is that of the unordered pair."""

    a: Contestant
    b: Contestant
    probability: float


def pair_probabilities(
    contestants: Sequence[Contestant],
    *,
    policy: SamplingPolicy,
    baseline: str | None = None,
    rates: PairRates | None = None,
) -> list[tuple[Contestant, Contestant, float]]:
    """Return every pair that may meet with its probability; they sum to 1.

    uniform: every pair alike. weighted: proportional to the product of the two weights.
    versus_baseline: the baseline against every other, proportional to the other's weight.
    racing: proportional to `rates`; every pair alike where there are none, or not for all pairs.

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
        case "racing":
            pairs = _raced(contestants, rates or {})
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
    rates: PairRates | None = None,
    rng: random.Random,
) -> Draw:
    """Draw a pair and shuffle its sides: the one place where that is decided."""
    pairs = pair_probabilities(contestants, policy=policy, baseline=baseline, rates=rates)
    first, second, probability = rng.choices(pairs, weights=[p for _, _, p in pairs])[0]
    if rng.random() < 0.5:
        first, second = second, first
    return Draw(a=first, b=second, probability=probability)


def _raced(
    contestants: Sequence[Contestant], rates: PairRates
) -> list[tuple[Contestant, Contestant, float]]:
    """Return all pairs with their rates; alike where a pair has none, as for a newcomer."""
    pairs = list(combinations(contestants, 2))
    found = [rates.get((min(a.id, b.id), max(a.id, b.id))) for a, b in pairs]
    known = [rate for rate in found if rate is not None]
    if len(known) < len(pairs):
        known = [1.0] * len(pairs)
    return [(a, b, rate) for (a, b), rate in zip(pairs, known, strict=True)]
