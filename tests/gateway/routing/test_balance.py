"""Weighted least outstanding requests: nobody is passed over, and weights are met."""

import random
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.gateway.routing.balance import least_busy


@dataclass(eq=False)
class One:
    name: str
    weight: float
    load: int = 0


def test_the_least_busy_for_its_weight() -> None:
    big, small = One("big", 4.0, 6), One("small", 1.0, 1)
    assert least_busy([big, small], random.Random(0)) is big  # 7/4 against 2/1
    big.load = 8
    assert least_busy([big, small], random.Random(0)) is small


@given(
    st.lists(st.tuples(st.sampled_from([0.5, 1.0, 3.0]), st.integers(0, 20)), min_size=1),
    st.randoms(use_true_random=False),
)
def test_none_would_be_less_busy(rows: list[tuple[float, int]], rng: random.Random) -> None:
    ones = [One(str(i), weight, load) for i, (weight, load) in enumerate(rows)]
    chosen = least_busy(ones, rng)
    if any(one.load for one in ones):
        assert (chosen.load + 1) / chosen.weight == min((o.load + 1) / o.weight for o in ones)


def test_ties_are_fair() -> None:
    rng = random.Random(5)
    ones = [One(str(i), 1.0, 3) for i in range(4)]
    counts = Counter(least_busy(ones, rng).name for _ in range(4000))
    assert all(counts[one.name] == pytest.approx(1000, abs=100) for one in ones)


@pytest.mark.parametrize("at_once", [1, 14, 70])
def test_weights_are_met(at_once: int) -> None:
    """Answers take a random time; the shares of a long run are those of the weights."""
    rng = random.Random(at_once)
    ones = [One("a", 4.0), One("b", 2.0), One("c", 1.0)]
    running: list[One] = []
    counts: Counter[str] = Counter()
    for _ in range(7000):
        if len(running) == at_once:
            done = running.pop(rng.randrange(len(running)))
            done.load -= 1
        one = least_busy(ones, rng)
        one.load += 1
        running.append(one)
        counts[one.name] += 1
    for one in ones:
        assert counts[one.name] / 7000 == pytest.approx(one.weight / 7, abs=0.03)
