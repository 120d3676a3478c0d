"""What the arena needs of stored pictures; `storage` and `testing` provide it."""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from blindarena.domain.chat import Image
from blindarena.domain.images import Picture


class Images(Protocol):
    """Pictures of messages; `Battles.start_turn` stores them."""

    async def listed(self, battle_id: UUID) -> list[Picture]:
        """Return what is known of a battle's pictures, in order of message and position."""
        ...

    async def sent(self, battle_id: UUID, *, upto: int) -> Mapping[int, tuple[Image, ...]]:
        """Return the pictures of the messages up to a number, by number."""
        ...

    async def one(self, battle_id: UUID, image_id: UUID) -> Image | None:
        """Return one picture of a battle."""
        ...
