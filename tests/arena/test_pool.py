"""Contestants and prompts as of a version of their arena."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from blindarena.arena.pool import ContestantPool
from blindarena.domain.arenas import Arena, Consent, Contestant, Prompt, VersionDraft
from blindarena.domain.battles import Battle
from blindarena.domain.comparison import comparison_of, digest, with_fingerprints
from blindarena.domain.ids import uuid7
from blindarena.errors import BattleStateError, NotFoundError, NotReadyError
from blindarena.testing.memory import MemoryArenas

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ARENA = Arena(id=uuid7(), slug="s", title="T", kind="live", consent=Consent("1", "Agree?"))


class Everything:
    """Every deployment can be asked."""

    def available(self, deployments: Any) -> bool:
        return True

    def stream(self, deployments: Any, request: Any) -> Any:
        raise AssertionError("nobody is asked here")


async def put(arenas: MemoryArenas, system: str, prompt: str = "Where?") -> Arena:
    contestants, prompts = with_fingerprints(
        [Contestant(uuid7(), ARENA.id, name, system=system) for name in ("a", "b")],
        [Prompt(uuid7(), ARENA.id, "t", prompt)],
        {},
    )
    compared = comparison_of(ARENA, contestants, prompts, {})
    draft = VersionDraft(digest(compared), {"compared": compared}, NOW, "Owner")
    return await arenas.put(ARENA, contestants, prompts, draft=draft)


def battle(arena: Arena, sides: Any) -> Battle:
    return Battle(
        id=uuid7(),
        arena_id=arena.id,
        session_id=uuid7(),
        voter="ann",
        contestant_a=sides[0].id,
        contestant_b=sides[1].id,
        probability=1.0,
        policy="uniform",
        consent_version="1",
        created_at=NOW,
        version=arena.version,
    )


async def test_an_older_version_has_its_contestants_first_and_then_the_others() -> None:
    arenas = MemoryArenas()
    one = await put(arenas, "one")
    pool = ContestantPool(arenas=arenas, models=Everything())
    old = await pool.contestants(one)
    two = await put(arenas, "two")
    pool.forget()

    new = await pool.contestants(two)
    assert {c.system for c in new} == {"two"}
    assert await pool.contestants(one) == old
    assert await pool.everyone(two) == (*new, *old)
    assert await pool.everyone(one) == (*old, *new)
    assert await pool.contestants(replace(one, version=9)) == ()


async def test_who_looked_at_the_arena_before_it_changed_is_asked_to_come_again() -> None:
    arenas = MemoryArenas()
    one = await put(arenas, "one")
    pool = ContestantPool(arenas=arenas, models=Everything())
    assert len(await pool.ready(one)) == 2
    await put(arenas, "two")
    pool.forget()

    with pytest.raises(NotReadyError, match="just been changed"):
        await pool.ready(one)


async def test_a_battle_goes_on_unless_its_models_are_others_now() -> None:
    arenas, changed = MemoryArenas(), set[str]()
    one = await put(arenas, "one")
    pool = ContestantPool(
        arenas=arenas, models=Everything(), unchanged=lambda c: c.name not in changed
    )
    begun = battle(one, await pool.contestants(one))
    changed.add("a")
    assert {c.system for c in (await pool.playing(one, begun)).values()} == {"one"}

    two = await put(arenas, "two")
    pool.forget()
    with pytest.raises(BattleStateError, match="models are others"):
        await pool.playing(two, begun)
    changed.clear()
    assert {c.system for c in (await pool.playing(two, begun)).values()} == {"one"}


async def test_a_prompt_is_found_after_it_was_changed() -> None:
    arenas = MemoryArenas()
    one = await put(arenas, "one")
    pool = ContestantPool(arenas=arenas, models=Everything())
    [old] = await pool.prompts(one)
    two = await put(arenas, "one", "Where now?")
    pool.forget()

    assert [p.text for p in await pool.prompts(two)] == ["Where now?"]
    assert await pool.prompt(two, old.id) == old
    with pytest.raises(NotFoundError, match="withdrawn"):
        await pool.prompt(two, uuid7())
