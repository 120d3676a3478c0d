"""What the doorkeeper needs from outside: stored keys, and what all processes count together."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from blindarena.domain.api_keys import ApiKey
from blindarena.domain.key_counters import Ask, Share, Taken


class KeyStore(Protocol):
    """The keys, as stored; every method raises StorageError where they cannot be reached."""

    async def by_hash(self, secret_hash: str) -> ApiKey | None:
        """Return the key of a secret, revoked or not."""
        ...

    async def by_ids(self, ids: Sequence[UUID]) -> list[ApiKey]:
        """Return those of the keys that there are."""
        ...

    async def touch(self, ids: Sequence[UUID], *, day: date) -> None:
        """Write down that requests came with these keys on a UTC day."""
        ...


class CounterStore(Protocol):
    """What is spent and held of limits, by all processes together; StorageError as above."""

    async def take(
        self, key_id: UUID, holder: UUID, asks: Sequence[Ask], *, now: datetime, until: datetime
    ) -> Taken:
        """Give a process what it asks for, all needs or nothing."""
        ...

    async def report(
        self, holder: UUID, shares: Sequence[tuple[UUID, Share]], *, until: datetime
    ) -> None:
        """Write what a process has spent and still holds, by key."""
        ...

    async def purge(self, *, before: datetime) -> int:
        """Delete what nobody reported on since."""
        ...
