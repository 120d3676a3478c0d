"""Racing: which pairs the counts so far would draw next, and when they are read."""

from dataclasses import replace
from itertools import combinations
from uuid import UUID

import numpy as np
import pytest
from board_cases import ARENA, CountsInMemory, contestants, pair
from hypothesis import given, settings
from hypothesis import strategies as st

from blindarena.arena.sampling import draw_pair, pair_probabilities
from blindarena.domain.boards import PairCount
from blindarena.errors import StorageError
from blindarena.leaderboard.racing import START, RacingPlans, race_rates
from blindarena.ranking.racing import racing_plan

FOUR = contestants("best", "next", "poor", "worst")
IDS = [c.id for c in FOUR]
RACE = replace(ARENA, sampling="racing", margin=30.0)
LADDER = (
    pair(0, 1, 520, 480, 100, 0),
    pair(0, 2, 900, 100, 0, 0),
    pair(0, 3, 950, 50, 0, 0),
    pair(1, 2, 880, 120, 0, 0),
    pair(1, 3, 940, 60, 0, 0),
    pair(2, 3, 600, 400, 0, 0),
)


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_who_is_certainly_worse_is_drawn_no_more() -> None:
    rates = race_rates(LADDER, IDS, margin=30, floor=0)

    assert rates is not None
    assert sum(rates.values()) == pytest.approx(1)
    assert rates[IDS[0], IDS[1]] == pytest.approx(1)
    assert all(rate == 0 for ends, rate in rates.items() if set(ends) - set(IDS[:2]))


def test_the_floor_leaves_every_pair_its_chance() -> None:
    rates = race_rates(LADDER, IDS, margin=30)

    assert rates is not None
    assert len(rates) == 6
    assert sorted(rates.values())[:5] == pytest.approx([0.05 / 6] * 5)
    assert rates[IDS[0], IDS[1]] == pytest.approx(0.95 + 0.05 / 6)


def test_too_few_votes_are_no_race() -> None:
    few = [pair(a, b, 4, 4, 0, 0) for a, b in combinations(range(4), 2)]

    assert sum(p.total for p in few) < START * 4
    assert race_rates(few, IDS, margin=30) is None
    assert race_rates((), IDS, margin=30) is None


def test_who_has_no_rating_yet_is_no_race() -> None:
    newcomer = contestants("best", "next", "poor", "worst", "new")

    assert race_rates(LADDER, [c.id for c in newcomer], margin=30) is None


def test_those_who_cannot_answer_are_left_out() -> None:
    three = [IDS[i] for i in (0, 2, 3)]
    rates = race_rates(LADDER, three, margin=30)

    assert rates is not None
    assert set(rates) == set(combinations(three, 2))


@settings(max_examples=25, deadline=None)
@given(
    cells=st.lists(st.tuples(*[st.integers(10, 200)] * 4), min_size=6, max_size=6),
    order=st.permutations(range(4)),
    margin=st.floats(5, 200),
)
def test_every_plan_is_a_distribution_over_all_pairs(
    cells: list[tuple[int, ...]], order: list[int], margin: float
) -> None:
    pairs = [pair(a, b, *c) for (a, b), c in zip(combinations(range(4), 2), cells, strict=True)]
    rates = race_rates(pairs, IDS, margin=margin)

    assert rates is not None
    assert sum(rates.values()) == pytest.approx(1)
    assert min(rates.values()) >= 0.05 / 6 - 1e-12
    assert race_rates(pairs, [IDS[i] for i in order], margin=margin) == pytest.approx(rates)


def test_candidates_keep_their_chance_without_a_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may still be the answer is drawn against the others who may."""
    seen = []

    def watch(*given: object, **options: object) -> object:
        seen.append(racing_plan(*given, **options))  # type: ignore[arg-type]
        return seen[-1]

    monkeypatch.setattr("blindarena.ranking.racing.racing_plan", watch)
    rng = np.random.default_rng(2)
    for _ in range(20):
        cells = rng.integers(10, 120, (6, 2))
        pairs = [
            pair(a, b, *map(int, c), 5, 0)
            for (a, b), c in zip(combinations(range(4), 2), cells, strict=True)
        ]
        rates = race_rates(pairs, IDS, margin=30, floor=0)
        assert rates is not None
        racing = [IDS[i] for i in seen[-1].racing]
        assert all(rates[ends] > 0 for ends in combinations(racing, 2))


async def test_the_first_look_draws_evenly_and_the_next_races() -> None:
    counts, clock = CountsInMemory(*LADDER), Clock()
    plans = RacingPlans(counts, clock=clock)

    assert plans(RACE, FOUR) is None
    await plans.idle()
    assert plans(RACE, FOUR) == race_rates(LADDER, IDS, margin=30)
    await plans.close()


async def test_the_counts_are_read_no_more_often_than_needed() -> None:
    counts, clock = CountsInMemory(*LADDER), Clock()
    plans = RacingPlans(counts, clock=clock, every_s=5)

    async def look(seconds: float) -> int:
        clock.now = seconds
        for _ in range(10):
            plans(RACE, FOUR)
        await plans.idle()
        return counts.reads

    assert await look(0) == 1
    counts.changes += 1
    assert await look(4.9) == 1, "not yet"
    assert await look(5) == 2, "changed"
    assert await look(10) == 2, "old, but nothing has changed"
    await plans.close()


async def test_arenas_that_do_not_race_cost_nothing() -> None:
    counts = CountsInMemory(*LADDER)
    plans = RacingPlans(counts, clock=Clock())

    assert plans(ARENA, FOUR) is None
    assert plans(replace(RACE, margin=None), FOUR) is None
    assert plans(RACE, FOUR[:1]) is None
    await plans.idle()
    assert counts.reads == 0


async def test_a_database_that_fails_leaves_the_plan_as_it_was() -> None:
    counts, clock = CountsInMemory(*LADDER), Clock()
    plans = RacingPlans(counts, clock=clock)
    plans(RACE, FOUR)
    await plans.idle()

    async def fail(arena_id: UUID) -> int:
        raise StorageError("the disk is gone")

    counts.version = fail  # type: ignore[method-assign]
    clock.now = 60
    before = plans(RACE, FOUR)
    await plans.idle()
    assert plans(RACE, FOUR) == before
    assert before is not None
    await plans.close()


def test_a_race_spends_its_votes_on_those_who_may_win() -> None:
    """Simulated: two that are hard to tell apart are asked about, the worse half seldom."""
    rng, people = np.random.default_rng(5), contestants(*"abcdef")
    ids = [c.id for c in people]
    theta = np.array([0.5, 0.45, 0.0, -0.5, -0.7, -0.9])
    tallies = {ends: [0, 0, 0, 0] for ends in combinations(range(6), 2)}
    draws = _Draws(rng)
    late = np.zeros(6)
    for _ in range(30):
        counts = [PairCount(ids[a], ids[b], *cell) for (a, b), cell in tallies.items()]
        rates = race_rates(counts, ids, margin=10)
        drawn = pair_probabilities(people, policy="racing", rates=rates)
        stored = {(x.id, y.id): p for x, y, p in drawn}
        for _ in range(60):
            draw = draw_pair(people, policy="racing", rates=rates, rng=draws)
            a, b = sorted((ids.index(draw.a.id), ids.index(draw.b.id)))
            assert draw.probability == pytest.approx(stored[ids[a], ids[b]])
            won = rng.random() < 1 / (1 + np.exp(theta[b] - theta[a]))
            tallies[a, b][0 if won else 1] += 1
            if sum(map(sum, tallies.values())) > 1200:
                late[[a, b]] += 1

    assert late[:2].sum() > 4 * late[3:].sum()
    assert late[3:].sum() > 0, "the floor keeps asking"


class _Draws:
    """What `draw_pair` needs of a random generator, from NumPy's."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def choices(self, items: list, weights: list[float]) -> list:
        return [items[self._rng.choice(len(items), p=np.array(weights) / sum(weights))]]

    def random(self) -> float:
        return float(self._rng.random())
