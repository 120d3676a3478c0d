"""What moderation did, in SQL: counts, and marks on answers."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update

from blindarena.domain.battles import Side
from blindarena.domain.moderation import MODERATED, Moderated
from blindarena.storage.health_tables import moderation_counts
from blindarena.storage.runner import Runner
from blindarena.storage.tables import answers

_FLAG = (
    update(answers)
    .where(answers.c.turn_id == bindparam("turn"), answers.c.side == bindparam("of_side"))
    .values(flagged=True)
)
_COUNTS = select(moderation_counts.c.what, moderation_counts.c.n).where(
    moderation_counts.c.arena_id == bindparam("arena_id")
)


class ModerationBook:
    """What moderation did, in numbers; no text."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        row = runner.insert(moderation_counts)
        self._add = row.on_conflict_do_update(
            index_elements=list(moderation_counts.primary_key),
            set_={"n": moderation_counts.c.n + row.excluded.n},
        )

    async def count(self, arena_id: UUID, what: Moderated, *, n: int = 1) -> None:
        """Add to an arena's count."""
        values = {"arena_id": arena_id, "what": what, "n": n}
        await self._run.write(lambda connection: connection.execute(self._add, values).close())

    async def flag(self, turn_id: UUID, side: Side) -> None:
        """Mark an answer as one to be looked at."""
        values = {"turn": turn_id, "of_side": side}
        await self._run.write(lambda connection: connection.execute(_FLAG, values).close())

    async def counts(self, arena_id: UUID) -> Mapping[Moderated, int]:
        """Return an arena's counts; what never happened is missing."""

        def work(connection: Connection) -> dict[Moderated, int]:
            rows = connection.execute(_COUNTS, {"arena_id": arena_id})
            stored: dict[str, int] = {what: n for what, n in rows}  # noqa: C416 - rows are no pairs
            return {what: stored[what] for what in MODERATED if what in stored}

        return await self._run.read(work)
