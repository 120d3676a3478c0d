"""Logins at an identity provider that are under way, in SQL; each can be ended once."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from blindarena.domain.logins import Login
from blindarena.storage.runner import Runner
from blindarena.storage.secret_tables import logins

_COLUMNS = ("state_hash", "browser_hash", "verifier", "nonce", "back", "until")
_ADD = insert(logins)
_GET = select(*(logins.c[name] for name in _COLUMNS)).where(
    logins.c.state_hash == bindparam("named")
)
_DROP = delete(logins).where(logins.c.state_hash == bindparam("named"))
_DROP_OLD = delete(logins).where(logins.c.until <= bindparam("now"))


class Logins:
    """Logins that a browser has begun."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    async def begin(self, login: Login, *, now: datetime) -> None:
        """Remember a login, and forget those that are too old."""
        values = {name: getattr(login, name) for name in _COLUMNS}

        def work(connection: Connection) -> None:
            connection.execute(_DROP_OLD, {"now": now})
            connection.execute(_ADD, values)

        await self._run.write(work)

    async def take(self, state_hash: str) -> Login | None:
        """Return a login and forget it: of two who ask, one gets it."""

        def work(connection: Connection) -> Login | None:
            row = connection.execute(_GET, {"named": state_hash}).one_or_none()
            gone = connection.execute(_DROP, {"named": state_hash}).rowcount
            return Login(*row) if row is not None and gone == 1 else None

        return await self._run.write(work)
