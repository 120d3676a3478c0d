"""Send a message to the sides of a battle, or the last one again, and store what comes back."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

from blindarena.arena.answers import answer_of, ended_as
from blindarena.arena.asking import again_of, content_of, origin_of, request_of
from blindarena.arena.events import MessageChanged, TurnEvent
from blindarena.arena.gate import Gate
from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import Battles, ChatModels, Clock
from blindarena.arena.recent import Known, RecentBattles
from blindarena.arena.running import RunningTurns, reading
from blindarena.arena.screening import Screening
from blindarena.arena.turns import RunningTurn, SideRequest, SideResult
from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.battles import Battle, Side, Turn, TurnOrigin, TurnRecord
from blindarena.domain.ids import uuid7
from blindarena.errors import BattleStateError

Events = AsyncIterator[list[TurnEvent]]


@dataclass(frozen=True, slots=True)
class _Message:
    """What is sent in one turn.

    Attributes:
        done: the complete turns before it.
        replaces: the complete turn of the same number, where that is answered again.
    """

    content: str
    origin: TurnOrigin
    done: list[TurnRecord]
    confirmed: bool
    replaces: Turn | None = None


class TurnSender:
    """Starts turns: both sides are asked, and their answers stored when both have ended.

    Args:
        battles: where turns are stored.
        models: the router, in process.
        pool: arenas with their contestants, cached.
        screening: looks at messages before anything is done with them.
        gate: lets messages pass after that, and looks at answers.
        running: the turns that stream in this process.
        recent: the battles that this process knows.
        now: the clock, in UTC.
        max_prompt_chars: longest user message taken.
    """

    def __init__(
        self,
        *,
        battles: Battles,
        models: ChatModels,
        pool: ContestantPool,
        screening: Screening,
        gate: Gate,
        running: RunningTurns,
        recent: RecentBattles,
        now: Clock,
        max_prompt_chars: int,
    ) -> None:
        self._battles = battles
        self._models = models
        self._pool = pool
        self._screening = screening
        self._gate = gate
        self._running = running
        self._recent = recent
        self._now = now
        self._max_prompt_chars = max_prompt_chars

    async def send(self, known: Known, given: str, *, confirmed: bool) -> Events:
        """Start the next turn of a battle.

        Args:
            known: the battle and its turns.
            given: what the voter wrote; ignored where the prompt is prepared.
            confirmed: the voter was asked about personal data in it and sends it all the same.

        Raises:
            BattleStateError, InvalidInputError, PersonalDataError, ModerationError,
                RateLimitError: before any event.
        """
        battle = known.battle
        _check_open(battle)
        arena = await self._pool.arena(battle.arena_id)
        done = _complete(known)
        prompt_id = battle.prompt_id
        prepared = await self._pool.prompt(arena, prompt_id) if prompt_id and not done else None
        content = content_of(
            given, arena=arena, prepared=prepared, done=len(done), longest=self._max_prompt_chars
        )
        origin = origin_of(content, arena=arena, prepared=prepared)
        return await self._start(known, _Message(content, origin, done, confirmed))

    async def again(self, known: Known) -> Events:
        """Let both sides answer the last message again; what they answered before is kept.

        Raises:
            BattleStateError: there is no answer to replace, or no further attempt.
        """
        _check_open(known.battle)
        arena = await self._pool.arena(known.battle.arena_id)
        last = again_of(known.turns, arena=arena)
        done = [record for record in _complete(known) if record.turn.id != last.id]
        return await self._start(
            known, _Message(last.content, last.origin, done, confirmed=True, replaces=last)
        )

    async def _start(self, known: Known, message: _Message) -> Events:
        battle, turns, done = known.battle, known.turns, message.done
        arena = await self._pool.arena(battle.arena_id)
        passed = await self._screening.message(
            arena,
            battle.id,
            message.content,
            turns=turns,
            confirmed=message.confirmed,
            prepared=message.origin == "prepared",
        )
        content, changed = passed.text, passed.text != message.content
        if message.replaces is None and message.origin != "prepared":
            await self._gate.message(arena, battle, content, first=not turns)
        restorers = self._screening.restorers(arena, passed.values)
        number = len(done) + 1
        turn = Turn(
            id=uuid7(),
            battle_id=battle.id,
            number=number,
            attempt=1 + sum(record.turn.number == number for record in turns),
            content=content,
            status="streaming",
            created_at=self._now(),
            origin=message.origin,
        )
        contestants = await self._pool.playing(arena, battle)
        with self._running.starting(battle.id):
            # Both upstreams are asked while the turn is being stored; what they say is read after.
            running = RunningTurn(
                models=self._models,
                sides={
                    side: SideRequest(
                        c.deployments, request_of(c, side, done, content), restorers.get(side)
                    )
                    for side, c in contestants.items()
                },
                first=[MessageChanged(content, passed.replaced)] if changed else (),
                number=number,
                start_together_s=arena.start_together_s,
                store=lambda results, left: self._store(
                    arena, turn, contestants, results, left=left, earlier=bool(done)
                ),
            )
            try:
                if not await self._battles.start_turn(turn, replaces=message.replaces):
                    raise BattleStateError("this battle takes no message now")
            except BaseException:
                await running.discard()
                raise
            if message.replaces is not None:
                self._recent.forget(battle.id)  # its turns are not what they were
            running.begin()
            self._running.add(battle.id, running)
        return reading(running)

    async def _store(
        self,
        arena: Arena,
        turn: Turn,
        contestants: Mapping[Side, Contestant],
        results: Mapping[Side, SideResult],
        *,
        left: bool,
        earlier: bool,
    ) -> None:
        status, battle_status = ended_as(results, left=left, earlier=earlier)
        answers = [answer_of(turn.id, side, c, results[side]) for side, c in contestants.items()]
        await self._battles.end_turn(turn.id, answers, status=status, battle_status=battle_status)
        self._recent.ended(replace(turn, status=status), answers, battle_status)
        self._gate.answers(arena, answers)


def _check_open(battle: Battle) -> None:
    if battle.status not in ("waiting", "votable"):
        raise BattleStateError(f"this battle takes no message now; it is {battle.status}")


def _complete(known: Known) -> list[TurnRecord]:
    return [record for record in known.turns if record.turn.status == "complete"]
