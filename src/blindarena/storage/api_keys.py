"""Keys of the gateway in SQL.

Of a secret only its SHA-256 is kept. A slow hash is for passwords, which people choose: our
secrets hold 256 random bits, which nobody can guess however fast the hash.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from blindarena.domain.api_keys import ApiKey, KeyLimits
from blindarena.storage.gateway_tables import api_keys
from blindarena.storage.runner import Runner

_ADD = insert(api_keys)
_ALL = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)
_BY_HASH = select(api_keys).where(api_keys.c.secret_hash == bindparam("hash"))
_BY_ID = select(api_keys).where(api_keys.c.id == bindparam("key"))
_BY_IDS = select(api_keys).where(api_keys.c.id.in_(bindparam("keys", expanding=True)))
_CHANGE = (
    update(api_keys)
    .where(api_keys.c.id == bindparam("key"))
    .values(name=bindparam("new_name"), limits=bindparam("new_limits"))
)
_REVOKE = (
    update(api_keys)
    .where(api_keys.c.id == bindparam("key"), api_keys.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
_TOUCH = (
    update(api_keys)
    .where(
        api_keys.c.id.in_(bindparam("keys", expanding=True)),
        or_(api_keys.c.last_used_on.is_(None), api_keys.c.last_used_on < bindparam("day")),
    )
    .values(last_used_on=bindparam("day"))
)


class ApiKeys:
    """Keys of the gateway; a revoked one stays, so that its usage keeps a name."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    async def add(self, key: ApiKey, *, secret_hash: str) -> None:
        """Store a new key; `secret_hash` is the SHA-256 of its secret, in hex."""
        values = {
            "id": key.id,
            "secret_hash": secret_hash,
            "name": key.name,
            "prefix": key.prefix,
            "limits": key.limits,
            "created_at": key.created_at,
            "revoked_at": key.revoked_at,
            "last_used_on": key.last_used_on,
        }
        await self._run.write(lambda connection: connection.execute(_ADD, values).close())

    async def by_hash(self, secret_hash: str) -> ApiKey | None:
        """Return the key of a secret, revoked or not."""
        return await self._run.read(
            lambda c: _one(c.execute(_BY_HASH, {"hash": secret_hash}).all())
        )

    async def by_id(self, key_id: UUID) -> ApiKey | None:
        """Return a key, revoked or not."""
        return await self._run.read(lambda c: _one(c.execute(_BY_ID, {"key": key_id}).all()))

    async def by_ids(self, ids: Sequence[UUID]) -> list[ApiKey]:
        """Return those of the keys that there are."""
        return await self._run.read(
            lambda c: [_key(row) for row in c.execute(_BY_IDS, {"keys": list(ids)})]
        )

    async def all(self) -> list[ApiKey]:
        """Return every key, the oldest first."""
        return await self._run.read(lambda c: [_key(row) for row in c.execute(_ALL)])

    async def change(self, key_id: UUID, *, name: str, limits: KeyLimits) -> bool:
        """Give a key another name and other limits; False where there is none."""
        values = {"key": key_id, "new_name": name, "new_limits": limits}
        return await self._run.write(lambda c: c.execute(_CHANGE, values).rowcount == 1)

    async def revoke(self, key_id: UUID, *, at: datetime) -> bool:
        """Withdraw a key for ever; False where there is none, or it was withdrawn before."""
        values = {"key": key_id, "at": at}
        return await self._run.write(lambda c: c.execute(_REVOKE, values).rowcount == 1)

    async def touch(self, ids: Sequence[UUID], *, day: date) -> None:
        """Write down that requests came with these keys on a UTC day."""

        def work(connection: Connection) -> None:
            connection.execute(_TOUCH, {"keys": list(ids), "day": day})

        await self._run.write(work)


def _one(rows: Sequence[Row]) -> ApiKey | None:  # type: ignore[type-arg]
    return _key(rows[0]) if rows else None


def _key(row: Row) -> ApiKey:  # type: ignore[type-arg]
    return ApiKey(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        limits=msgspec.convert(row.limits, KeyLimits),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        last_used_on=row.last_used_on,
    )
