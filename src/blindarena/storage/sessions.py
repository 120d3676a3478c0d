"""Browsers and their consents in SQL."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select

from blindarena.domain.battles import Session
from blindarena.storage.runner import Runner
from blindarena.storage.tables import consents, sessions

_BY_SECRET_HASH = (
    select(
        sessions.c.id,
        sessions.c.secret_hash,
        sessions.c.csrf_token,
        sessions.c.created_at,
        sessions.c.is_owner,
        sessions.c.is_reviewer,
        sessions.c.subject,
        sessions.c.until,
        consents.c.version,
    )
    .select_from(sessions.outerjoin(consents))
    .where(sessions.c.secret_hash == bindparam("secret_hash"))
)
_ADD = insert(sessions)
_DELETE = delete(sessions).where(sessions.c.id == bindparam("session"))


class Sessions:
    """Browsers and what they consented to."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        self._consent = runner.insert(consents).on_conflict_do_nothing()

    async def add(self, session: Session) -> None:
        """Store a new session with its consents, which are dated as the session."""
        values = {
            "id": session.id,
            "secret_hash": session.secret_hash,
            "csrf_token": session.csrf_token,
            "created_at": session.created_at,
            "is_owner": session.is_owner,
            "is_reviewer": session.is_reviewer,
            "subject": session.subject,
            "until": session.until,
        }
        agreed = [
            {"session_id": session.id, "version": version, "at": session.created_at}
            for version in sorted(session.consents)
        ]

        def work(connection: Connection) -> None:
            connection.execute(_ADD, values)
            if agreed:
                connection.execute(self._consent, agreed)

        await self._run.write(work)

    async def by_secret_hash(self, secret_hash: str) -> Session | None:
        """Return the session of a cookie."""

        def work(connection: Connection) -> Session | None:
            rows = connection.execute(_BY_SECRET_HASH, {"secret_hash": secret_hash}).all()
            if not rows:
                return None
            first = rows[0]
            return Session(
                id=first.id,
                secret_hash=first.secret_hash,
                csrf_token=first.csrf_token,
                created_at=first.created_at,
                consents=frozenset(row.version for row in rows if row.version is not None),
                is_owner=first.is_owner,
                is_reviewer=first.is_reviewer,
                subject=first.subject,
                until=first.until,
            )

        return await self._run.read(work)

    async def add_consent(self, session_id: UUID, version: str, at: datetime) -> None:
        """Remember that a session agreed to a version; again is no error."""
        values = {"session_id": session_id, "version": version, "at": at}
        await self._run.write(lambda connection: connection.execute(self._consent, values).close())

    async def delete(self, session_id: UUID) -> None:
        """Forget a session and its consents."""
        values = {"session": session_id}
        await self._run.write(lambda connection: connection.execute(_DELETE, values).close())
