"""Makes an invite to a review queue without a running server."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from blindarena.arena.queue_invites import InviteCard, InviteService, invite_link
from blindarena.bootstrap.configured import arena_plan
from blindarena.errors import StorageError
from blindarena.settings import ArenaFile, Settings
from blindarena.storage.database import Database


@dataclass(frozen=True, slots=True)
class MadeInvite:
    """A new invite and its link, which is told this once."""

    card: InviteCard
    link: str


async def make_invite(
    file: ArenaFile, settings: Settings, *, group: str | None, expires_days: int | None, base: str
) -> MadeInvite:
    """Make an invite link to an arena that the server has run at least once.

    Args:
        file: of the arena.
        settings: of the server.
        group: one of the arena's voter groups; None is people of no group.
        expires_days: after which the link is closed; None keeps it open.
        base: the server's address as people reach it.

    Raises:
        StorageError: the database is not there, or does not know the arena yet.
        InvalidInputError: the arena has no review queue, or no such group.
    """
    database = await Database.open(settings.server.database, create=False)
    try:
        if await database.schema_version() != Database.newest_schema():
            raise StorageError("the database is of another version; `blindarena db upgrade` first")
        stored = await database.arenas.by_slug(file.slug)
        if stored is None:
            raise StorageError(
                f'the database does not know the arena "{file.slug}" yet; '
                "`blindarena up` once, then invite"
            )
        invites = InviteService(
            invites=database.invites, audit=database.audit, now=lambda: datetime.now(UTC)
        )
        arena = replace(arena_plan(file, settings).arena, id=stored.id)
        card, token = await invites.make(
            arena, group=group, expires_days=expires_days, who="Command line"
        )
        return MadeInvite(card, invite_link(base, token))
    finally:
        await database.close()
