"""Start battles, run their turns, stop and skip them."""

import logging
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from blindarena.arena.answers import answer_of
from blindarena.arena.events import TurnEvent
from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import Battles, ChatModels, Clock
from blindarena.arena.prompts import pick_prompt
from blindarena.arena.running import RunningTurns
from blindarena.arena.sampling import draw_pair
from blindarena.arena.sessions import SessionService
from blindarena.arena.turns import RunningTurn, SideRequest, SideResult
from blindarena.domain.arenas import Arena, Contestant, Prompt
from blindarena.domain.battles import (
    SIDES,
    Battle,
    BattleStatus,
    Session,
    Side,
    Turn,
    TurnRecord,
    TurnStatus,
)
from blindarena.domain.chat import ChatRequest, Message
from blindarena.domain.ids import uuid7
from blindarena.errors import (
    BattleStateError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    ReadOnlyError,
)

log = logging.getLogger("blindarena.arena")
MAX_TURNS = 12


@dataclass(frozen=True, slots=True)
class Started:
    """A new battle and, where the arena has prepared prompts, the one it is about."""

    battle: Battle
    prompt: Prompt | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the prepared prompts a voter has voted on."""

    done: int
    total: int


class BattleService:
    """The use-cases of a battle up to its vote.

    Args:
        models: the router, in process.
        pool: arenas with their contestants, cached.
        rng: draws pairs and shuffles sides; a `random.SystemRandom` in production.
        max_prompt_chars: longest user message taken.
    """

    def __init__(
        self,
        *,
        battles: Battles,
        sessions: SessionService,
        models: ChatModels,
        pool: ContestantPool,
        rng: random.Random,
        now: Clock,
        max_prompt_chars: int = 20_000,
    ) -> None:
        self._battles = battles
        self._sessions = sessions
        self._models = models
        self._pool = pool
        self._rng = rng
        self._now = now
        self._max_prompt_chars = max_prompt_chars
        self._running = RunningTurns()

    @property
    def running(self) -> int:
        """How many turns are streaming now."""
        return len(self._running)

    async def start(self, session: Session, arena: Arena) -> Started:
        """Draw a pair (and the voter's next prepared prompt) and store the battle.

        Raises:
            ReadOnlyError, ConsentError, NotReadyError, PromptsExhaustedError
        """
        if arena.read_only:
            raise ReadOnlyError(f"{arena.title!r} is a published board; it takes no battles")
        self._sessions.require_consent(session, arena)
        voter = await self._sessions.voter(session, arena)
        prompt = await self._next_prompt(arena, voter)
        draw = draw_pair(
            await self._pool.ready(arena),
            policy=arena.sampling,
            baseline=arena.baseline,
            rng=self._rng,
        )
        battle = Battle(
            id=uuid7(),
            arena_id=arena.id,
            session_id=session.id,
            voter=voter,
            contestant_a=draw.a.id,
            contestant_b=draw.b.id,
            probability=draw.probability,
            policy=arena.sampling,
            consent_version=arena.consent.version,
            created_at=self._now(),
            prompt_id=prompt.id if prompt else None,
        )
        await self._battles.add(battle)
        return Started(battle, prompt)

    async def progress(self, arena: Arena, voter: str) -> Progress:
        """Count the prepared prompts this voter has voted on."""
        prompts = await self._pool.prompts(arena)
        if not prompts:
            return Progress(0, 0)
        seen = await self._battles.prompts_seen(arena.id, voter)
        return Progress(sum(seen.get(p.id) == "voted" for p in prompts), len(prompts))

    async def mine(self, session: Session, battle_id: UUID) -> Battle:
        """Return a battle of this session; one that streams no more is open again.

        Raises:
            NotFoundError: there is none.
            ForbiddenError: it is somebody else's.
        """
        battle = await self._battles.get(battle_id)
        if battle is None:
            raise NotFoundError(f"there is no battle {battle_id}")
        if battle.session_id != session.id:
            raise ForbiddenError("this battle belongs to another voter")
        if battle.status == "streaming" and battle_id not in self._running:
            await self._running.close_lost(battle_id, self._battles)
            return await self._battles.get(battle_id) or battle
        return battle

    async def turns(self, battle_id: UUID) -> list[TurnRecord]:
        """Return the turns so far."""
        return await self._battles.turns(battle_id)

    async def send(
        self, session: Session, battle_id: UUID, content: str
    ) -> AsyncIterator[list[TurnEvent]]:
        """Start a turn and return its events; closing the iterator closes both upstreams.

        Raises:
            BattleStateError, InvalidInputError, ForbiddenError, NotFoundError: before any event.
        """
        battle = await self.mine(session, battle_id)
        arena = await self._pool.arena(battle.arena_id)
        turns = await self._battles.turns(battle_id)
        done = [record for record in turns if record.turn.status == "complete"]
        content = await self._content(arena, battle, content, done)
        number = len(done) + 1
        turn = Turn(
            id=uuid7(),
            battle_id=battle.id,
            number=number,
            attempt=1 + sum(record.turn.number == number for record in turns),
            content=content,
            status="streaming",
            created_at=self._now(),
        )
        sides = await self._requests(arena, battle, done, content)
        with self._running.starting(battle.id):
            if not await self._battles.start_turn(turn):
                raise BattleStateError(f"this battle takes no message now; it is {battle.status}")
            running = RunningTurn(
                models=self._models,
                sides={
                    side: SideRequest(c.deployments, request)
                    for side, (c, request) in sides.items()
                },
                number=number,
                start_together_s=arena.start_together_s,
                store=lambda results, left: self._store(
                    battle,
                    turn,
                    {side: c for side, (c, _) in sides.items()},
                    results,
                    left,
                    bool(done),
                ),
            )
            self._running.add(battle.id, running)
        return _reading(running)

    async def stop(self, session: Session, battle_id: UUID, side: Side | None) -> BattleStatus:
        """Stop one side or both of the running turn; what is written so far counts."""
        battle = await self.mine(session, battle_id)
        running = self._running.get(battle_id)
        if running is None:
            return battle.status
        running.stop(side)
        if side is None:
            await running.finished
        return (await self.mine(session, battle_id)).status

    async def skip(self, session: Session, battle_id: UUID) -> BattleStatus:
        """Give a battle up without a vote; a running turn ends."""
        await self.mine(session, battle_id)
        if (running := self._running.get(battle_id)) is not None:
            await running.abandon()
        moved = await self._battles.move(battle_id, to="skipped", allowed=("waiting", "votable"))
        if not moved:
            battle = await self.mine(session, battle_id)
            if battle.status not in ("skipped", "failed"):
                raise BattleStateError(f"this battle can't be skipped; it is {battle.status}")
            return battle.status
        return "skipped"

    async def close(self) -> None:
        """End every running turn; for shutdown."""
        for running in self._running.all():
            await running.abandon()

    async def _next_prompt(self, arena: Arena, voter: str) -> Prompt | None:
        """Return the prepared prompt of the voter's next battle, where the arena has any."""
        prompts = await self._pool.prompts(arena)
        if arena.prompt_mode == "free" or not prompts:
            return None
        seen = await self._battles.prompts_seen(arena.id, voter)
        return pick_prompt(prompts, seen, order=f"{arena.id}:{voter}")

    async def _content(
        self, arena: Arena, battle: Battle, content: str, done: Sequence[TurnRecord]
    ) -> str:
        if done and not arena.follow_ups:
            raise BattleStateError("this arena has no follow-up messages; please vote")
        if len(done) >= MAX_TURNS:
            raise BattleStateError(f"a battle has at most {MAX_TURNS} messages; please vote")
        if battle.prompt_id is not None and not done:
            return (await self._pool.prompt(arena, battle.prompt_id)).text
        if not content.strip():
            raise InvalidInputError("the message is empty; write a prompt first")
        if len(content) > self._max_prompt_chars:
            raise InvalidInputError(
                f"the message has {len(content):,} characters; "
                f"at most {self._max_prompt_chars:,} are taken, please shorten it"
            )
        return content

    async def _requests(
        self, arena: Arena, battle: Battle, done: Sequence[TurnRecord], content: str
    ) -> dict[Side, tuple[Contestant, ChatRequest]]:
        requests: dict[Side, tuple[Contestant, ChatRequest]] = {}
        for side in SIDES:
            contestant = await self._pool.contestant(arena, battle.contestant(side))
            messages = [Message("system", contestant.system)] if contestant.system else []
            for record in done:
                messages.append(Message("user", record.turn.content))
                messages.append(Message("assistant", record.answers[side].text))
            messages.append(Message("user", content))
            requests[side] = (contestant, ChatRequest(tuple(messages), contestant.parameters))
        return requests

    async def _store(
        self,
        battle: Battle,
        turn: Turn,
        contestants: Mapping[Side, Contestant],
        results: Mapping[Side, SideResult],
        left: bool,
        earlier: bool,
    ) -> None:
        status: TurnStatus = "complete"
        battle_status: BattleStatus = "votable"
        if any(result.fault for result in results.values()) and not left:
            status, battle_status = "failed", "failed"
        elif left:
            status, battle_status = "interrupted", "votable" if earlier else "waiting"
        answers = [answer_of(turn.id, side, contestants[side], results[side]) for side in SIDES]
        await self._battles.end_turn(turn.id, answers, status=status, battle_status=battle_status)


async def _reading(running: RunningTurn) -> AsyncIterator[list[TurnEvent]]:
    try:
        async for batch in running.events():
            yield batch
    finally:
        await running.abandon()
