"""Things to store, with everything a test does not care about filled in."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from blindarena.domain.arenas import Arena, Consent, Contestant, Prompt
from blindarena.domain.battles import SIDES, Answer, Battle, Outcome, Session, Turn, Vote
from blindarena.domain.ids import uuid7
from blindarena.domain.style import style_of

START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
_seconds = count()


def later() -> datetime:
    """Return a moment after all moments returned before."""
    return START + timedelta(seconds=next(_seconds))


def arena(slug: str = "support", **given: Any) -> Arena:
    values: dict[str, Any] = {"title": "Support", "kind": "live", "consent": Consent("1", "Agree?")}
    return Arena(id=uuid7(), slug=slug, **(values | given))


def session(**given: Any) -> Session:
    values: dict[str, Any] = {"csrf_token": "token", "created_at": later()}
    return Session(**({"id": uuid7(), "secret_hash": uuid7().hex} | values | given))


@dataclass
class World:
    """An arena in a store, and its contestants in order of their ids."""

    database: Any
    arena: Arena
    contestants: list[Contestant]
    prompts: list[Prompt]

    async def battle(self, a: int = 0, b: int = 1, **given: Any) -> Battle:
        values: dict[str, Any] = {
            "session_id": uuid7(),
            "voter": "ann",
            "probability": 0.5,
            "policy": "uniform",
            "consent_version": "1",
            "created_at": later(),
        }
        battle = Battle(
            id=uuid7(),
            arena_id=self.arena.id,
            contestant_a=self.contestants[a].id,
            contestant_b=self.contestants[b].id,
            **(values | given),
        )
        await self.database.battles.add(battle)
        return battle

    async def turn(self, battle: Battle, *, end: str | None = "complete", **given: Any) -> Turn:
        """Store a turn; `end` is its status afterwards, None leaves it streaming."""
        earlier = len(await self.database.battles.turns(battle.id))
        made = turn(battle, number=earlier + 1, content=given.pop("content", "Hello"))
        assert await self.database.battles.start_turn(made)
        if end is not None:
            await self.database.battles.end_turn(
                made.id,
                [answer(made, battle, side, **given) for side in SIDES],
                status=end,
                battle_status="votable" if end == "complete" else "waiting",
            )
        return made

    async def votable(self, a: int = 0, b: int = 1, **given: Any) -> Battle:
        battle = await self.battle(a, b, **given)
        await self.turn(battle)
        return battle

    async def record(self, battle: Battle, outcome: Outcome = "model_a", **given: Any) -> Vote:
        made = vote(battle, outcome, **given)
        await record(self.database, battle, made)
        return made


async def world(database: Any, *, contestants: int = 3, prompts: int = 2, slug: str = "s") -> World:
    made = arena(slug)
    given = [
        Contestant(id=uuid7(), arena_id=made.id, name=f"model {n}") for n in range(contestants)
    ]
    tickets = [
        Prompt(
            id=uuid7(), arena_id=made.id, key=f"t{n}", text=f"Ticket {n}", position=n, language="en"
        )
        for n in range(prompts)
    ]
    await database.arenas.put(made, given, tickets)
    return World(database, made, sorted(given, key=lambda c: c.id), tickets)


def turn(battle: Battle, *, number: int = 1, attempt: int = 1, content: str = "Hello") -> Turn:
    return Turn(
        id=uuid7(),
        battle_id=battle.id,
        number=number,
        attempt=attempt,
        content=content,
        status="streaming",
        created_at=later(),
    )


def answer(turn: Turn, battle: Battle, side: Any, **given: Any) -> Answer:
    text = given.pop("text", "**Yes**, of course.")
    made = Answer(
        turn_id=turn.id,
        side=side,
        contestant_id=battle.contestant(side),
        text=text,
        style=style_of(text),
    )
    return replace(made, **given)


def vote(battle: Battle, outcome: Outcome = "model_a", **given: Any) -> Vote:
    values: dict[str, Any] = {"voter": battle.voter, "created_at": later()}
    return Vote(
        id=uuid7(),
        battle_id=battle.id,
        arena_id=battle.arena_id,
        outcome=outcome,
        **(values | given),
    )


async def record(database: Any, battle: Battle, given: Vote, **more: Any) -> str | None:
    """Record a vote as the arena does; return why it does not count."""
    first, second = sorted((battle.contestant_a, battle.contestant_b))
    winner: dict[str, UUID] = {"model_a": battle.contestant_a, "model_b": battle.contestant_b}
    wins_first = winner.get(given.outcome) == first
    reason: str | None = await database.votes.record(
        given, first=first, second=second, wins_first=wins_first, **more
    )
    return reason
