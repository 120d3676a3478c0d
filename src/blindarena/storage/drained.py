"""Deployments that the owner has drained, in SQL: what all gateways of a database follow."""

from datetime import datetime

from sqlalchemy import Column, Connection, Table, bindparam, delete, select

from blindarena.storage.runner import Runner
from blindarena.storage.tables import metadata
from blindarena.storage.types import Utc, Words

drained = Table(
    "drained",
    metadata,
    Column("deployment", Words, primary_key=True),
    Column("at", Utc, nullable=False),
)

_ALL = select(drained.c.deployment)
_DROP = delete(drained).where(drained.c.deployment == bindparam("named"))


class Drained:
    """Names of deployments that get nothing new; they stay over restarts."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        self._put = runner.insert(drained).on_conflict_do_nothing()

    async def all(self) -> frozenset[str]:
        """Return all of them."""
        return await self._run.read(lambda c: frozenset(c.scalars(_ALL)))

    async def add(self, deployment: str, *, at: datetime) -> bool:
        """Add one; return whether it was not there yet."""
        values = {"deployment": deployment, "at": at}
        return await self._run.write(lambda c: c.execute(self._put, values).rowcount == 1)

    async def remove(self, deployment: str) -> bool:
        """Remove one; return whether it was there."""

        def work(connection: Connection) -> bool:
            return connection.execute(_DROP, {"named": deployment}).rowcount == 1

        return await self._run.write(work)
