"""Workers that joined the gateway, in memory."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from blindarena.domain.workers import Worker, WorkerState


class MemoryWorkers:
    """The registry of workers."""

    def __init__(self) -> None:
        self._kept: dict[UUID, Worker] = {}

    async def join(self, worker: Worker, *, silent_since: datetime) -> bool:
        """Add a worker, or put it anew; return whether its name was free."""
        for other in list(self._kept.values()):
            if other.id == worker.id or (
                other.name == worker.name and other.beat_at < silent_since
            ):
                del self._kept[other.id]
        if any(other.name == worker.name for other in self._kept.values()):
            return False
        self._kept[worker.id] = worker
        return True

    async def beat(
        self, worker_id: UUID, *, at: datetime, state: WorkerState, busy: int | None
    ) -> bool:
        """Note a heartbeat; return whether the worker is known."""
        known = self._kept.get(worker_id)
        if known is None:
            return False
        beats = known.beats + 1
        self._kept[worker_id] = replace(known, beat_at=at, state=state, busy=busy, beats=beats)
        return True

    async def hold(self, worker_id: UUID, *, at: datetime) -> None:
        """Note that a gateway still has requests at a worker that drains."""
        if (known := self._kept.get(worker_id)) is not None:
            self._kept[worker_id] = replace(known, held_at=at)

    async def leave(self, worker_id: UUID) -> bool:
        """Remove a worker; return whether it was known."""
        return self._kept.pop(worker_id, None) is not None

    async def forget(self, *, silent_since: datetime) -> int:
        """Remove every worker whose last heartbeat is older; return how many."""
        gone = [w.id for w in self._kept.values() if w.beat_at < silent_since]
        for worker_id in gone:
            del self._kept[worker_id]
        return len(gone)

    async def all(self) -> list[Worker]:
        """Return all of them, the first to join first."""
        return sorted(self._kept.values(), key=lambda worker: (worker.joined_at, worker.name))


class MemoryDrained:
    """Deployments that the owner has drained."""

    def __init__(self) -> None:
        self._kept: dict[str, datetime] = {}

    async def all(self) -> frozenset[str]:
        """Return all of them."""
        return frozenset(self._kept)

    async def add(self, deployment: str, *, at: datetime) -> bool:
        """Add one; return whether it was not there yet."""
        is_new = deployment not in self._kept
        self._kept.setdefault(deployment, at)
        return is_new

    async def remove(self, deployment: str) -> bool:
        """Remove one; return whether it was there."""
        return self._kept.pop(deployment, None) is not None
