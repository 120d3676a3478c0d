"""How a repository's work, a plain function of a connection, reaches a database."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
Insert = sqlite.Insert | postgresql.Insert


class Runner(Protocol):
    """One database. Work is synchronous and short, and touches nothing but its connection."""

    def insert(self, table: Table, /) -> Insert:
        """Return the dialect's INSERT, the one that knows ON CONFLICT."""
        ...

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run one query; reads never wait for writes."""
        ...

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run work in a transaction of its own; return once it is durable.

        Work may run a second time where the first attempt was rolled back.
        """
        ...

    async def migrate(self, work: Callable[[Connection], T]) -> T:
        """Run a change of the schema, alone."""
        ...

    async def scrub(self) -> None:
        """Overwrite what deleted and changed rows have left in files that are ours."""
        ...

    async def close(self) -> None:
        """Let what was begun end, then close the connections; all later work is refused."""
        ...
