"""All that is stored about one voter: read for an export, deleted, cut loose; for every table."""

from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    Table,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from blindarena.domain.privacy import NOBODY, Erased
from blindarena.storage.image_table import images
from blindarena.storage.runner import Runner
from blindarena.storage.tables import (
    answers,
    audit_log,
    battles,
    consents,
    metadata,
    sessions,
    turns,
    votes,
)

_SHORT = 8
"""Digits of a pseudonym that the audit log has."""


class VoterData:
    """All that is stored about one voter, wherever it is.

    Tables are known by their columns: `battle_id` belongs to a battle, `voter` holds a pseudonym. A
    new table with one of them is exported and cut loose without a word here.
    """

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    async def rows(
        self, arena_id: UUID, voter: str, *, files: bool = True
    ) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Return everything about a pseudonym, by table; a table without rows is left out.

        The files of pictures are base64 text; without `files` they are left out.
        """

        def work(connection: Connection) -> dict[str, list[dict[str, Any]]]:
            found = {}
            for name, query in _queries(arena_id, voter, hidden=() if files else ("data",)):
                listed = [_shown(row) for row in connection.execute(query)]
                if listed:
                    found[name] = listed
            return found

        return await self._run.read(work)

    async def arenas_of(self, beginning: str) -> list[tuple[UUID, str]]:
        """Return the arenas that know a pseudonym that begins so, with the pseudonym."""

        def work(connection: Connection) -> list[tuple[UUID, str]]:
            found: set[tuple[UUID, str]] = set()
            for table in _with("arena_id", "voter"):
                query = select(table.c.arena_id, table.c.voter).distinct()
                like = func.substr(table.c.voter, 1, len(beginning)) == beginning
                found |= {(row[0], row[1]) for row in connection.execute(query.where(like))}
            return sorted(found)

        return await self._run.read(work)

    async def battles(self, arena_id: UUID, voter: str) -> list[UUID]:
        """Return the ids of a voter's battles."""
        query = select(battles.c.id).where(battles.c.arena_id == arena_id, battles.c.voter == voter)
        return await self._run.read(lambda c: list(c.scalars(query)))

    async def erase(
        self,
        arena_id: UUID,
        voter: str,
        *,
        label: str,
        before: datetime | None = None,
        sessions: bool = True,
    ) -> Erased:
        """Delete a voter's texts and comments, and cut battles and votes loose."""

        def work(connection: Connection) -> Erased:
            chosen = and_(battles.c.arena_id == arena_id, battles.c.voter == voter)
            if before is not None:
                chosen = and_(chosen, battles.c.created_at < before)
            browsers = list(connection.scalars(select(battles.c.session_id).where(chosen)))
            ids = select(battles.c.id).where(chosen).scalar_subquery()
            cast = _empty(connection, ids, label)
            given_up = battles.c.status.in_(("waiting", "streaming", "votable"))
            connection.execute(update(battles).where(chosen, given_up).values(status="skipped"))
            changed = connection.execute(
                update(battles).where(chosen).values(session_id=NOBODY, voter=label)
            ).rowcount
            if before is None or not _has_battles(connection, arena_id, voter):
                _rename(connection, arena_id, voter, label)
            if sessions:
                _forget_browsers(connection, set(browsers) - {NOBODY})
            return Erased(battles=changed, votes=cast, voters=1)

        return await self._run.write(work)

    async def voters_before(self, arena_id: UUID, before: datetime) -> list[str]:
        """Return the pseudonyms with battles that are older, and still linked to a browser."""
        query = (
            select(battles.c.voter)
            .where(
                battles.c.arena_id == arena_id,
                battles.c.created_at < before,
                battles.c.session_id != NOBODY,
            )
            .distinct()
            .order_by(battles.c.voter)
        )
        return await self._run.read(lambda c: list(c.scalars(query)))

    async def any_linked(self, arena_id: UUID) -> bool:
        """Say whether any battle of the arena still leads to a browser."""
        query = select(battles.c.id).where(
            battles.c.arena_id == arena_id, battles.c.session_id != NOBODY
        )
        return await self._run.read(lambda c: c.scalar(query.limit(1)) is not None)

    async def scrub(self) -> None:
        """Overwrite what deleted rows leave in the database's file, where it is ours to do."""
        await self._run.scrub()


def _empty(connection: Connection, ids: ScalarSelect[UUID], label: str) -> int:
    """Delete what was written and shown in battles, relabel their rows; return how many votes."""
    of_turns = select(turns.c.id).where(turns.c.battle_id.in_(ids))
    connection.execute(
        update(turns)
        .where(turns.c.battle_id.in_(ids), turns.c.status == "streaming")
        .values(status="interrupted")  # so its end stores nothing any more
    )
    connection.execute(update(turns).where(turns.c.battle_id.in_(ids)).values(content=""))
    connection.execute(update(answers).where(answers.c.turn_id.in_(of_turns)).values(text=""))
    gone = update(images).where(images.c.battle_id.in_(ids)).values(data=b"", digest="")
    connection.execute(gone)
    nothing = {"comment": "", "prompt_mark": None}
    connection.execute(update(votes).where(votes.c.battle_id.in_(ids)).values(**nothing))
    cast = select(func.count()).where(votes.c.battle_id.in_(ids), votes.c.points_at.is_(None))
    counted = int(connection.execute(cast).scalar_one())
    for table in _with("battle_id"):
        if table.name == "shares":
            connection.execute(delete(table).where(table.c.battle_id.in_(ids)))
        elif "voter" in table.c:
            connection.execute(update(table).where(table.c.battle_id.in_(ids)).values(voter=label))
    return counted


def _rename(connection: Connection, arena_id: UUID, voter: str, label: str) -> None:
    """Put the label in the place of a pseudonym that has no battle any more."""
    for table in _with("arena_id", "voter"):
        if table is not battles and "battle_id" not in table.c:
            mine = and_(table.c.arena_id == arena_id, table.c.voter == voter)
            connection.execute(update(table).where(mine).values(voter=label))
    short = voter[:_SHORT]
    connection.execute(
        update(audit_log)
        .where(audit_log.c.detail.contains(short, autoescape=True))
        .values(detail=func.replace(audit_log.c.detail, short, label[:_SHORT]))
    )


def _has_battles(connection: Connection, arena_id: UUID, voter: str) -> bool:
    query = select(battles.c.id).where(battles.c.arena_id == arena_id, battles.c.voter == voter)
    return connection.scalar(query.limit(1)) is not None


def _forget_browsers(connection: Connection, ids: set[UUID]) -> None:
    """Delete sessions, other than an owner's, of which no battle is left."""
    for one in ids:
        left = exists().where(battles.c.session_id == one)
        connection.execute(
            delete(sessions).where(sessions.c.id == one, sessions.c.is_owner.is_(False), ~left)
        )


def _queries(
    arena_id: UUID, voter: str, *, hidden: Collection[str]
) -> Iterator[tuple[str, Select[Any]]]:
    """Yield for each table the query of what belongs to a pseudonym."""
    mine = and_(battles.c.arena_id == arena_id, battles.c.voter == voter)
    ids = select(battles.c.id).where(mine).scalar_subquery()
    browsers = select(battles.c.session_id).where(mine, battles.c.session_id != NOBODY)
    yield "battles", select(battles).where(mine).order_by(battles.c.created_at, battles.c.id)
    of_turns = select(turns.c.id).where(turns.c.battle_id.in_(ids))
    yield "answers", select(answers).where(answers.c.turn_id.in_(of_turns))
    yield "consents", select(consents).where(consents.c.session_id.in_(browsers))
    opened = select(sessions.c.id, sessions.c.created_at)  # its secrets open the session: not told
    yield "sessions", opened.where(sessions.c.id.in_(browsers))
    for table in metadata.sorted_tables:
        if table is battles:
            continue
        of: list[ColumnElement[bool]] = []
        if "battle_id" in table.c:
            of.append(table.c.battle_id.in_(ids))
        if "vote_id" in table.c:
            cast = select(votes.c.id).where(votes.c.battle_id.in_(ids))
            of.append(table.c.vote_id.in_(cast))
        if "voter" in table.c and "arena_id" in table.c:
            of.append(and_(table.c.arena_id == arena_id, table.c.voter == voter))
        if of:
            columns = [c for c in table.c if c.name not in ("token_hash", *hidden)]
            yield table.name, select(*columns).where(or_(*of))


def _with(*names: str) -> list[Table]:
    return [t for t in metadata.sorted_tables if all(name in t.c for name in names)]


def _shown(row: Row[Any]) -> dict[str, Any]:
    """Return a row as plain values for JSON; the bytes of a picture as base64."""
    return {
        name: str(value)
        if isinstance(value, UUID)
        else value.isoformat()
        if isinstance(value, datetime)
        else b64encode(value).decode()
        if isinstance(value, bytes)
        else value
        for name, value in row._mapping.items()
    }
