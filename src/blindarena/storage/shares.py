"""Links to revealed battles in SQL."""

from dataclasses import fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select, update

from blindarena.domain.shares import Share
from blindarena.storage.runner import Runner
from blindarena.storage.share_table import shares

_FIELDS = tuple(field.name for field in fields(Share))
_ADD = insert(shares)
_GET = select(*(shares.c[name] for name in _FIELDS)).where(
    shares.c.token_hash == bindparam("hash"), shares.c.withdrawn_at.is_(None)
)
_OPEN = (shares.c.battle_id == bindparam("battle"), shares.c.withdrawn_at.is_(None))
_COUNT = select(func.count()).select_from(shares).where(*_OPEN)
_WITHDRAW = update(shares).where(*_OPEN).values(withdrawn_at=bindparam("at"))


class Shares:
    """Links to revealed battles; a withdrawn one stays, as a hash that opens nothing."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    async def add(self, share: Share) -> None:
        """Store a new link."""
        values = {name: getattr(share, name) for name in _FIELDS}
        await self._run.write(lambda connection: connection.execute(_ADD, values).close())

    async def by_hash(self, token_hash: str) -> Share | None:
        """Return the link of a token, unless it is withdrawn."""

        def work(connection: Connection) -> Share | None:
            row = connection.execute(_GET, {"hash": token_hash}).one_or_none()
            return None if row is None else Share(*row)

        return await self._run.read(work)

    async def count(self, battle_id: UUID) -> int:
        """Return how many links of a battle are open."""
        return await self._run.read(
            lambda c: int(c.execute(_COUNT, {"battle": battle_id}).scalar_one())
        )

    async def withdraw(self, battle_id: UUID, *, at: datetime) -> int:
        """Close every link of a battle; return how many were open."""
        values = {"battle": battle_id, "at": at}
        return await self._run.write(lambda c: c.execute(_WITHDRAW, values).rowcount)
