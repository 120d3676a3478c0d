"""The plan of a review queue, the draws of its raters, the rules of its reservations."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blindarena.arena.queue_draws import first_is_a, order_of
from blindarena.arena.queue_plan import BLOCK, plan_pairs
from blindarena.domain.ids import uuid7
from blindarena.domain.queue import QueuePair, Take
from blindarena.domain.queue_choice import Candidate, choose, free_seat, has_expired

ARENA = UUID(int=7)
LASTS = timedelta(minutes=20)
NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
PROMPTS = [UUID(int=100 + n) for n in range(20)]
MODELS = [UUID(int=n) for n in range(4)]


def plan(
    prompts: list[UUID] = PROMPTS,
    models: list[UUID] = MODELS,
    *,
    missing: frozenset[tuple[UUID, UUID]] = frozenset(),
    **more: object,
) -> list[QueuePair]:
    values: dict[str, object] = {"arena_id": ARENA, "version": 1, "overlap": 0.2}
    answered = set(product(prompts, models)) - missing
    return plan_pairs(prompts, models, answered, **(values | more))  # type: ignore[arg-type]


def keys(pairs: list[QueuePair]) -> list[tuple[UUID, UUID, UUID]]:
    return [(pair.prompt_id, pair.first, pair.second) for pair in pairs]


def test_every_prompt_has_every_pair_once() -> None:
    pairs = plan()

    assert len(pairs) == len(set(keys(pairs))) == 20 * 6
    assert all(pair.first < pair.second for pair in pairs)
    assert {pair.probability for pair in pairs} == {1 / 6}
    assert max(pair.block for pair in pairs) == (120 - 1) // BLOCK


@given(st.integers(1, 30), st.integers(2, 6), st.integers(1, 200))
@settings(max_examples=40, deadline=None)
def test_any_beginning_is_even(prompts: int, models: int, size: int) -> None:
    some = [UUID(int=100 + n) for n in range(prompts)]
    pairs = plan(some, [UUID(int=n) for n in range(models)], size=size)

    kinds = models * (models - 1) // 2
    assert len(pairs) == min(size, prompts * kinds)
    by_prompt = Counter(pair.prompt_id for pair in pairs)
    by_pair = Counter((pair.first, pair.second) for pair in pairs)
    rounds = -(-len(pairs) // prompts)
    for prompt in some:
        assert rounds - 1 <= by_prompt[prompt] <= rounds
    if len(by_pair) > 1:
        assert max(by_pair.values()) - min(by_pair.values()) <= rounds
    twice = sum(pair.wanted == 2 for pair in pairs)
    assert abs(twice - 0.2 * len(pairs)) <= 0.5


def test_overlap_falls_on_all_pairs_of_contestants() -> None:
    """Every fifth place would fall on few of them, as there are six: so places are drawn."""
    some = [UUID(int=100 + n) for n in range(200)]
    twice = Counter((p.first, p.second) for p in plan(some) if p.wanted == 2)

    assert len(twice) == 6
    assert sum(twice.values()) == 240
    assert min(twice.values()) > 20


def test_it_is_the_same_again_and_another_in_another_version() -> None:
    assert keys(plan()) == keys(plan())
    assert keys(plan()) != keys(plan(version=2))
    assert [p.wanted for p in plan()] == [p.wanted for p in plan()]


def test_later_answers_are_added_behind_what_is_planned() -> None:
    late = frozenset({(PROMPTS[3], MODELS[0]), (PROMPTS[4], MODELS[2])})
    first = plan(missing=late)
    assert len(first) == 120 - 6

    more = plan(planned=first)

    assert not set(keys(first)) & set(keys(more))
    assert len(more) == 6
    assert min(pair.block for pair in more) >= max(pair.block for pair in first)
    assert plan(planned=[*first, *more]) == []
    assert len(plan(planned=first, size=116)) == 2
    assert plan(planned=first, size=10) == []


def test_a_baseline_is_in_every_pair_and_too_few_make_none() -> None:
    pairs = plan(baseline=MODELS[1])

    assert len(pairs) == 60
    assert all(MODELS[1] in (pair.first, pair.second) for pair in pairs)
    assert plan(models=MODELS[:1]) == plan(prompts=[]) == []


def test_a_rater_has_an_order_and_sides_that_stay_and_are_fair() -> None:
    pairs = [uuid7() for _ in range(400)]
    mine, again, yours = (order_of(v, ARENA, 1) for v in ("ann", "ann", "bob"))
    assert sorted(pairs, key=mine) == sorted(pairs, key=again) != sorted(pairs, key=yours)
    assert sorted(pairs, key=mine) != sorted(pairs, key=order_of("ann", ARENA, 2))

    sides = {v: [first_is_a(v, ARENA, 1)(pair) for pair in pairs] for v in ("ann", "bob")}
    assert 150 < sum(sides["ann"]) < 250
    assert 150 < sum(a == b for a, b in zip(*sides.values(), strict=True)) < 250


def pair(block: int = 0, wanted: int = 1, number: int = 1) -> QueuePair:
    ids = (UUID(int=number), ARENA, 1, PROMPTS[0], MODELS[0], MODELS[1])
    return QueuePair(*ids, block=block, wanted=wanted, probability=1.0)


def take(of: QueuePair, **given: object) -> Take:
    values: dict[str, object] = {
        "voter": "ann",
        "number": 1,
        "given_at": NOW,
        "expires_at": NOW + LASTS,
        "seat": 0,
        "generation": 1,
    }
    return Take(uuid7(), of.id, ARENA, 1, **(values | given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "expired"),
    [
        (NOW, False),
        (NOW + LASTS - timedelta(seconds=1), False),
        (NOW + LASTS, True),
        (NOW - timedelta(minutes=19), False),
        (NOW - timedelta(minutes=21), True),
    ],
)
def test_when_a_reservation_has_expired(at: datetime, expired: bool) -> None:
    assert has_expired(take(pair()), at=at, lasts=LASTS) is expired


def test_free_places_count_votes_without_a_place_too() -> None:
    both = pair(wanted=2)
    voted = take(both, seat=None, state="voted")

    assert free_seat(both, []) == 0
    assert free_seat(both, [take(both)]) == 1
    assert free_seat(both, [voted]) == 0
    assert free_seat(both, [voted, take(both)]) is None
    assert free_seat(both, [take(both, seat=None)]) == 0


def test_free_before_expired_in_a_block_and_earlier_blocks_before_later() -> None:
    old, new = pair(number=1), pair(number=2)
    later = pair(block=1, number=3)
    gone = Candidate(old, (take(old, generation=5),))
    longer_gone = Candidate(new, (take(new, generation=4),))
    after = NOW + LASTS
    rules = {"lasts": LASTS, "order": lambda one: -one.int}

    def chosen(*candidates: Candidate, at: datetime = after) -> tuple[QueuePair, bool] | None:
        choice = choose(candidates, at=at, **rules)  # type: ignore[arg-type]
        return choice and (choice.pair, choice.instead_of is not None)

    assert chosen(gone, Candidate(new)) == (new, False)
    assert chosen(gone, longer_gone) == (new, True)
    assert chosen(gone, Candidate(later)) == (old, True)
    assert chosen(gone, Candidate(later), at=NOW) == (later, False)
    assert chosen(gone, longer_gone, at=NOW) is None
    assert chosen(Candidate(old), Candidate(new)) == (new, False)
