"""The gateway's keys, their counters and usage in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from blindarena.domain.api_keys import ApiKey, KeyLimits
from blindarena.domain.key_counters import Ask, Room, Share, Taken, grant
from blindarena.domain.usage import UsageRow
from blindarena.domain.usage_sums import UsageFilter, UsageGroup, UsageSum


class MemoryApiKeys:
    """Keys of the gateway."""

    def __init__(self) -> None:
        self._kept: dict[UUID, tuple[str, ApiKey]] = {}

    async def add(self, key: ApiKey, *, secret_hash: str) -> None:
        """Store a new key."""
        self._kept[key.id] = (secret_hash, key)

    async def by_hash(self, secret_hash: str) -> ApiKey | None:
        """Return the key of a secret, revoked or not."""
        return next((key for kept, key in self._kept.values() if kept == secret_hash), None)

    async def by_id(self, key_id: UUID) -> ApiKey | None:
        """Return a key, revoked or not."""
        return self._kept[key_id][1] if key_id in self._kept else None

    async def by_ids(self, ids: Sequence[UUID]) -> list[ApiKey]:
        """Return those of the keys that there are."""
        return [self._kept[key_id][1] for key_id in ids if key_id in self._kept]

    async def all(self) -> list[ApiKey]:
        """Return every key, the oldest first."""
        return sorted((key for _, key in self._kept.values()), key=lambda k: (k.created_at, k.id))

    async def change(self, key_id: UUID, *, name: str, limits: KeyLimits) -> bool:
        """Give a key another name and other limits; False where there is none."""
        return self._put(key_id, name=name, limits=limits)

    async def revoke(self, key_id: UUID, *, at: datetime) -> bool:
        """Withdraw a key for ever; False where there is none, or it was withdrawn before."""
        key = await self.by_id(key_id)
        return key is not None and key.revoked_at is None and self._put(key_id, revoked_at=at)

    async def touch(self, ids: Sequence[UUID], *, day: date) -> None:
        """Write down that requests came with these keys on a UTC day."""
        for key in await self.by_ids(ids):
            if key.last_used_on is None or key.last_used_on < day:
                self._put(key.id, last_used_on=day)

    def _put(self, key_id: UUID, **changed: Any) -> bool:
        if key_id not in self._kept:
            return False
        kept, key = self._kept[key_id]
        self._kept[key_id] = (kept, replace(key, **changed))
        return True


class MemoryKeyCounters:
    """What is spent and held of keys' limits."""

    def __init__(self) -> None:
        self._kept: dict[tuple[UUID, str, UUID], tuple[Share, datetime]] = {}

    async def take(
        self, key_id: UUID, holder: UUID, asks: Sequence[Ask], *, now: datetime, until: datetime
    ) -> Taken:
        """Give a process what it asks for, all needs or nothing."""
        taken = grant(tuple(asks), [self._room(key_id, ask, holder, now) for ask in asks])
        if taken.given is not None:
            for ask, given in zip(asks, taken.given, strict=True):
                held = ask.share.held + given
                share = replace(ask.share, held=held, reserved=ask.reserved)
                self._kept[key_id, share.kind, holder] = (share, until)
        return taken

    async def report(
        self, holder: UUID, shares: Sequence[tuple[UUID, Share]], *, until: datetime
    ) -> None:
        """Write what a process has spent and still holds, by key."""
        for key_id, share in shares:
            self._kept[key_id, share.kind, holder] = (share, until)

    async def shares(self, key_id: UUID) -> list[Share]:
        """Return what every process has spent and holds of a key's limits."""
        return [share for (key, _, _), (share, _) in self._kept.items() if key == key_id]

    async def purge(self, *, before: datetime) -> int:
        """Delete what nobody reported on since; return how many rows."""
        old = [name for name, (_, until) in self._kept.items() if until < before]
        for name in old:
            del self._kept[name]
        return len(old)

    def _room(self, key_id: UUID, ask: Ask, holder: UUID, now: datetime) -> Room:
        spent, held = ask.share.spent, ask.share.held
        for (key, kind, other), (share, until) in self._kept.items():
            is_same = (key, kind, share.period) == (key_id, ask.share.kind, ask.share.period)
            if is_same and other != holder:
                spent += share.spent
                held += share.held if until > now else share.reserved
        return Room(left=ask.limit - spent - held, spent=spent)


class MemoryUsage:
    """One row per request."""

    def __init__(self) -> None:
        self.rows: dict[UUID, UsageRow] = {}

    async def add(self, rows: Sequence[UsageRow]) -> list[UsageRow]:
        """Store rows; one that is there already is left as it is, and none is refused."""
        for row in rows:
            self.rows.setdefault(row.id, row)
        return []

    async def sums(
        self, by: Sequence[UsageGroup] = (), *, chosen: UsageFilter | None = None
    ) -> list[UsageSum]:
        """Return sums over the chosen requests by each combination of the groups, in order."""
        groups: dict[tuple[Any, ...], list[UsageRow]] = {}
        for row in self._chosen(chosen or UsageFilter()):
            values: dict[UsageGroup, Any] = {"key": row.key_id, "model": row.model}
            values |= {"deployment": row.deployment, "day": _day(row)}
            groups.setdefault(tuple(values[group] for group in by), []).append(row)
        found = sorted(groups.items(), key=lambda one: tuple(str(value) for value in one[0]))
        return [_sum(dict(zip(by, values, strict=True)), rows) for values, rows in found]

    async def page(
        self, *, chosen: UsageFilter, limit: int, after: tuple[datetime, UUID] | None = None
    ) -> list[UsageRow]:
        """Return the rows of a filter, the oldest first, those after one of the page before."""
        rows = sorted(self._chosen(chosen), key=lambda row: (row.at, row.id))
        return [row for row in rows if after is None or (row.at, row.id) > after][:limit]

    async def purge(self, *, before: date) -> int:
        """Delete the requests of all UTC days before one; return how many."""
        old = [row.id for row in self.rows.values() if _day(row) < before]
        for row_id in old:
            del self.rows[row_id]
        return len(old)

    def _chosen(self, chosen: UsageFilter) -> list[UsageRow]:
        return [
            row
            for row in self.rows.values()
            if (chosen.since is None or _day(row) >= chosen.since)
            and (chosen.until is None or _day(row) <= chosen.until)
            and (chosen.key_id is None or row.key_id == chosen.key_id)
            and (chosen.model is None or row.model == chosen.model)
            and (chosen.deployment is None or row.deployment == chosen.deployment)
        ]


def _day(row: UsageRow) -> date:
    return row.at.astimezone(UTC).date()


def _sum(group: dict[UsageGroup, Any], rows: list[UsageRow]) -> UsageSum:
    costs = [row.cost_usd for row in rows if row.cost_usd is not None]
    firsts = [row.ttft_s for row in rows if row.ttft_s is not None]
    return UsageSum(
        key_id=group.get("key"),
        model=group.get("model"),
        deployment=group.get("deployment"),
        day=group.get("day"),
        requests=len(rows),
        errors=sum(row.status >= 400 and row.status != 499 for row in rows),
        prompt_tokens=sum(row.prompt_tokens or 0 for row in rows),
        completion_tokens=sum(row.completion_tokens or 0 for row in rows),
        cached_tokens=sum(row.cached_tokens for row in rows),
        cost_usd=sum(costs) if costs else None,
        unpriced=len(rows) - len(costs),
        seconds_mean=sum(row.seconds for row in rows) / len(rows),
        ttft_s_mean=sum(firsts) / len(firsts) if firsts else None,
        seconds_max=max(row.seconds for row in rows),
    )
