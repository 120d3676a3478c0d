"""Who changed what, in SQL."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select

from blindarena.storage.runner import Runner
from blindarena.storage.tables import audit_log

_ADD = insert(audit_log).inline()
_RECENT = (
    select(audit_log.c.at, audit_log.c.who, audit_log.c.what, audit_log.c.detail)
    .order_by(audit_log.c.id.desc())
    .limit(bindparam("limit"))
)


class AuditLog:
    """Who changed what, append-only."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    async def add(self, *, at: datetime, who: str, what: str, detail: str = "") -> None:
        """Append one line."""
        values = {"at": at, "who": who, "what": what, "detail": detail}
        await self._run.write(lambda connection: connection.execute(_ADD, values).close())

    async def recent(self, *, limit: int) -> list[tuple[datetime, str, str, str]]:
        """Return the latest lines (time, who, what, detail), newest first."""
        return await self._run.read(
            lambda c: [
                (at, who, what, text)
                for at, who, what, text in c.execute(_RECENT, {"limit": limit})
            ]
        )
