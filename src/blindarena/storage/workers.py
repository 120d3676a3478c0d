"""Workers that joined the gateway, in SQL: what several gateway processes share."""

from dataclasses import fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, select, update

from blindarena.domain.workers import Worker, WorkerState
from blindarena.storage.runner import Runner
from blindarena.storage.worker_table import workers

_FIELDS = tuple(field.name for field in fields(Worker))
_ALL = select(*(workers.c[name] for name in _FIELDS)).order_by(workers.c.joined_at, workers.c.name)
_MAKE_ROOM = delete(workers).where(
    (workers.c.id == bindparam("same"))
    | ((workers.c.name == bindparam("named")) & (workers.c.beat_at < bindparam("silent_since")))
)
_HOLDER = select(workers.c.id).where(workers.c.name == bindparam("named"))
_BEAT = (
    update(workers)
    .where(workers.c.id == bindparam("same"))
    .values(
        state=bindparam("now_state"),
        busy=bindparam("now_busy"),
        beat_at=bindparam("at"),
        beats=workers.c.beats + 1,
    )
)
_HOLD = update(workers).where(workers.c.id == bindparam("same")).values(held_at=bindparam("at"))
_LEAVE = delete(workers).where(workers.c.id == bindparam("same"))
_FORGET = delete(workers).where(workers.c.beat_at < bindparam("silent_since"))


class Workers:
    """The registry of workers; a row lives from joining until leaving or long silence."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        # Two that join under one name at once: the second one's row is not written.
        self._add = runner.insert(workers).on_conflict_do_nothing()

    async def join(self, worker: Worker, *, silent_since: datetime) -> bool:
        """Add a worker, or put it anew; return whether its name was free.

        A name is free where nobody has it, or a worker whose last heartbeat is older than
        `silent_since`.
        """
        values = {name: getattr(worker, name) for name in _FIELDS}
        room = {"same": worker.id, "named": worker.name, "silent_since": silent_since}

        def work(connection: Connection) -> bool:
            connection.execute(_MAKE_ROOM, room)
            connection.execute(self._add, values)
            return connection.scalar(_HOLDER, {"named": worker.name}) == worker.id

        return await self._run.write(work)

    async def beat(
        self, worker_id: UUID, *, at: datetime, state: WorkerState, busy: int | None
    ) -> bool:
        """Note a heartbeat; return whether the worker is known."""
        values = {"same": worker_id, "at": at, "now_state": state, "now_busy": busy}
        return await self._run.write(lambda c: c.execute(_BEAT, values).rowcount == 1)

    async def hold(self, worker_id: UUID, *, at: datetime) -> None:
        """Note that a gateway still has requests at a worker that drains."""
        values = {"same": worker_id, "at": at}
        await self._run.write(lambda c: c.execute(_HOLD, values).close())

    async def leave(self, worker_id: UUID) -> bool:
        """Remove a worker; return whether it was known."""
        return await self._run.write(lambda c: c.execute(_LEAVE, {"same": worker_id}).rowcount == 1)

    async def forget(self, *, silent_since: datetime) -> int:
        """Remove every worker whose last heartbeat is older; return how many."""
        return await self._run.write(
            lambda c: c.execute(_FORGET, {"silent_since": silent_since}).rowcount
        )

    async def all(self) -> list[Worker]:
        """Return all of them, the first to join first."""
        return await self._run.read(lambda c: [Worker(*row) for row in c.execute(_ALL)])
