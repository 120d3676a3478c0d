"""Keys as one process knows them: looked up once, then kept and refreshed beside the requests."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

from blindarena.domain.api_keys import ApiKey
from blindarena.errors import StorageError
from blindarena.gateway.limits.ports import KeyStore
from blindarena.gateway.limits.purse import Purse, Unlimited
from blindarena.gateway.limits.secrets import LONGEST, PREFIX

log = logging.getLogger("blindarena.gateway")

FRESH_S = 5.0
"""How long a key is believed to be as it was read: a revocation is seen within that time."""
GRACE_S = 60.0
"""How long a key that was read before is believed while the database does not answer."""
UNKNOWN_S = 2.0
PATIENCE_S = 3.0
"""How long a request waits for the database."""
_RETRY_S = 2.0
_MOST_UNKNOWN = 10_000
_MOST_LOOKS = 4  # at a time: whoever guesses keys shall not take all connections
_IDLE_S = 600.0


class Entry:
    """One key in memory, with what this process holds of its limits."""

    __slots__ = (
        "ends",
        "fresh_until",
        "key",
        "models",
        "purse",
        "read_at",
        "unlimited",
        "used",
        "used_at",
    )

    def __init__(self, key: ApiKey, *, now: float) -> None:
        self.purse = Purse(key.id, key.limits)
        self.unlimited = Unlimited(key.id)
        self.used = False
        self.used_at = now
        self.take(key, now=now)

    def take(self, key: ApiKey, *, now: float) -> None:
        """Take the key as it was read now."""
        self.key = key
        limits = key.limits
        self.models = frozenset(limits.models) if limits.models else None
        self.ends = limits.expires_at.timestamp() if limits.expires_at else None
        self.read_at = now
        self.fresh_until = now + FRESH_S


class Keyring:
    """Finds the key of a secret.

    Args:
        keys: the stored keys.
        clock: seconds since 1970.
    """

    def __init__(self, keys: KeyStore, *, clock: Callable[[], float]) -> None:
        self._keys = keys
        self._clock = clock
        self._entries: dict[str, Entry] = {}
        self._unknown: dict[str, float] = {}
        self._looking: dict[str, asyncio.Task[Entry | None]] = {}
        self._touched: dict[UUID, date] = {}
        self._few = asyncio.Semaphore(_MOST_LOOKS)

    def entries(self) -> list[Entry]:
        """Return every key in memory."""
        return list(self._entries.values())

    def known(self, digest: str, now: float) -> Entry | None:
        """Return a key that was read a moment ago, without waiting."""
        entry = self._entries.get(digest)
        if entry is None or now >= entry.fresh_until:
            return None
        entry.used = True
        return entry

    async def find(self, secret: str, digest: str) -> Entry | None:
        """Return the key of a secret, reading it where needed; None is no key.

        Raises:
            StorageError: it cannot be read, and was not within the last minute.
        """
        now = self._clock()
        entry = self.known(digest, now)
        if entry is not None:
            return entry
        if not secret.startswith(PREFIX) or len(secret) > LONGEST:
            return None
        if now < self._unknown.get(digest, 0.0):
            return None
        looking = self._looking.get(digest)
        if looking is None:
            looking = asyncio.ensure_future(self._look(digest))
            self._looking[digest] = looking
            looking.add_done_callback(lambda done: self._looked(digest, done))
        return await asyncio.shield(looking)

    async def refresh(self) -> None:
        """Read again every key that was used since the last time; forget those long unused.

        A key of which something is counted stays, for what this process has spent is known here.
        """
        now = self._clock()
        used = {e.key.id: e for e in self._entries.values() if e.used}
        ids = list(used)
        for start in range(0, len(ids), 500):
            for key in await self._keys.by_ids(ids[start : start + 500]):
                self._update(used[key.id], key, now)
        for entry in used.values():
            entry.used = False
            entry.used_at = now
        today = datetime.fromtimestamp(now, UTC).date()
        new = [key_id for key_id in ids if self._touched.get(key_id) != today]
        if new:
            await self._keys.touch(new, day=today)
            self._touched.update(dict.fromkeys(new, today))
        for digest, entry in list(self._entries.items()):
            if now - entry.used_at > _IDLE_S and not entry.purse.counts:
                del self._entries[digest]
                self._touched.pop(entry.key.id, None)

    async def _look(self, digest: str) -> Entry | None:
        entry = self._entries.get(digest)
        try:
            async with asyncio.timeout(PATIENCE_S), self._few:
                key = await self._keys.by_hash(digest)
        except (StorageError, TimeoutError) as error:
            now = self._clock()
            if entry is None or now > entry.read_at + GRACE_S:
                raise StorageError(f"a key cannot be read: {error!r}") from error
            log.warning("keys cannot be read, those of the last minute go on: %r", error)
            entry.fresh_until = now + _RETRY_S
            entry.used = True
            return entry
        now = self._clock()
        if key is None:
            if len(self._unknown) >= _MOST_UNKNOWN:
                self._unknown.clear()
            self._unknown[digest] = now + UNKNOWN_S
            return None
        if entry is None:
            entry = self._entries[digest] = Entry(key, now=now)
        else:
            self._update(entry, key, now)
        entry.used = True
        return entry

    def _looked(self, digest: str, done: "asyncio.Task[Entry | None]") -> None:
        del self._looking[digest]
        if not done.cancelled():
            done.exception()  # whoever waits is told; nobody may be waiting any more

    def _update(self, entry: Entry, key: ApiKey, now: float) -> None:
        if key.limits != entry.key.limits:
            entry.purse.change(key.limits)
        if key.revoked_at is not None:
            entry.purse.empty()
        entry.take(key, now=now)
