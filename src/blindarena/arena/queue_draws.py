"""What is drawn for one rater: the order of the pairs, and the sides. Seeded, so it stays."""

import hashlib
from collections.abc import Callable
from uuid import UUID

Draw = Callable[[UUID], int]


def order_of(voter: str, arena_id: UUID, version: int) -> Draw:
    """Return the rater's own order: a number for each pair."""
    return _draw("order", voter, arena_id, version)


def first_is_a(voter: str, arena_id: UUID, version: int) -> Callable[[UUID], bool]:
    """Return a fair coin for each pair: whether its first contestant is on side `a`."""
    draw = _draw("sides", voter, arena_id, version)
    return lambda pair_id: draw(pair_id) % 2 == 0


def _draw(what: str, voter: str, arena_id: UUID, version: int) -> Draw:
    seed = f"{what}:{voter}:{arena_id}:{version}:".encode()

    def draw(pair_id: UUID) -> int:
        return int.from_bytes(hashlib.sha256(seed + pair_id.bytes).digest()[:8], "big")

    return draw
