"""Links to revealed battles: what was asked, both answers, the names and the vote."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from blindarena.arena.battles import BattleService
from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import Battles, Clock
from blindarena.arena.voting import VotingService, complete
from blindarena.domain.arenas import Arena
from blindarena.domain.battles import BattleMode, Outcome, Session, Side, TurnRecord
from blindarena.domain.shares import Share
from blindarena.errors import BattleStateError, ForbiddenError, NotFoundError

MAX_LINKS = 20
"""Open links of one battle: each click makes another one, because no token is kept."""


class Shares(Protocol):
    """Links to revealed battles."""

    async def add(self, share: Share) -> None:
        """Store a new link."""
        ...

    async def by_hash(self, token_hash: str) -> Share | None:
        """Return the link of a token, unless it is withdrawn."""
        ...

    async def count(self, battle_id: UUID) -> int:
        """Return how many links of a battle are open."""
        ...

    async def withdraw(self, battle_id: UUID, *, at: datetime) -> int:
        """Close every link of a battle; return how many were open."""
        ...


@dataclass(frozen=True, slots=True)
class SharedBattle:
    """What a link shows; nothing of it says who voted, or when.

    Attributes:
        turns: those that count, as they were stored: what was redacted stays redacted.
    """

    battle_id: UUID
    images: bool
    arena: Arena
    mode: BattleMode
    title: str
    turns: tuple[TurnRecord, ...]
    contestants: dict[Side, str]
    outcome: Outcome


class SharingService:
    """Makes, withdraws and opens the links of battles that have their vote.

    Args:
        shares: where links are kept, by the hash of their token.
        stored: the battles themselves, for readers who have no session.
        battles: the battles of a session.
        voting: knows what was revealed.
        pool: arenas as they are now; `share_links = false` closes all links at once.
        now: the clock, in UTC.
    """

    def __init__(
        self,
        *,
        shares: Shares,
        stored: Battles,
        battles: BattleService,
        voting: VotingService,
        pool: ContestantPool,
        now: Clock,
    ) -> None:
        self._shares = shares
        self._stored = stored
        self._battles = battles
        self._voting = voting
        self._pool = pool
        self._now = now

    async def share(self, session: Session, battle_id: UUID) -> str:
        """Make a link to an own battle that has its vote, and return its token.

        Raises:
            ForbiddenError: the arena has no links, or the battle is somebody else's.
            BattleStateError: it has no vote yet, or too many links.
            NotFoundError: there is no such battle.
        """
        battle = await self._battles.mine(session, battle_id)
        arena = await self._pool.arena(battle.arena_id)
        if not arena.share_links:
            raise ForbiddenError("the owner of this arena has switched links to battles off")
        if battle.mode == "queue":
            raise ForbiddenError("a pair of the review queue stays blind and can't be shared")
        if battle.status != "voted":
            raise BattleStateError("only a battle that has its vote can be shared; please vote")
        if await self._shares.count(battle_id) >= MAX_LINKS:
            raise BattleStateError(
                f"this battle has {MAX_LINKS} links already; withdraw them to make a new one"
            )
        token = secrets.token_urlsafe(24)
        await self._shares.add(
            Share(token_hash=_hash(token), battle_id=battle_id, created_at=self._now())
        )
        return token

    async def withdraw(self, session: Session, battle_id: UUID) -> int:
        """Close every link to an own battle; return how many were open.

        Raises:
            ForbiddenError, NotFoundError
        """
        await self._battles.mine(session, battle_id)
        return await self._shares.withdraw(battle_id, at=self._now())

    async def read(self, token: str) -> SharedBattle:
        """Return what a link shows.

        Raises:
            NotFoundError: no open link has this token, or the arena has none any more.
        """
        share = await self._shares.by_hash(_hash(token))
        battle = await self._stored.get(share.battle_id) if share else None
        arena = await self._pool.arena(battle.arena_id) if battle else None
        if battle is None or arena is None or not arena.share_links:
            raise _gone()
        reveal = await self._voting.revealed(arena, battle)
        turns = complete(await self._stored.turns(battle.id))
        if reveal is None or not turns:
            raise _gone()
        prompt = await self._pool.prompt(arena, battle.prompt_id) if battle.prompt_id else None
        return SharedBattle(
            battle_id=battle.id,
            images=battle.images,
            arena=arena,
            mode=battle.mode,
            title=prompt.title if prompt else "",
            turns=tuple(turns),
            contestants={"a": reveal.a.contestant, "b": reveal.b.contestant},
            outcome=reveal.outcome,
        )


def _gone() -> NotFoundError:
    return NotFoundError("this link leads nowhere; it may have been withdrawn")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
