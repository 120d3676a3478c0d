"""Small secrets of the installation in SQL."""

from sqlalchemy import Connection, bindparam, delete, select

from blindarena.storage.runner import Runner
from blindarena.storage.tables import vault

_GET = select(vault.c.value).where(vault.c.name == bindparam("name"))
_DROP = delete(vault).where(vault.c.name == bindparam("secret"))


class Vault:
    """Small secrets of the installation: salts, the owner's password hash."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        self._put = runner.insert(vault).on_conflict_do_nothing()

    async def get(self, name: str) -> str | None:
        """Return a secret."""
        return await self._run.read(lambda connection: connection.scalar(_GET, {"name": name}))

    async def put_if_absent(self, name: str, value: str) -> str:
        """Store a secret unless there is one; return the one that is stored."""

        def work(connection: Connection) -> str:
            connection.execute(self._put, {"name": name, "value": value})
            return str(connection.scalar(_GET, {"name": name}))

        return await self._run.write(work)

    async def put(self, name: str, value: str) -> None:
        """Store a secret in place of the one there may be."""

        def work(connection: Connection) -> None:
            connection.execute(_DROP, {"secret": name})
            connection.execute(self._put, {"name": name, "value": value})

        await self._run.write(work)

    async def drop(self, name: str) -> None:
        """Destroy a secret; without one nothing happens."""
        await self._run.write(lambda c: c.execute(_DROP, {"secret": name}).close())
