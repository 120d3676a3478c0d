"""Pictures of messages in memory."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from blindarena.domain.chat import Image
from blindarena.domain.images import Picture, SentPicture


class MemoryImages:
    """Pictures of messages; `MemoryBattles.start_turn` puts them here."""

    def __init__(self) -> None:
        self._kept: dict[UUID, tuple[Picture, Image]] = {}

    def put(self, battle_id: UUID, number: int, given: Sequence[SentPicture]) -> None:
        """Store the pictures of a message in place of those there are."""
        for known, _ in list(self._kept.values()):
            if (known.battle_id, known.number) == (battle_id, number):
                del self._kept[known.id]
        for position, picture in enumerate(given):
            known = picture.as_stored(battle_id, number, position)
            self._kept[known.id] = known, picture.image

    async def listed(self, battle_id: UUID) -> list[Picture]:
        """Return what is known of a battle's pictures, in order of message and position."""
        mine = [known for known, _ in self._kept.values() if known.battle_id == battle_id]
        return sorted(mine, key=lambda known: (known.number, known.position))

    async def sent(self, battle_id: UUID, *, upto: int) -> Mapping[int, tuple[Image, ...]]:
        """Return the pictures of the messages up to a number, by number."""
        found: dict[int, tuple[Image, ...]] = {}
        for known in await self.listed(battle_id):
            if known.number <= upto:
                image = self._kept[known.id][1]
                found[known.number] = (*found.get(known.number, ()), image)
        return found

    async def one(self, battle_id: UUID, image_id: UUID) -> Image | None:
        """Return one picture of a battle."""
        known = self._kept.get(image_id)
        return known[1] if known is not None and known[0].battle_id == battle_id else None
