"""Invite links to the review queue: made, looked at, withdrawn."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from blindarena.arena.ports import AuditLog, Clock
from blindarena.arena.queue_ports import Invites
from blindarena.domain.arenas import Arena
from blindarena.domain.ids import uuid7
from blindarena.domain.queue import Invite
from blindarena.errors import ForbiddenError, InvalidInputError, NotFoundError

InviteStatus = Literal["open", "expired", "withdrawn"]


@dataclass(frozen=True, slots=True)
class InviteCard:
    """An invite as its owner sees it; `joined` is how many raters came by it."""

    invite: Invite
    status: InviteStatus
    joined: int


class InviteService:
    """Links that let people of one voter group take part without an account.

    A token is random and told once; the database has its hash, so nobody who reads it can join.

    Args:
        now: the clock, in UTC.
    """

    def __init__(self, *, invites: Invites, audit: AuditLog, now: Clock) -> None:
        self._invites = invites
        self._audit = audit
        self._now = now

    async def make(
        self, arena: Arena, *, group: str | None, expires_days: int | None, who: str
    ) -> tuple[InviteCard, str]:
        """Make an invite; return it with its token, which is not kept.

        Raises:
            InvalidInputError: the arena has no queue, or no such group.
        """
        check_queue(arena)
        group = _group(arena, group)
        token, at = secrets.token_urlsafe(24), self._now()
        invite = Invite(
            id=uuid7(),
            arena_id=arena.id,
            token_hash=_hash(token),
            created_at=at,
            group=group,
            expires_at=None if expires_days is None else at + timedelta(days=expires_days),
        )
        await self._invites.add(invite)
        until = "" if invite.expires_at is None else f", until {invite.expires_at:%Y-%m-%d}"
        await self._note("Made an invite", arena, f"group {group or 'none'}{until}", who)
        return InviteCard(invite, "open", 0), token

    async def open(self, token: str) -> Invite:
        """Return the invite of a link that can be used now.

        Raises:
            NotFoundError: there is none.
            ForbiddenError: it has expired or was withdrawn.
        """
        invite = await self._invites.of_token(_hash(token))
        if invite is None:
            raise NotFoundError("this invite link is unknown; ask for it again, as a whole")
        status = self._status(invite)
        if status != "open":
            raise ForbiddenError(
                "this invite link has expired; ask for a new one"
                if status == "expired"
                else "this invite link was withdrawn; ask whoever sent it"
            )
        return invite

    async def cards(self, arena: Arena) -> list[InviteCard]:
        """Return an arena's invites, the newest first."""
        return [
            InviteCard(invite, self._status(invite), joined)
            for invite, joined in await self._invites.of_arena(arena.id)
        ]

    async def withdraw(self, arena: Arena, invite_id: UUID) -> InviteCard:
        """Close a link; who joined by it may go on. Again is no error.

        Raises:
            NotFoundError: the arena has no such invite.
        """
        changed = await self._invites.withdraw(arena.id, invite_id, self._now())
        for card in await self.cards(arena):
            if card.invite.id == invite_id:
                if changed:
                    group = card.invite.group or "none"
                    await self._note("Withdrew an invite", arena, f"group {group}", "Owner")
                return card
        raise NotFoundError(f"{arena.title!r} has no invite {invite_id}")

    def _status(self, invite: Invite) -> InviteStatus:
        if invite.withdrawn_at is not None:
            return "withdrawn"
        if invite.expires_at is not None and invite.expires_at <= self._now():
            return "expired"
        return "open"

    async def _note(self, what: str, arena: Arena, detail: str, who: str) -> None:
        await self._audit.add(at=self._now(), who=who, what=what, detail=f"{arena.slug}: {detail}")


def invite_link(base: str, token: str) -> str:
    """Return the address that people of a group are sent."""
    return f"{base.rstrip('/')}/q/{token}"


def check_queue(arena: Arena) -> None:
    """Raise InvalidInputError where an arena has no review queue."""
    if "queue" not in arena.modes:
        raise InvalidInputError(
            f'{arena.title!r} has no review queue; the owner can add "queue" to its modes'
        )


def _group(arena: Arena, group: str | None) -> str | None:
    known: list[str] = [one.name for one in arena.groups]
    if group is not None and group not in known:
        raise InvalidInputError(
            f"there is no voter group {group!r}; "
            + (f"the arena has {', '.join(known)}" if known else "the arena's file names none")
        )
    return group


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
