"""Invites to the review queue in memory."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from blindarena.domain.queue import Invite, Member


class MemoryInvites:
    """Invite links and who joined by them."""

    def __init__(self) -> None:
        self._invites: dict[UUID, Invite] = {}
        self._members: dict[tuple[UUID, str], Member] = {}

    async def add(self, invite: Invite) -> None:
        """Store a new invite."""
        self._invites[invite.id] = invite

    async def of_token(self, token_hash: str) -> Invite | None:
        """Return the invite of a token's hash."""
        return next((i for i in self._invites.values() if i.token_hash == token_hash), None)

    async def of_arena(self, arena_id: UUID) -> list[tuple[Invite, int]]:
        """Return an arena's invites, the newest first, with how many raters are by it now."""
        found = [invite for invite in self._invites.values() if invite.arena_id == arena_id]
        by = [member.invite_id for member in self._members.values()]
        newest = sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)
        return [(invite, by.count(invite.id)) for invite in newest]

    async def withdraw(self, arena_id: UUID, invite_id: UUID, at: datetime) -> bool:
        """Close a link; say whether it was open until now."""
        invite = self._invites.get(invite_id)
        if invite is None or invite.arena_id != arena_id or invite.withdrawn_at is not None:
            return False
        self._invites[invite_id] = replace(invite, withdrawn_at=at)
        return True

    async def join(self, member: Member) -> None:
        """Store a rater, or their new group; when they first came stays."""
        key = (member.arena_id, member.voter)
        first = self._members.get(key, member).joined_at
        self._members[key] = replace(member, joined_at=first)

    async def member(self, arena_id: UUID, voter: str) -> Member | None:
        """Return a rater."""
        return self._members.get((arena_id, voter))

    async def members(self, arena_id: UUID) -> list[Member]:
        """Return an arena's raters in the order in which they came."""
        found = [member for key, member in self._members.items() if key[0] == arena_id]
        return sorted(found, key=lambda member: (member.joined_at, member.voter))
