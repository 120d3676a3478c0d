"""A leaderboard that was kept: written once, dated, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from blindarena.domain.boards import Population

Origin = Literal["owner", "daily", "viewed"]
"""Who wanted it: the owner's click, the day's own, or somebody who looked at a dated board."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotHead:
    """What a kept board is, without its content.

    Attributes:
        method: its name in an address, such as `bt`.
        options: all that it was computed with; see `leaderboard.options`.
        category: that it was asked for; the document has the board of all votes too.
        arena_version: whose votes; those of two versions never mix.
        data_hash: of the votes of the category; see `votes.hashing`.
        n: votes of the category.
        seed: of everything drawn at random.
        versions: of what the last bits of a number depend on.
    """

    id: UUID
    arena_id: UUID
    created_at: datetime
    origin: Origin
    method: str
    options: Mapping[str, Any]
    population: Population
    category: str
    data_hash: str
    n: int
    seed: int
    versions: Mapping[str, str]
    arena_version: int = 1


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """A kept board; `document` is JSON that `blindarena rank --verify` reads."""

    head: SnapshotHead
    document: str
