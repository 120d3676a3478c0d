"""Send a message to the sides of a battle, or the last one again, and store what comes back."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace

from blindarena.arena.answers import answer_of, ended_as
from blindarena.arena.asking import again_of, content_of, origin_of, request_of
from blindarena.arena.events import MessageChanged, TurnEvent
from blindarena.arena.gate import Gate
from blindarena.arena.image_ports import Images
from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import Battles, ChatModels, Clock
from blindarena.arena.recent import Known, RecentBattles
from blindarena.arena.running import RunningTurns, reading
from blindarena.arena.screening import Screening
from blindarena.arena.turns import RunningTurn, SideRequest, SideResult
from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.battles import Battle, Side, Turn, TurnOrigin, TurnRecord
from blindarena.domain.chat import Image
from blindarena.domain.ids import uuid7
from blindarena.domain.images import SentPicture, read_images
from blindarena.errors import BattleStateError, InvalidInputError

Events = AsyncIterator[list[TurnEvent]]


@dataclass(frozen=True, slots=True)
class _Message:
    """What is sent in one turn.

    Attributes:
        done: the complete turns before it.
        images: its pictures; None: those that an earlier attempt at it has stored.
        replaces: the complete turn of the same number, where that is answered again.
    """

    content: str
    origin: TurnOrigin
    done: list[TurnRecord]
    confirmed: bool
    images: Sequence[SentPicture] | None = None
    replaces: Turn | None = None


class TurnSender:
    """Starts turns: both sides are asked, and their answers stored when both have ended.

    Args:
        battles: where turns are stored.
        images: their pictures.
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
        images: Images,
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
        self._images = images
        self._models = models
        self._pool = pool
        self._screening = screening
        self._gate = gate
        self._running = running
        self._recent = recent
        self._now = now
        self._max_prompt_chars = max_prompt_chars

    async def send(
        self, known: Known, given: str, *, confirmed: bool, files: Sequence[bytes] | None = ()
    ) -> Events:
        """Start the next turn of a battle.

        Args:
            known: the battle and its turns.
            given: what the voter wrote; ignored where the prompt is prepared.
            confirmed: the voter was asked about personal data in it and sends it all the same.
            files: pictures; None: those of the last attempt at this message.

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
        images = None if files is None else await self._read(battle, files, number=len(done) + 1)
        return await self._start(known, _Message(content, origin, done, confirmed, images))

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

    async def _read(
        self, battle: Battle, files: Sequence[bytes], *, number: int
    ) -> Sequence[SentPicture]:
        if not files:
            return ()
        if not battle.images:
            raise InvalidInputError(
                "this conversation takes no pictures; begin a new one with them, or send the text"
            )
        listed = await self._images.listed(battle.id)
        before = sum(picture.size for picture in listed if picture.number < number)
        return await asyncio.to_thread(read_images, files, before=before)

    async def _pictures(self, battle: Battle, message: _Message) -> dict[int, tuple[Image, ...]]:
        """Return the pictures of the conversation with this message, by number."""
        if not battle.images:
            return {}
        number = len(message.done) + 1
        if message.images is None:
            return dict(await self._images.sent(battle.id, upto=number))
        found = dict(await self._images.sent(battle.id, upto=number - 1))
        return found | {number: tuple(picture.image for picture in message.images)}

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
            digests = [picture.digest for picture in message.images or ()]
            await self._gate.message(arena, battle, content, first=not turns, digests=digests)
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
        pictures = await self._pictures(battle, message)
        with self._running.starting(battle.id):
            # Both upstreams are asked while the turn is being stored; what they say is read after.
            running = RunningTurn(
                models=self._models,
                sides={
                    side: SideRequest(
                        c.deployments,
                        request_of(c, side, done, content, pictures),
                        restorers.get(side),
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
                if not await self._battles.start_turn(
                    turn,
                    replaces=message.replaces,
                    images=message.images if battle.images else None,
                ):
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
