"""Export, erasure and retention on a database alone, for the command line."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import Clock
from blindarena.arena.privacy import PrivacyService
from blindarena.arena.record import Processing
from blindarena.arena.sessions import SessionService
from blindarena.gateway.router import Router
from blindarena.storage.database import Database


def _now() -> datetime:
    return datetime.now(UTC)


def privacy_of(
    database: Database,
    *,
    pool: ContestantPool,
    sessions: SessionService,
    now: Clock,
    forget: Callable[[UUID], None] = lambda battle_id: None,
) -> PrivacyService:
    """Make the service on a database; see `PrivacyService` for the arguments."""
    return PrivacyService(
        data=database.voter_data,
        raters=database.judge_votes,
        pool=pool,
        sessions=sessions,
        vault=database.vault,
        audit=database.audit,
        now=now,
        forget=forget,
    )


@asynccontextmanager
async def open_privacy(url: str) -> AsyncIterator[tuple[PrivacyService, ContestantPool]]:
    """Open a database that exists, also beside a running server.

    What such a server remembers of the last battles stays in its memory until it stops.

    Raises:
        StorageError: it does not exist or cannot be reached.
    """
    database = await Database.open(url, create=False)
    try:
        await database.migrate()
        pool = ContestantPool(arenas=database.arenas, models=Router())
        sessions = SessionService(
            sessions=database.sessions,
            arenas=database.arenas,
            vault=database.vault,
            audit=database.audit,
            now=_now,
        )
        yield privacy_of(database, pool=pool, sessions=sessions, now=_now), pool
    finally:
        await database.close()


async def processing_of(url: str, *, slug: str | None) -> list[Processing]:
    """Return what the processing record says of the arenas of a database.

    Raises:
        NotFoundError: there is no arena `slug`.
        StorageError: the database cannot be reached.
    """
    async with open_privacy(url) as (_, pool):
        kind = "postgresql" if url.startswith("postgres") else "sqlite"
        return await processing_in(pool, slug=slug, database=kind)


async def processing_in(
    pool: ContestantPool, *, slug: str | None, database: str
) -> list[Processing]:
    """Return the same of a database that is open, of the kind `sqlite` or `postgresql`.

    Raises:
        NotFoundError: there is no arena `slug`.
    """
    arenas = [await pool.by_slug(slug)] if slug else await pool.all()
    kind = "PostgreSQL" if database == "postgresql" else "SQLite"
    return [
        Processing.of(arena, await pool.contestants(arena), database=kind)
        for arena in arenas
        if not arena.read_only
    ]
