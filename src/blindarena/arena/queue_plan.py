"""Which pairs a review queue holds: every prompt and every two contestants equally often."""

import random
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import combinations, product
from math import floor
from uuid import UUID

from blindarena.domain.ids import uuid7
from blindarena.domain.queue import QueuePair

BLOCK = 48
"""Pairs of a block, about; raters go through the blocks one after the other."""

Key = tuple[UUID, UUID, UUID]
"""Prompt, contestant with the smaller id, the other one."""


def plan_pairs(
    prompts: Sequence[UUID],
    contestants: Sequence[UUID],
    answered: Collection[tuple[UUID, UUID]],
    *,
    arena_id: UUID,
    version: int,
    overlap: float,
    size: int | None = None,
    baseline: UUID | None = None,
    planned: Sequence[QueuePair] = (),
) -> list[QueuePair]:
    """Return what is to be added to the pairs that are planned already.

    Each round has every prompt once, and its pairs of contestants in turn, so that whatever part is
    rated covers prompts and pairs evenly. The order is seeded by arena and version.

    Args:
        prompts: ids of the prompts, in any order that stays.
        contestants: ids of those that are compared.
        answered: prompts and contestants with an answer; without both answers there is no pair.
        arena_id: of the arena.
        version: of the arena.
        overlap: share of the pairs that two raters rate.
        size: pairs in all; None is all there are.
        baseline: one that every pair includes; None pairs all with all.
        planned: what the plan has; these stay as they are.
    """
    rng = random.Random(f"queue:{arena_id}:{version}")  # noqa: S311 - a stable order, no secret
    known = {(pair.prompt_id, pair.first, pair.second) for pair in planned}
    order = _order(prompts, contestants, baseline, rng)
    found = [
        key
        for key in order
        if key not in known and (key[0], key[1]) in answered and (key[0], key[2]) in answered
    ]
    fresh = found if size is None else found[: max(0, size - len(planned))]
    share = Counter(key[1:] for key in (*known, *fresh))
    start, total = len(planned), len(planned) + len(fresh)
    twice = _overlapping(start, total, overlap, rng)
    return [
        QueuePair(
            id=uuid7(),
            arena_id=arena_id,
            version=version,
            prompt_id=key[0],
            first=key[1],
            second=key[2],
            block=place // BLOCK,
            wanted=2 if place in twice else 1,
            probability=share[key[1:]] / total,
        )
        for place, key in enumerate(fresh, start)
    ]


def _order(
    prompts: Sequence[UUID],
    contestants: Sequence[UUID],
    baseline: UUID | None,
    rng: random.Random,
) -> list[Key]:
    """Return every pair there can be, round by round."""
    pairs = [
        (a, b)
        for a, b in combinations(sorted(contestants), 2)
        if baseline is None or baseline in (a, b)
    ]
    shuffled = list(prompts)
    rng.shuffle(shuffled)
    rng.shuffle(pairs)
    return [
        (prompt, *pairs[(place + turn) % len(pairs)])
        for turn, (place, prompt) in product(range(len(pairs)), enumerate(shuffled))
    ]


def _overlapping(start: int, total: int, overlap: float, rng: random.Random) -> set[int]:
    """Choose the places from `start` to `total` that two rate, evenly over the blocks.

    Every block gets its share to within one. Places at equal distances would not do: they could
    fall on the same pairs of contestants again and again.
    """
    chosen: set[int] = set()
    for first in range(start, total, BLOCK):
        last = min(first + BLOCK, total)
        wanted = floor(last * overlap + 0.5) - floor(first * overlap + 0.5)
        chosen.update(rng.sample(range(first, last), min(wanted, last - first)))
    return chosen
