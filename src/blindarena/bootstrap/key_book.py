"""The owner's side of the gateway's keys: made, changed, withdrawn, and what they used."""

import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from blindarena.domain.api_keys import ApiKey, KeyLimits
from blindarena.domain.ids import uuid7
from blindarena.errors import InvalidInputError, NotFoundError
from blindarena.gateway.limits.secrets import SHOWN, new_secret, secret_hash
from blindarena.storage.database import Database

_LONGEST_NAME = 100
_LONGEST_MODEL = 200
_MOST_MODELS = 100
_MOST = {
    "requests_per_minute": 10**9,
    "tokens_per_minute": 10**12,
    "usd_per_day": 1e9,
    "usd_per_month": 1e9,
}


class KeyBook:
    """Every key, and the sums of usage; changes are in the audit log.

    Args:
        database: open and migrated.
        now: the time, in UTC.
    """

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._keys = database.api_keys
        self._audit = database.audit
        self._now = now
        self.usage = database.usage

    async def create(self, name: str, limits: KeyLimits, *, who: str) -> tuple[ApiKey, str]:
        """Make a key.

        Args:
            name: by which people know it; two keys may share one.
            limits: what it may do.
            who: for the audit log.

        Returns:
            The key, and its secret, which nobody can read again.

        Raises:
            InvalidInputError: a name or a limit that makes no sense.
        """
        name = self._check(name, limits)
        secret = new_secret()
        key = ApiKey(uuid7(), name, secret[:SHOWN], limits, self._now())
        await self._keys.add(key, secret_hash=secret_hash(secret))
        await self._note(who, f"Created the API key {name}", key)
        return key, secret

    async def list(self) -> Sequence[ApiKey]:
        """Return every key, the oldest first."""
        return await self._keys.all()

    async def change(self, key_id: UUID, name: str, limits: KeyLimits, *, who: str) -> ApiKey:
        """Give a key another name and other limits, which running gateways see within seconds.

        Raises:
            NotFoundError: there is no such key.
            InvalidInputError: as `create`.
        """
        key = await self._get(key_id)
        name = self._check(name, limits, before=key.limits)
        await self._keys.change(key_id, name=name, limits=limits)
        key = await self._get(key_id)
        await self._note(who, f"Changed the API key {name}", key)
        return key

    async def revoke(self, key_id: UUID, *, who: str) -> ApiKey:
        """Withdraw a key for ever; gateways refuse it within seconds. Again changes nothing.

        Raises:
            NotFoundError: there is no such key.
        """
        key = await self._get(key_id)
        if await self._keys.revoke(key_id, at=self._now()):
            await self._note(who, f"Revoked the API key {key.name}", key)
        return await self._get(key_id)

    async def find(self, text: str) -> ApiKey:
        """Return the key of an id, of a name, or of the first signs of a secret.

        Raises:
            NotFoundError: there is none.
            InvalidInputError: there are several that are not revoked.
        """
        keys = [k for k in await self._keys.all() if text in (str(k.id), k.name, k.prefix)]
        alive = [key for key in keys if key.revoked_at is None] or keys[:1]
        if not alive:
            raise NotFoundError(
                f"there is no API key {text!r}; `blindarena keys list` shows id, name and prefix"
            )
        if len(alive) > 1:
            ids = ", ".join(str(key.id) for key in alive)
            raise InvalidInputError(f"{len(alive)} API keys are called {text!r}; give an id: {ids}")
        return alive[0]

    async def _get(self, key_id: UUID) -> ApiKey:
        key = await self._keys.by_id(key_id)
        if key is None:
            raise NotFoundError(f"there is no API key {key_id}")
        return key

    async def _note(self, who: str, what: str, key: ApiKey) -> None:
        detail = f"{key.prefix}..., {limits_text(key.limits)}"
        await self._audit.add(at=self._now(), who=who, what=what, detail=detail)

    def _check(self, name: str, limits: KeyLimits, *, before: KeyLimits | None = None) -> str:
        name = name.strip()
        if not name or len(name) > _LONGEST_NAME or not name.isprintable():
            raise InvalidInputError(
                f"name {name!r:.120}: give 1 to {_LONGEST_NAME} characters in one line"
            )
        if len(limits.models) > _MOST_MODELS:
            raise InvalidInputError(
                f"models: at most {_MOST_MODELS}, these are {len(limits.models)}"
            )
        for model in limits.models:
            if not model.strip() or len(model) > _LONGEST_MODEL or not model.isprintable():
                raise InvalidInputError(f"model {model!r:.120}: give the name of a model")
        for field, most in _MOST.items():
            value = getattr(limits, field)
            least = 0 if field.startswith("usd") else 1
            if value is not None and not (math.isfinite(value) and least <= value <= most):
                raise InvalidInputError(
                    f"{field} {value}: give a number from {least} to {most:.0f}"
                )
        ends = limits.expires_at
        is_new = before is None or before.expires_at != ends
        if is_new and ends is not None and ends <= self._now():
            raise InvalidInputError(f"expires_at {ends.isoformat()}: give a time to come")
        return name


def limits_text(limits: KeyLimits) -> str:
    """Return limits in words."""
    said = [f"models {', '.join(limits.models)}"] if limits.models else []
    for value, words in (
        (limits.requests_per_minute, "requests/min"),
        (limits.tokens_per_minute, "tokens/min"),
        (limits.usd_per_day, "USD/day"),
        (limits.usd_per_month, "USD/month"),
    ):
        if value is not None:
            said.append(f"{value:.10g} {words}")
    if limits.expires_at is not None:
        said.append(f"until {limits.expires_at:%Y-%m-%d %H:%M} UTC")
    return ", ".join(said) or "no limits"


@asynccontextmanager
async def open_key_book(url: str) -> AsyncIterator[KeyBook]:
    """Open a database that exists, also beside a running server.

    Raises:
        StorageError: it does not exist or cannot be reached.
    """
    database = await Database.open(url, create=False)
    try:
        await database.migrate()
        yield KeyBook(database, now=lambda: datetime.now(UTC))
    finally:
        await database.close()
