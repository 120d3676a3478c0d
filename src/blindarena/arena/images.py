"""Pictures of battles as their voter, and readers of a shared battle, may see them."""

from collections.abc import Mapping
from uuid import UUID

from blindarena.arena.battles import BattleService
from blindarena.arena.image_ports import Images
from blindarena.arena.sharing import SharingService
from blindarena.domain.battles import Session
from blindarena.domain.chat import Image
from blindarena.domain.images import Picture
from blindarena.errors import NotFoundError


class ImageService:
    """Finds pictures for whoever may see the battle they belong to.

    Args:
        images: where they are.
        battles: the battles of a session.
        sharing: the battles behind links.
    """

    def __init__(self, *, images: Images, battles: BattleService, sharing: SharingService) -> None:
        self._images = images
        self._battles = battles
        self._sharing = sharing

    async def listed(self, battle_id: UUID) -> Mapping[int, list[Picture]]:
        """Return what is known of a battle's pictures, by number of the message."""
        found: dict[int, list[Picture]] = {}
        for picture in await self._images.listed(battle_id):
            found.setdefault(picture.number, []).append(picture)
        return found

    async def mine(self, session: Session, battle_id: UUID, image_id: UUID) -> Image:
        """Return a picture of an own battle.

        Raises:
            NotFoundError, ForbiddenError
        """
        await self._battles.mine(session, battle_id)
        return _found(await self._images.one(battle_id, image_id))

    async def shared(self, token: str, image_id: UUID) -> Image:
        """Return a picture of the battle that a link shows.

        Raises:
            NotFoundError: there is no such link, or the battle shows no such picture.
        """
        shared = await self._sharing.read(token)
        numbers = {record.turn.number for record in shared.turns}
        shown = {p.id for p in await self._images.listed(shared.battle_id) if p.number in numbers}
        if image_id not in shown:
            raise _gone()
        return _found(await self._images.one(shared.battle_id, image_id))


def _found(image: Image | None) -> Image:
    if image is None or not image.data:  # its voter was erased
        raise _gone()
    return image


def _gone() -> NotFoundError:
    return NotFoundError("there is no such picture")
