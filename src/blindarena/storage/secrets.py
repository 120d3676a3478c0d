"""Sealed secrets in SQL; whoever holds only the database cannot read them."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from blindarena.storage.runner import Runner
from blindarena.storage.secret_tables import secrets

_ALL = select(secrets.c.name, secrets.c.sealed, secrets.c.set_at).order_by(secrets.c.name)
_DROP = delete(secrets).where(secrets.c.name == bindparam("named"))
_RESEAL = (
    update(secrets).where(secrets.c.name == bindparam("named")).values(sealed=bindparam("resealed"))
)


class Secrets:
    """Keys that were entered on the owner's page, as they were sealed."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        self._put = runner.insert(secrets)

    async def all(self) -> dict[str, tuple[str, datetime]]:
        """Return what is sealed, and since when, by name."""
        return await self._run.read(
            lambda c: {name: (sealed, at) for name, sealed, at in c.execute(_ALL)}
        )

    async def put(self, name: str, sealed: str, at: datetime) -> None:
        """Store a secret in place of the one there may be."""

        def work(connection: Connection) -> None:
            connection.execute(_DROP, {"named": name})
            connection.execute(self._put, {"name": name, "sealed": sealed, "set_at": at})

        await self._run.write(work)

    async def delete(self, name: str) -> None:
        """Forget a secret; one that is not there is no error."""
        await self._run.write(lambda c: c.execute(_DROP, {"named": name}).close())

    async def reseal(self, again: Callable[[str, str], str]) -> int:
        """Seal every secret anew, all or none: `again(name, sealed)`; return how many."""

        def work(connection: Connection) -> int:
            rows = connection.execute(_ALL).all()
            for row in rows:
                values = {"named": row.name, "resealed": again(row.name, row.sealed)}
                connection.execute(_RESEAL, values)
            return len(rows)

        return await self._run.write(work)
