"""Start battles, run their turns, stop and skip them."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from blindarena.arena.closing import check_not_closed
from blindarena.arena.gate import Gate
from blindarena.arena.image_offer import image_offer
from blindarena.arena.image_ports import Images
from blindarena.arena.logins import check_login
from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import Battles, ChatModels, Clock, SamplingRates
from blindarena.arena.prompts import NextPrompts, Progress
from blindarena.arena.recent import Known, RecentBattles
from blindarena.arena.running import RunningTurns
from blindarena.arena.sampling import draw_pair
from blindarena.arena.screening import Screening
from blindarena.arena.sending import Events, TurnSender
from blindarena.arena.sessions import SessionService
from blindarena.domain.arenas import Arena, Prompt
from blindarena.domain.battles import Battle, BattleStatus, Session, Side, TurnRecord
from blindarena.domain.ids import uuid7
from blindarena.errors import (
    BattleStateError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    ReadOnlyError,
)


@dataclass(frozen=True, slots=True)
class Started:
    """A new battle and, where the arena has prepared prompts, the one it is about."""

    battle: Battle
    prompt: Prompt | None
    progress: Progress


class BattleService:
    """The use-cases of a battle up to its vote.

    Args:
        images: the pictures of messages.
        models: the router, in process.
        pool: arenas with their contestants, cached.
        screening: looks at messages before anything is done with them.
        gate: lets messages pass after that, and looks at answers.
        rng: draws pairs and shuffles sides; a `random.SystemRandom` in production.
        max_prompt_chars: longest user message taken.
        rates: how often pairs meet where an arena races; None draws them alike.
    """

    def __init__(
        self,
        *,
        battles: Battles,
        images: Images,
        sessions: SessionService,
        models: ChatModels,
        pool: ContestantPool,
        rng: random.Random,
        now: Clock,
        screening: Screening,
        gate: Gate,
        max_prompt_chars: int = 20_000,
        rates: SamplingRates | None = None,
    ) -> None:
        self.begun: Counter[str] = Counter()
        self._battles = battles
        self._sessions = sessions
        self._pool = pool
        self._rng = rng
        self._now = now
        self.screening = screening
        self._rates = rates
        self._prompts = NextPrompts(battles, pool)
        self._running = RunningTurns()
        self._recent = RecentBattles()
        self._sender = TurnSender(
            battles=battles,
            images=images,
            models=models,
            pool=pool,
            screening=screening,
            gate=gate,
            running=self._running,
            recent=self._recent,
            now=now,
            max_prompt_chars=max_prompt_chars,
        )

    @property
    def running(self) -> int:
        """How many turns are streaming now."""
        return len(self._running)

    async def start(self, session: Session, arena: Arena, *, images: bool = False) -> Started:
        """Draw a pair (and the voter's next prepared prompt) and store the battle.

        With `images` its messages may have pictures, and only contestants that take them are drawn.

        Raises:
            InvalidInputError: pictures, in an arena that takes none.
            ReadOnlyError, ArenaClosedError, LoginRequiredError, ConsentError
            NotReadyError, PromptsExhaustedError
        """
        if arena.read_only:
            raise ReadOnlyError(f"{arena.title!r} is a published board; it takes no battles")
        check_not_closed(arena, self._now())
        check_login(arena, session)
        self._sessions.require_consent(session, arena)
        voter = await self._sessions.voter(session, arena)
        prompt, progress = await self._prompts.next(arena, voter)
        offer = image_offer(arena, await self._pool.contestants(arena))
        if images and offer == "none":
            raise InvalidInputError("this arena takes no pictures; please send the text alone")
        images = images or offer == "all"
        ready = await self._pool.ready(arena, images=images)
        draw = draw_pair(
            ready,
            policy=arena.sampling,
            baseline=arena.baseline,
            rates=self._rates(arena, ready) if self._rates else None,
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
            version=arena.version,
            images=images,
        )
        await self._battles.add(battle)
        self.begun[arena.slug] += 1
        self._recent.put(battle, ())
        return Started(battle, prompt, progress)

    async def progress(self, arena: Arena, voter: str) -> Progress:
        """Count the prepared prompts this voter has voted on."""
        return await self._prompts.progress(arena, voter)

    async def mine(self, session: Session, battle_id: UUID) -> Battle:
        """Return a battle of this session; one that streams no more is open again.

        Raises:
            NotFoundError: there is none.
            ForbiddenError: it is somebody else's.
        """
        battle = await self._battles.get(battle_id)
        if battle is None:
            raise NotFoundError(f"there is no battle {battle_id}")
        await self._check_owner(battle, session)
        if battle.status == "streaming" and battle_id not in self._running:
            self._recent.forget(battle_id)
            await self._running.close_lost(battle_id, self._battles)
            return await self._battles.get(battle_id) or battle
        return battle

    async def known(self, session: Session, battle_id: UUID) -> Known:
        """Return a battle of this session with its turns, from memory where this process ran it.

        Its status may be old: whoever changes something lets the database compare.

        Raises:
            NotFoundError, ForbiddenError
        """
        known = self._recent.get(battle_id)
        if known is None:
            battle = await self.mine(session, battle_id)
            known = self._recent.put(battle, await self._battles.turns(battle_id))
        await self._check_owner(known.battle, session)
        _check_not_queued(known.battle)
        return known

    def forget(self, battle_id: UUID) -> None:
        """Read a battle afresh next time: it has its vote, or has lost its texts."""
        self._recent.forget(battle_id)
        self.screening.forget(battle_id)

    async def turns(self, battle_id: UUID) -> list[TurnRecord]:
        """Return the turns so far."""
        return await self._battles.turns(battle_id)

    async def send(
        self,
        session: Session,
        battle_id: UUID,
        content: str,
        *,
        confirmed: bool = False,
        files: Sequence[bytes] | None = (),
    ) -> Events:
        """Start a turn and return its events; closing the iterator closes both upstreams.

        Args:
            session: whose battle it is.
            battle_id: of which the turn is.
            content: what the voter wrote.
            confirmed: the voter was asked about personal data in it and sends it all the same.
            files: pictures; None: those of the last attempt at this message.

        Raises:
            BattleStateError, InvalidInputError, ForbiddenError, NotFoundError: before any event.
        """
        return await self._on_known(
            session,
            battle_id,
            lambda known: self._sender.send(known, content, confirmed=confirmed, files=files),
        )

    async def regenerate(self, session: Session, battle_id: UUID) -> Events:
        """Let both sides answer the last message again, before the vote; as `send` else.

        Raises:
            BattleStateError: there is no answer to replace, or no further attempt.
            ForbiddenError, NotFoundError: before any event.
        """
        return await self._on_known(session, battle_id, self._sender.again)

    async def _on_known(
        self, session: Session, battle_id: UUID, work: Callable[[Known], Awaitable[Events]]
    ) -> Events:
        try:
            return await work(await self.known(session, battle_id))
        except BattleStateError:
            # Perhaps only what this process remembers is old; the database says what is so.
            self._recent.forget(battle_id)
            return await work(await self.known(session, battle_id))

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
        _check_not_queued(await self.mine(session, battle_id))
        self.forget(battle_id)
        if (running := self._running.get(battle_id)) is not None:
            await running.abandon()
        moved = await self._battles.move(battle_id, to="skipped", allowed=("waiting", "votable"))
        if not moved:
            battle = await self.mine(session, battle_id)
            if battle.status not in ("skipped", "failed"):
                raise BattleStateError(f"this battle can't be skipped; it is {battle.status}")
            return battle.status
        return "skipped"

    async def _check_owner(self, battle: Battle, session: Session) -> None:
        if battle.session_id == session.id:
            return
        if session.subject:  # who has logged in again, or elsewhere, is the same voter
            arena = await self._pool.arena(battle.arena_id)
            if battle.voter == await self._sessions.voter(session, arena):
                return
        raise ForbiddenError("this battle belongs to another voter")

    async def close(self) -> None:
        """End every running turn; for shutdown."""
        for running in self._running.all():
            await running.abandon()


def _check_not_queued(battle: Battle) -> None:
    """Keep pairs of the review queue to its own routes, which never tell who they are."""
    if battle.mode == "queue":
        raise BattleStateError("this pair belongs to the review queue; please go on there")
