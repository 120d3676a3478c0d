"""Pictures of messages in SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from blindarena.domain.chat import Image
from blindarena.domain.images import Picture, SentPicture
from blindarena.storage.image_table import images
from blindarena.storage.runner import Runner

_FIELDS = tuple(field.name for field in fields(Picture))
_KNOWN = tuple(func.length(images.c.data) if n == "size" else images.c[n] for n in _FIELDS)
_ADD = insert(images)
_DROP = delete(images).where(
    images.c.battle_id == bindparam("battle"), images.c.number == bindparam("at")
)
_LISTED = (
    select(*_KNOWN)
    .where(images.c.battle_id == bindparam("battle"))
    .order_by(images.c.number, images.c.position)
)
_SENT = (
    select(images.c.number, images.c.media_type, images.c.data)
    .where(images.c.battle_id == bindparam("battle"), images.c.number <= bindparam("upto"))
    .order_by(images.c.number, images.c.position)
)
_ONE = select(images.c.media_type, images.c.data).where(
    images.c.id == bindparam("image"), images.c.battle_id == bindparam("battle")
)


class Images:
    """Pictures of messages; they are stored with their turn, see `Battles.start_turn`."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    async def listed(self, battle_id: UUID) -> list[Picture]:
        """Return what is known of a battle's pictures, in order of message and position."""
        return await self._run.read(
            lambda c: [Picture(*row) for row in c.execute(_LISTED, {"battle": battle_id})]
        )

    async def sent(self, battle_id: UUID, *, upto: int) -> Mapping[int, tuple[Image, ...]]:
        """Return the pictures of the messages up to a number, by number."""

        def work(connection: Connection) -> dict[int, tuple[Image, ...]]:
            found: dict[int, tuple[Image, ...]] = {}
            for number, kind, data in connection.execute(
                _SENT, {"battle": battle_id, "upto": upto}
            ):
                found[number] = (*found.get(number, ()), Image(kind, data))
            return found

        return await self._run.read(work)

    async def one(self, battle_id: UUID, image_id: UUID) -> Image | None:
        """Return one picture of a battle."""

        def work(connection: Connection) -> Image | None:
            values = {"image": image_id, "battle": battle_id}
            row = connection.execute(_ONE, values).one_or_none()
            return None if row is None else Image(*row)

        return await self._run.read(work)


def put_images(
    connection: Connection, battle_id: UUID, number: int, given: Sequence[SentPicture]
) -> None:
    """Store the pictures of a message in place of those of an attempt at it that failed."""
    connection.execute(_DROP, {"battle": battle_id, "at": number})
    rows = []
    for position, picture in enumerate(given):
        known = picture.as_stored(battle_id, number, position)
        row = {name: getattr(known, name) for name in _FIELDS if name != "size"}
        rows.append(row | {"data": picture.image.data})
    if rows:
        connection.execute(_ADD, rows)
