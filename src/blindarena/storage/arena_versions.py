"""The versions of an arena in SQL: one for each set of things that was compared."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select, update

from blindarena.domain.arenas import ArenaVersion, Contestant, Prompt, VersionDraft
from blindarena.storage.tables import arena_versions, arenas, contestants, prompts

_COLUMNS = ("number", "hash", "document", "created_at", "who")
_OF_ARENA = (
    select(*(arena_versions.c[name] for name in _COLUMNS))
    .where(arena_versions.c.arena_id == bindparam("arena_id"))
    .order_by(arena_versions.c.number)
)
_LOCK = select(arenas.c.id).where(arenas.c.id == bindparam("arena_id")).with_for_update()
_NUMBER = select(arena_versions.c.number).where(
    arena_versions.c.arena_id == bindparam("arena_id"), arena_versions.c.hash == bindparam("hash")
)
_LAST = select(func.max(arena_versions.c.number)).where(
    arena_versions.c.arena_id == bindparam("arena_id")
)
_ADD = insert(arena_versions)
_ADOPT = {
    table: update(table)
    .where(
        table.c.arena_id == bindparam("arena"),
        column == bindparam("named"),
        table.c.fingerprint == "",
    )
    .values(fingerprint=bindparam("given"))
    for table, column in ((contestants, contestants.c.name), (prompts, prompts.c.key))
}


def list_versions(connection: Connection, arena_id: UUID) -> list[ArenaVersion]:
    """Return the versions of an arena, the oldest first."""
    rows = connection.execute(_OF_ARENA, {"arena_id": arena_id})
    return [ArenaVersion(*row) for row in rows]


def take_version(
    connection: Connection,
    arena_id: UUID,
    draft: VersionDraft,
    given_contestants: Sequence[Contestant],
    given_prompts: Sequence[Prompt],
) -> int:
    """Return the number of the version that compares the same; where there is none, make it.

    What an arena held before it had any version is taken as what the first one is about.
    """
    connection.execute(_LOCK, {"arena_id": arena_id})
    known = connection.scalar(_NUMBER, {"arena_id": arena_id, "hash": draft.hash})
    if known is not None:
        return int(known)
    last = connection.scalar(_LAST, {"arena_id": arena_id})
    if last is None:
        adopted = {
            contestants: [(c.name, c.fingerprint) for c in given_contestants],
            prompts: [(p.key, p.fingerprint) for p in given_prompts],
        }
        for table, names in adopted.items():
            if names:
                rows = [{"arena": arena_id, "named": n, "given": f} for n, f in names]
                connection.execute(_ADOPT[table], rows)
    number = (last or 0) + 1
    connection.execute(
        _ADD,
        {
            "arena_id": arena_id,
            "number": number,
            "hash": draft.hash,
            "document": draft.document,
            "created_at": draft.at,
            "who": draft.who,
        },
    )
    return number
