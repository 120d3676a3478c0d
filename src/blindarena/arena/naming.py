"""Battles of contestants that the voter chose by name: side by side, or a chat with one."""

from collections.abc import Sequence

from blindarena.arena.closing import check_not_closed
from blindarena.arena.logins import check_login
from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import Battles, ChatModels, Clock
from blindarena.arena.sessions import SessionService
from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.battles import NAMED, Battle, BattleMode, Session
from blindarena.domain.ids import uuid7
from blindarena.errors import (
    ForbiddenError,
    InvalidInputError,
    NotReadyError,
    ReadOnlyError,
)

POLICY = "chosen"
"""In the place of a sampling policy: the voter chose, with certainty."""


class NamedBattles:
    """Starts named battles; their turns run like those of any other battle.

    Nothing of a named battle counts on a board: its vote is excluded as `not-blind`, and its
    answers are in no sum of cost or speed.

    Args:
        battles: where they are stored.
        sessions: who asks, and to what they agreed.
        models: says who can answer now.
        pool: arenas with their contestants, cached.
        now: the clock, in UTC.
    """

    def __init__(
        self,
        *,
        battles: Battles,
        sessions: SessionService,
        models: ChatModels,
        pool: ContestantPool,
        now: Clock,
    ) -> None:
        self._battles = battles
        self._sessions = sessions
        self._models = models
        self._pool = pool
        self._now = now

    async def choices(self, arena: Arena) -> list[tuple[Contestant, bool]]:
        """Return the contestants that can be chosen, each with whether it can answer now.

        Raises:
            ForbiddenError: the arena names nobody before a vote.
        """
        if not NAMED & set(arena.modes):
            raise ForbiddenError(f"{arena.title!r} is blind: nobody is chosen by name here")
        enabled = [c for c in await self._pool.contestants(arena) if c.enabled]
        return [(c, self._models.available(c.deployments)) for c in enabled]

    async def start(
        self, session: Session, arena: Arena, *, mode: BattleMode, names: Sequence[str]
    ) -> Battle:
        """Store a battle of the contestants that were chosen, the first of them as side A.

        Raises:
            ReadOnlyError, ConsentError: nobody may ask anything here, or not yet.
            ArenaClosedError: or not any more.
            LoginRequiredError: nobody has logged in.
            ForbiddenError: the arena has no such mode.
            InvalidInputError: too few names, too many, or one that cannot be chosen.
            NotReadyError: one of them cannot answer now.
        """
        if arena.read_only:
            raise ReadOnlyError(f"{arena.title!r} is a published board; it takes no battles")
        check_not_closed(arena, self._now())
        if arena.kind == "replay" or mode not in arena.modes or mode not in NAMED:
            raise ForbiddenError(f"{arena.title!r} has no mode {mode!r}")
        check_login(arena, session)
        self._sessions.require_consent(session, arena)
        chosen = await self._chosen(arena, names, wanted=1 if mode == "direct" else 2)
        battle = Battle(
            id=uuid7(),
            arena_id=arena.id,
            session_id=session.id,
            voter=await self._sessions.voter(session, arena),
            contestant_a=chosen[0].id,
            contestant_b=chosen[-1].id,
            probability=1.0,
            policy=POLICY,
            consent_version=arena.consent.version,
            created_at=self._now(),
            mode=mode,
            version=arena.version,
            images=all(contestant.images for contestant in chosen),
        )
        await self._battles.add(battle)
        return battle

    async def names(self, arena: Arena, battle: Battle) -> dict[str, str] | None:
        """Return the names by side where the voter chose them; None in a blind battle."""
        if battle.mode not in NAMED:
            return None
        return {
            side: (await self._pool.contestant(arena, battle.contestant(side))).name
            for side in battle.sides
        }

    async def _chosen(self, arena: Arena, names: Sequence[str], *, wanted: int) -> list[Contestant]:
        if len(names) != wanted or len(set(names)) != wanted:
            raise InvalidInputError(
                f"{len(names)} contestants are named; choose {wanted}"
                f"{'' if wanted == 1 else ' different ones'}"
            )
        able = {c.name: (c, ready) for c, ready in await self.choices(arena)}
        for name in names:
            if name not in able:
                raise InvalidInputError(
                    f"{name!r:.80} cannot be chosen; there are {', '.join(able) or 'none'}"
                )
            if not able[name][1]:
                raise NotReadyError(f"{name} cannot answer at the moment; please wait a little")
        return [able[name][0] for name in names]
