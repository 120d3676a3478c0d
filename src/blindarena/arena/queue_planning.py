"""Keeps the plan of a review queue up to date: its version, its answers, its pairs."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from blindarena.arena.import_ports import PreparedAnswers
from blindarena.arena.leaks import leaks_identity
from blindarena.arena.outstanding import asked_of
from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import Clock
from blindarena.arena.queue_plan import plan_pairs
from blindarena.arena.queue_ports import Queue
from blindarena.domain.arenas import Arena, Contestant, Prompt
from blindarena.domain.imports import PreparedAnswer
from blindarena.domain.queue import QueueRules
from blindarena.domain.style import style_of

log = logging.getLogger("blindarena.queue")
LOOK_AGAIN_S = 5.0
"""How long new answers may wait until they are planned."""


class Replays(Protocol):
    """Answers that were written beforehand, by deployment and message."""

    def __call__(self, deployments: Sequence[str], text: str) -> tuple[str, str] | None:
        """Return deployment and answer; None where a model has to be asked."""
        ...


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a plan was made from."""

    version: int
    rules: QueueRules
    answered: int
    prompts: tuple[UUID, ...]


class QueuePlanner:
    """Plans the pairs of an arena's present version, and what comes to it while people rate.

    Args:
        replays: answers of contestants that replay; they need no model.
        now: the clock, in UTC.
        clock: seconds that only grow, for how often the database is asked for new answers.
    """

    def __init__(
        self,
        *,
        queue: Queue,
        prepared: PreparedAnswers,
        pool: ContestantPool,
        replays: Replays,
        now: Clock,
        clock: Callable[[], float],
    ) -> None:
        self._queue = queue
        self._prepared = prepared
        self._pool = pool
        self._replays = replays
        self._now = now
        self._clock = clock
        self._seen: dict[UUID, _Seen] = {}
        self._looked: dict[UUID, float] = {}
        self._locks: dict[UUID, asyncio.Lock] = {}

    async def ensure(self, arena: Arena) -> None:
        """Plan what is to be rated; mostly there is nothing to do.

        Where the arena has got another version, what was open of the old one is closed.
        """
        async with self._locks.setdefault(arena.id, asyncio.Lock()):
            seen = self._seen.get(arena.id)
            prompts = await self._pool.prompts(arena)
            ids = tuple(prompt.id for prompt in prompts)
            same = seen is not None and (seen.version, seen.rules, seen.prompts) == (
                arena.version,
                arena.queue,
                ids,
            )
            looked = self._clock()
            if same and looked - self._looked[arena.id] < LOOK_AGAIN_S:
                return
            answered = await self._queue.answered(arena.id)
            if not same or seen is None or seen.answered != answered:
                answered = await self._plan(arena, prompts)
            self._seen[arena.id] = _Seen(arena.version, arena.queue, answered, ids)
            self._looked[arena.id] = looked

    async def playing(self, arena: Arena) -> frozenset[UUID]:
        """Return the contestants that are switched on."""
        return frozenset(c.id for c in await self._pool.contestants(arena) if c.enabled)

    async def _plan(self, arena: Arena, prompts: Sequence[Prompt]) -> int:
        closed = await self._queue.turn_to(arena.id, arena.version)
        if closed:
            log.info("%s: closed %d pairs of an earlier version", arena.slug, closed)
        contestants = await self._pool.contestants(arena)
        await self._replay(arena, prompts, contestants)
        states = await self._prepared.states(arena.id)
        baseline = None
        if arena.sampling == "versus_baseline":
            baseline = next((c.id for c in contestants if c.name == arena.baseline), None)
        fresh = plan_pairs(
            [prompt.id for prompt in prompts],
            [contestant.id for contestant in contestants],
            {key for key, state in states.items() if state.fault is None},
            arena_id=arena.id,
            version=arena.version,
            overlap=arena.queue.overlap,
            size=arena.queue.size,
            baseline=baseline,
            planned=await self._queue.planned(arena.id, arena.version),
        )
        await self._queue.add_pairs(fresh)
        return sum(state.fault is None for state in states.values())

    async def _replay(
        self, arena: Arena, prompts: Sequence[Prompt], contestants: Sequence[Contestant]
    ) -> None:
        """Prepare the answers of contestants that replay, where they are missing."""
        states = await self._prepared.states(arena.id)
        for prompt in prompts:
            for contestant in contestants:
                state = states.get((prompt.id, contestant.id))
                if state is not None and state.fault is None:
                    continue
                if found := self._replays(contestant.deployments, prompt.text):
                    deployment, text = found
                    await self._prepared.put(
                        PreparedAnswer(
                            prompt_id=prompt.id,
                            contestant_id=contestant.id,
                            arena_id=arena.id,
                            source="generated",
                            text=text,
                            style=style_of(text),
                            created_at=self._now(),
                            asked=asked_of(contestant, prompt.text),
                            deployment=deployment,
                            finish_reason="stop",
                            leaked=leaks_identity(
                                text, names=(contestant.name, *contestant.aliases)
                            ),
                        )
                    )
