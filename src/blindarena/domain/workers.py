"""Workers: engines that run elsewhere and joined the gateway by themselves."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

WorkerState = Literal["ready", "loading", "draining"]
"""loading: the worker is there, its engine does not answer; draining: it takes nothing new."""


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker as the gateways know it.

    Attributes:
        id: of this run of the worker; a worker that starts again has another one.
        name: of the deployment, one of a kind.
        model: what clients ask for; several workers may serve the same.
        base_url: of its engine, ending before `/chat/completions`.
        sealed_key: what the engine asks for, encrypted; "" where it asks for nothing.
        engine: e.g. "vllm", for the owner.
        slots: answers it writes at the same time; 0 where the engine decides.
        cost_per_hour: of its machine, in USD; None where nobody said.
        busy: requests that ran or waited there at the last heartbeat; None where it does not say.
        held_at: when a gateway last had requests there while it drained; None is never.
        beats: heartbeats so far: a gateway sees by them that it lives, whatever its clock says.
        beat_at: of the last one, in UTC.
    """

    id: UUID
    name: str
    model: str
    base_url: str
    sealed_key: str = field(repr=False)
    engine: str
    slots: int
    cost_per_hour: float | None
    state: WorkerState
    busy: int | None
    joined_at: datetime
    beat_at: datetime
    beats: int = 0
    held_at: datetime | None = None
