"""Which prepared prompt a voter gets next, and how many are done."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import Battles
from blindarena.domain.arenas import Arena, Prompt
from blindarena.domain.battles import BattleStatus
from blindarena.errors import PromptsExhaustedError


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the prepared prompts a voter has voted on."""

    done: int
    total: int


def progress_of(prompts: Sequence[Prompt], seen: Mapping[UUID, BattleStatus]) -> Progress:
    """Count the prompts that the voter has voted on."""
    return Progress(sum(seen.get(prompt.id) == "voted" for prompt in prompts), len(prompts))


def pick_prompt(
    prompts: Sequence[Prompt], seen: Mapping[UUID, BattleStatus], *, order: str
) -> Prompt:
    """Pick a prompt never met, in the voter's own order; then those met longest ago.

    Args:
        prompts: all of the arena.
        seen: those that the voter met, the oldest battle first.
        order: seeds the voter's order, which stays.

    Raises:
        PromptsExhaustedError: the voter has voted on all of them.
    """
    shuffled = list(prompts)
    random.Random(order).shuffle(shuffled)  # noqa: S311 - a stable order, no secret
    fresh = [prompt for prompt in shuffled if prompt.id not in seen]
    if fresh:
        return fresh[0]
    by_id = {prompt.id: prompt for prompt in prompts}
    again = [by_id[i] for i, status in seen.items() if status != "voted" and i in by_id]
    if not again:
        raise PromptsExhaustedError(f"all {len(prompts)} done, thank you")
    return again[0]


class NextPrompts:
    """The prepared prompts of a voter: the next one, and how many are done."""

    def __init__(self, battles: Battles, pool: ContestantPool) -> None:
        self._battles = battles
        self._pool = pool

    async def progress(self, arena: Arena, voter: str) -> Progress:
        """Count the prepared prompts this voter has voted on."""
        prompts = await self._pool.prompts(arena)
        if not prompts:
            return Progress(0, 0)
        seen = await self._battles.prompts_seen(arena.id, voter, version=arena.version)
        return progress_of(prompts, seen)

    async def next(self, arena: Arena, voter: str) -> tuple[Prompt | None, Progress]:
        """Return the prompt of the voter's next battle, where the arena has prepared ones.

        Raises:
            PromptsExhaustedError: the voter has voted on all of them.
        """
        prompts = await self._pool.prompts(arena)
        if not prompts:
            return None, Progress(0, 0)
        seen = await self._battles.prompts_seen(arena.id, voter, version=arena.version)
        progress = progress_of(prompts, seen)
        if arena.prompt_mode == "free":
            return None, progress
        return pick_prompt(prompts, seen, order=f"{arena.id}:{voter}"), progress
