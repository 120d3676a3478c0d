"""Consistent hashing with bounded loads: the bound, few moves, and weights."""

import math
import random
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.gateway.routing.prefix import by_prefix, hash64


@dataclass(eq=False)
class One:
    name: str
    weight: float = 1.0
    load: int = 0
    seed: int = field(init=False)

    def __post_init__(self) -> None:
        self.seed = hash64(self.name.encode())


def prefixes(n: int) -> list[bytes]:
    return [b"You are the helper of team %d." % i for i in range(n)]


def test_the_hash_is_the_same_everywhere() -> None:
    assert hash64(b"prefix").to_bytes(8, "little").hex() == "82b93a7c4d34dbb0"
    assert by_prefix([One("a"), One("b"), One("c")], b"prefix").name == "b"


@given(
    st.lists(st.sampled_from([0.5, 1.0, 2.0, 5.0]), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=80),
    st.sampled_from([1.0, 1.25, 2.0]),
)
def test_the_bound_holds(weights: list[float], steps: list[tuple[int, bool]], c: float) -> None:
    """At arrival nobody is over ceil(c (m + 1) w / W), also where all requests are alike."""
    ones = [One(str(i), weight) for i, weight in enumerate(weights)]
    running: list[One] = []
    for which, ends in steps:
        if ends and running:
            running.pop(0).load -= 1
        one = by_prefix(ones, b"%d" % which, c=c)
        one.load += 1
        running.append(one)
        bound = math.ceil(c * len(running) * one.weight / sum(weights))
        assert one.load <= bound


def test_while_it_has_room_a_prefix_stays() -> None:
    ones = [One(str(i)) for i in range(5)]
    homes = {prefix: by_prefix(ones, prefix).name for prefix in prefixes(100)}
    rng = random.Random(2)
    kept = 0
    for _ in range(2000):
        for one in ones:
            one.load = rng.randrange(8, 11)
        prefix = rng.choice(prefixes(100))
        kept += by_prefix(ones, prefix).name == homes[prefix]
    assert kept == 2000  # loads within c of each other: nobody is over the bound


@given(st.integers(2, 9), st.integers(0, 8))
def test_when_one_leaves_only_its_own_move(n: int, which: int) -> None:
    ones = [One(str(i), 1.0 + i % 3) for i in range(n)]
    gone = ones[which % n]
    left = [one for one in ones if one is not gone]
    for prefix in prefixes(60):
        before = by_prefix(ones, prefix)
        after = by_prefix(left, prefix)
        assert before is gone or after is before


def test_idle_shares_are_those_of_the_weights() -> None:
    ones = [One("a", 3.0), One("b", 1.0), One("c", 2.0)]
    counts = Counter(by_prefix(ones, prefix).name for prefix in prefixes(6000))
    for one in ones:
        assert counts[one.name] / 6000 == pytest.approx(one.weight / 6, abs=0.03)


def test_a_favourite_spills_over_to_all_others() -> None:
    ones = [One(str(i)) for i in range(4)]
    for _ in range(100):
        by_prefix(ones, b"always the same").load += 1
    assert sorted(one.load for one in ones)[-1] <= math.ceil(1.25 * 100 / 4)
    assert all(one.load for one in ones)
