"""Who takes part in a review queue: raters, their groups, their pairs."""

from dataclasses import dataclass
from uuid import UUID

from blindarena.arena.logins import check_login, may_begin
from blindarena.arena.ports import Clock
from blindarena.arena.queue_invites import InviteService, check_queue
from blindarena.arena.queue_ports import Invites, Queue
from blindarena.arena.sessions import SessionService
from blindarena.domain.arenas import Arena
from blindarena.domain.battles import Session
from blindarena.domain.queue import Member, Take
from blindarena.errors import ChangedMeanwhileError, ForbiddenError, NotFoundError, ReadOnlyError


@dataclass(frozen=True, slots=True)
class Rater:
    """A member of a queue, in one session; `may_begin` is whether new pairs are given to them."""

    session: Session
    voter: str
    group: str | None
    may_begin: bool = True


class Raters:
    """Lets people in by invite, and knows whose a pair is.

    Args:
        now: the clock, in UTC.
    """

    def __init__(
        self,
        *,
        sessions: SessionService,
        invites: InviteService,
        members: Invites,
        queue: Queue,
        now: Clock,
    ) -> None:
        self._sessions = sessions
        self._invites = invites
        self._members = members
        self._queue = queue
        self._now = now

    async def join(self, session: Session, arena: Arena, token: str | None) -> Rater:
        """Take part; with another invite what is rated from now on is of its group.

        Raises:
            ForbiddenError: an invite is needed, or this one is closed.
            LoginRequiredError: the arena is for people who log in, and an invite does not do.
            NotFoundError: the invite is unknown, or of another arena.
            InvalidInputError, ConsentError, ReadOnlyError
        """
        voter = await self._voter(session, arena)
        member = await self._members.member(arena.id, voter)
        if token is not None:
            invite = await self._invites.open(token)
            if invite.arena_id != arena.id:
                raise NotFoundError(f"this invite link is not for {arena.title!r}")
            member = Member(arena.id, voter, self._now(), invite.group, invite.id)
            check_login(arena, session, member)
            await self._members.join(member)
        elif member is None:
            if not arena.queue.open_to_all:
                raise ForbiddenError("this review queue is by invite; open the link you were sent")
            member = Member(arena.id, voter, self._now())
            check_login(arena, session, member)
            await self._members.join(member)
        return Rater(session, voter, member.group, may_begin(arena, session, member))

    async def rater(self, session: Session, arena: Arena) -> Rater:
        """Return who takes part by this session.

        Raises:
            ForbiddenError: the session has not joined.
            InvalidInputError, ConsentError, ReadOnlyError
        """
        voter = await self._voter(session, arena)
        member = await self._members.member(arena.id, voter)
        if member is None:
            raise ForbiddenError("please join this review queue first, by its link")
        return Rater(session, voter, member.group, may_begin(arena, session, member))

    async def check_may_begin(self, session: Session, arena: Arena) -> None:
        """Raise LoginRequiredError where this session's rater is given no new pair."""
        if not (await self.rater(session, arena)).may_begin:
            check_login(arena, session)

    async def own(self, rater: Rater, arena: Arena, battle_id: UUID) -> Take:
        """Return a pair that this rater was given, of the arena's present version.

        Raises:
            NotFoundError: there is no such pair in this queue.
            ForbiddenError: it is another rater's.
            ChangedMeanwhileError: it belongs to an earlier version.
        """
        take = await self._queue.get(battle_id)
        if take is None or take.arena_id != arena.id:
            raise NotFoundError(f"this review queue has no pair {battle_id}")
        if take.voter != rater.voter:
            raise ForbiddenError("this pair belongs to another rater")
        if take.version != arena.version:
            raise ChangedMeanwhileError(
                "the owner has changed what is compared since you were given this pair; "
                "votes on the old answers are kept apart, please go on with the next pair"
            )
        return take

    async def _voter(self, session: Session, arena: Arena) -> str:
        if arena.read_only:
            raise ReadOnlyError(f"{arena.title!r} is a published board; there is nothing to rate")
        check_queue(arena)
        self._sessions.require_consent(session, arena)
        return await self._sessions.voter(session, arena)
