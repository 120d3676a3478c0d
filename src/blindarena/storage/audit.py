"""Who changed what, in SQL; the database itself refuses to change or delete a line."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select

from blindarena.domain.audit import AuditEntry
from blindarena.storage.runner import Runner
from blindarena.storage.tables import audit_log

_ADD = insert(audit_log).inline()
_LINES = select(
    audit_log.c.id, audit_log.c.at, audit_log.c.who, audit_log.c.what, audit_log.c.detail
).order_by(audit_log.c.id.desc())
_RECENT = _LINES.limit(bindparam("limit"))


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
                for _, at, who, what, text in c.execute(_RECENT, {"limit": limit})
            ]
        )

    async def page(
        self, *, limit: int, before: int | None = None, what: str = "", who: str = ""
    ) -> list[AuditEntry]:
        """Return lines, newest first.

        Args:
            limit: most lines returned.
            before: only lines with a smaller id: those after the last line of a page.
            what: only lines in whose words or detail this stands, whatever its case.
            who: only lines of those in whose name this stands.
        """
        query = _LINES.limit(limit)
        if before is not None:
            query = query.where(audit_log.c.id < before)
        if what:
            here = audit_log.c.what.icontains(what, autoescape=True)
            query = query.where(here | audit_log.c.detail.icontains(what, autoescape=True))
        if who:
            query = query.where(audit_log.c.who.icontains(who, autoescape=True))
        return await self._run.read(lambda c: [AuditEntry(*row) for row in c.execute(query)])
