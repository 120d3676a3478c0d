"""Invite links to the review queue, and who joined by them, in SQL."""

from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select, update

from blindarena.domain.queue import Invite, Member
from blindarena.storage.queue_tables import queue_invites, queue_members
from blindarena.storage.runner import Runner

_COLUMN = {"group": "voter_group"}
_INVITE = tuple(field.name for field in fields(Invite))
_MEMBER = tuple(field.name for field in fields(Member))
_INVITES = select(*(queue_invites.c[_COLUMN.get(name, name)] for name in _INVITE))
_OF_TOKEN = _INVITES.where(queue_invites.c.token_hash == bindparam("token_hash"))
_JOINED = (
    select(func.count())
    .where(queue_members.c.invite_id == queue_invites.c.id)
    .scalar_subquery()
    .label("joined")
)
_OF_ARENA = (
    _INVITES.add_columns(_JOINED)
    .where(queue_invites.c.arena_id == bindparam("arena_id"))
    .order_by(queue_invites.c.created_at.desc(), queue_invites.c.id.desc())
)
_WITHDRAW = (
    update(queue_invites)
    .where(
        queue_invites.c.arena_id == bindparam("arena"),
        queue_invites.c.id == bindparam("invite"),
        queue_invites.c.withdrawn_at.is_(None),
    )
    .values(withdrawn_at=bindparam("at"))
)
_MEMBERS = (
    select(*(queue_members.c[_COLUMN.get(name, name)] for name in _MEMBER))
    .where(queue_members.c.arena_id == bindparam("arena_id"))
    .order_by(queue_members.c.joined_at, queue_members.c.voter)
)
_ONE_MEMBER = _MEMBERS.where(queue_members.c.voter == bindparam("voter"))


class Invites:
    """Invite links and who joined by them."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        member = runner.insert(queue_members)
        self._join = member.on_conflict_do_update(
            index_elements=[queue_members.c.arena_id, queue_members.c.voter],
            set_={
                "voter_group": member.excluded.voter_group,
                "invite_id": member.excluded.invite_id,
            },
        )

    async def add(self, invite: Invite) -> None:
        """Store a new invite."""
        row = _row(invite, _INVITE)
        await self._run.write(lambda c: c.execute(insert(queue_invites), row).close())

    async def of_token(self, token_hash: str) -> Invite | None:
        """Return the invite of a token's hash."""

        def work(connection: Connection) -> Invite | None:
            row = connection.execute(_OF_TOKEN, {"token_hash": token_hash}).one_or_none()
            return None if row is None else Invite(**dict(zip(_INVITE, row, strict=True)))

        return await self._run.read(work)

    async def of_arena(self, arena_id: UUID) -> list[tuple[Invite, int]]:
        """Return an arena's invites, the newest first, with how many raters are by it now."""

        def work(connection: Connection) -> list[tuple[Invite, int]]:
            rows = connection.execute(_OF_ARENA, {"arena_id": arena_id})
            return [
                (Invite(**dict(zip(_INVITE, row[:-1], strict=True))), int(row[-1])) for row in rows
            ]

        return await self._run.read(work)

    async def withdraw(self, arena_id: UUID, invite_id: UUID, at: datetime) -> bool:
        """Close a link; say whether it was open until now."""
        values = {"arena": arena_id, "invite": invite_id, "at": at}
        return await self._run.write(lambda c: c.execute(_WITHDRAW, values).rowcount == 1)

    async def join(self, member: Member) -> None:
        """Store a rater, or their new group; when they first came stays."""
        row = _row(member, _MEMBER)
        await self._run.write(lambda connection: connection.execute(self._join, row).close())

    async def member(self, arena_id: UUID, voter: str) -> Member | None:
        """Return a rater."""
        values = {"arena_id": arena_id, "voter": voter}

        def work(connection: Connection) -> Member | None:
            row = connection.execute(_ONE_MEMBER, values).one_or_none()
            return None if row is None else _member(row)

        return await self._run.read(work)

    async def members(self, arena_id: UUID) -> list[Member]:
        """Return an arena's raters in the order in which they came."""
        values = {"arena_id": arena_id}
        return await self._run.read(lambda c: [_member(row) for row in c.execute(_MEMBERS, values)])


def _row(thing: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {_COLUMN.get(name, name): getattr(thing, name) for name in names}


def _member(row: Any) -> Member:
    return Member(**dict(zip(_MEMBER, row, strict=True)))
