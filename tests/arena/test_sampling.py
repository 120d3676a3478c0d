"""Pair sampling: the probabilities that are stored are those that are drawn with."""

import random
from collections import Counter

import pytest

from blindarena.arena.sampling import draw_pair, pair_probabilities
from blindarena.domain.arenas import Contestant, SamplingPolicy
from blindarena.domain.ids import uuid7
from blindarena.errors import NotReadyError

ARENA = uuid7()


def contestants(**weights: float) -> list[Contestant]:
    return [Contestant(id=uuid7(), arena_id=ARENA, name=n, weight=w) for n, w in weights.items()]


@pytest.mark.parametrize("policy", ["uniform", "weighted", "versus_baseline"])
def test_probabilities_sum_to_one(policy: SamplingPolicy) -> None:
    pairs = pair_probabilities(contestants(x=1, y=2, z=5), policy=policy, baseline="x")

    assert sum(p for _, _, p in pairs) == pytest.approx(1)


def test_uniform_draws_every_pair_alike() -> None:
    pairs = pair_probabilities(contestants(x=1, y=9, z=3), policy="uniform")

    assert [p for _, _, p in pairs] == pytest.approx([1 / 3] * 3)


def test_weighted_is_the_product_of_weights() -> None:
    pairs = pair_probabilities(contestants(x=1, y=2, z=3), policy="weighted")

    assert {(a.name, b.name): p for a, b, p in pairs} == {
        ("x", "y"): pytest.approx(2 / 11),
        ("x", "z"): pytest.approx(3 / 11),
        ("y", "z"): pytest.approx(6 / 11),
    }


def test_versus_baseline_always_includes_the_baseline() -> None:
    pairs = pair_probabilities(contestants(x=1, y=1, z=3), policy="versus_baseline", baseline="y")

    assert {frozenset((a.name, b.name)): p for a, b, p in pairs} == {
        frozenset("xy"): pytest.approx(1 / 4),
        frozenset("yz"): pytest.approx(3 / 4),
    }


def test_drawn_frequencies_match_the_stored_probability_and_sides_are_even() -> None:
    rng = random.Random(7)
    pool = contestants(x=1, y=2, z=4)
    draws = [draw_pair(pool, policy="weighted", rng=rng) for _ in range(20_000)]

    seen = Counter(frozenset((d.a.name, d.b.name)) for d in draws)
    stored = {frozenset((d.a.name, d.b.name)): d.probability for d in draws}
    for pair, probability in stored.items():
        assert seen[pair] / len(draws) == pytest.approx(probability, abs=0.012)
    left = Counter(d.a.name for d in draws if {d.a.name, d.b.name} == {"y", "z"})
    assert left["y"] / left.total() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("names", "policy", "baseline"),
    [(["x"], "uniform", None), ([], "weighted", None), (["x", "y"], "versus_baseline", "gone")],
)
def test_no_pair_is_a_named_error(
    names: list[str], policy: SamplingPolicy, baseline: str | None
) -> None:
    with pytest.raises(NotReadyError, match=r"can.t answer|can answer"):
        pair_probabilities(
            contestants(**dict.fromkeys(names, 1.0)), policy=policy, baseline=baseline
        )


def test_racing_follows_the_rates_and_stores_their_probability() -> None:
    pool = contestants(x=1, y=1, z=1)
    x, y, z = sorted(pool, key=lambda c: c.id)
    rates = {(x.id, y.id): 0.6, (x.id, z.id): 0.4, (y.id, z.id): 0.0}
    pairs = pair_probabilities(pool, policy="racing", rates=rates)

    assert {frozenset((a.id, b.id)): p for a, b, p in pairs} == {
        frozenset((x.id, y.id)): pytest.approx(0.6),
        frozenset((x.id, z.id)): pytest.approx(0.4),
    }
    rng = random.Random(1)
    drawn = [draw_pair(pool, policy="racing", rates=rates, rng=rng) for _ in range(50)]
    assert sorted({d.probability for d in drawn}) == pytest.approx([0.4, 0.6])


@pytest.mark.parametrize("known", [None, 1])
def test_racing_is_even_without_a_rate_for_every_pair(known: int | None) -> None:
    pool = contestants(x=1, y=9, z=3)
    some = {(min(a.id, b.id), max(a.id, b.id)): 0.9 for a, b in [pool[:2]]}
    pairs = pair_probabilities(pool, policy="racing", rates=some if known else None)

    assert [p for _, _, p in pairs] == pytest.approx([1 / 3] * 3)
