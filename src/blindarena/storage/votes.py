"""Votes in SQL: append-only, stored in groups, with the pair counts beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Result, bindparam, func, insert, select, update

from blindarena.domain.battles import Vote
from blindarena.domain.boards import PairCount
from blindarena.domain.exclusions import VoteRules
from blindarena.domain.tallies import pair_count_of
from blindarena.domain.usable import JudgedSide
from blindarena.errors import BattleStateError, DuplicateVoteError, NotFoundError, StorageError
from blindarena.storage.counts import BUMP, Growth, add_pairs, grown
from blindarena.storage.effective import EXCLUDED_NOW, IS_RETRACTED
from blindarena.storage.failures import is_bad_row
from blindarena.storage.grouping import Grouping
from blindarena.storage.queue_giving import finish_takes
from blindarena.storage.runner import Runner
from blindarena.storage.standing import padded, reasons
from blindarena.storage.tables import battles, votes
from blindarena.storage.usable import add_usable, cast_usable

_FIELDS = tuple(field.name for field in fields(Vote))
_LOCK = (
    select(battles.c.id, battles.c.status)
    .where(battles.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(battles.c.id)  # the same order in every process: no deadlock
    .with_for_update(key_share=True)
)
_MOVE = update(battles).where(battles.c.id == bindparam("battle")).values(status="voted")
_ADD = insert(votes)
_DECISIVE = select(*(votes.c[name] for name in _FIELDS)).where(
    votes.c.arena_id == bindparam("arena_id"), votes.c.points_at.is_(None)
)
_NEWEST = _DECISIVE.order_by(votes.c.created_at.desc(), votes.c.id.desc()).limit(bindparam("limit"))
_NEWEST_OF_VOTER = _NEWEST.where(votes.c.voter == bindparam("voter"), ~IS_RETRACTED)
_NEWEST_AS_THEY_STAND = _NEWEST.with_only_columns(
    *(EXCLUDED_NOW.label(name) if name == "excluded" else votes.c[name] for name in _FIELDS)
)
_COUNT_OF_VOTER = (
    select(func.count())
    .select_from(votes)
    .where(
        votes.c.arena_id == bindparam("arena_id"),
        votes.c.voter == bindparam("voter"),
        votes.c.points_at.is_(None),
        ~IS_RETRACTED,
    )
)


@dataclass(frozen=True, slots=True)
class _Ballot:
    """A vote and what it adds to the counts."""

    vote: Vote
    count: PairCount
    rules: VoteRules
    usable: Sequence[JudgedSide]


class Votes:
    """Votes, append-only, and the counts kept beside them."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner
        self._add_pairs = add_pairs(runner)
        self._add_usable = add_usable(runner)
        self._group: Grouping[_Ballot, str | None] = Grouping(self._flush, limit=128)

    async def record(
        self,
        vote: Vote,
        *,
        first: UUID,
        second: UUID,
        wins_first: bool,
        rules: VoteRules = VoteRules(),  # noqa: B008 - frozen
        usable: Sequence[JudgedSide] = (),
    ) -> str | None:
        """Store a vote durably and add it to the counts of those that count or do not.

        Votes that arrive while a commit is under way share the next one: all votes of an arena
        touch the same few count rows, so separate transactions would queue for each other's
        disk flush.

        Returns:
            Why it does not count: its own `excluded`, a rule, the exclusion of its voter; None
            counts.

        Raises:
            DuplicateVoteError: the battle already has a vote.
            BattleStateError: the battle is not votable.
            NotFoundError: there is no such battle.
            StorageError: it could not be stored.
        """
        count = pair_count_of(vote.outcome, first=first, second=second, wins_first=wins_first)
        return await self._group.submit(_Ballot(vote, count, rules, usable))

    async def drain(self) -> None:
        """Return when every vote handed in so far is stored or refused."""
        await self._group.drain()

    async def of_voter(self, arena_id: UUID, voter: str, *, limit: int) -> list[Vote]:
        """Return a voter's latest votes, newest first, excluded as they were when cast."""
        values = {"arena_id": arena_id, "voter": voter, "limit": limit}
        return await self._run.read(lambda c: _votes(c.execute(_NEWEST_OF_VOTER, values)))

    async def count_of_voter(self, arena_id: UUID, voter: str) -> int:
        """Return how many votes this voter has cast in the arena, excluded ones included."""
        values = {"arena_id": arena_id, "voter": voter}
        return await self._run.read(lambda c: int(c.execute(_COUNT_OF_VOTER, values).scalar_one()))

    async def recent(self, arena_id: UUID, *, limit: int) -> list[Vote]:
        """Return the arena's latest votes, newest first, excluded as they are now."""
        values = {"arena_id": arena_id, "limit": limit}
        return await self._run.read(lambda c: _votes(c.execute(_NEWEST_AS_THEY_STAND, values)))

    async def _flush(self, ballots: Sequence[_Ballot]) -> Sequence[str | Exception | None]:
        """Store a group in one transaction; where one of its rows is bad, each in its own."""
        try:
            return await self._run.write(lambda connection: self._store(connection, ballots))
        except StorageError as error:
            if len(ballots) == 1 or not is_bad_row(error):
                raise
        results: list[str | Exception | None] = []
        for ballot in ballots:
            try:
                results += await self._flush([ballot])
            except StorageError as error:
                results.append(error)
        return results

    def _store(
        self, connection: Connection, ballots: Sequence[_Ballot]
    ) -> Sequence[str | Exception | None]:
        ids = padded(sorted({ballot.vote.battle_id for ballot in ballots}))
        status: dict[UUID, str] = dict(connection.execute(_LOCK, {"ids": ids}).all())
        results: list[str | Exception | None] = []
        accepted: dict[int, _Ballot] = {}
        for place, ballot in enumerate(ballots):
            battle_id = ballot.vote.battle_id
            refusal = _refusal(status.get(battle_id))
            results.append(refusal)
            if refusal is None:
                accepted[place] = ballot
                status[battle_id] = "voted"
        if accepted:
            # The arenas' rows come before the voters' earlier votes and exclusions are read: until
            # the commit nobody else can add any. A turn's end too takes its battle, then its arena.
            arenas = sorted({ballot.vote.arena_id for ballot in accepted.values()})
            connection.execute(BUMP, [{"arena": arena} for arena in arenas])
            cast = [(ballot.vote, ballot.rules) for ballot in accepted.values()]
            stand = [replace(v, excluded=reason) for v, reason in reasons(connection, cast)]
            connection.execute(_MOVE, [{"battle": vote.battle_id} for vote in stand])
            connection.execute(_ADD, [_row(vote) for vote in stand])
            growth = [
                Growth(
                    vote.arena_id,
                    vote.category,
                    vote.excluded,
                    ballot.count,
                    version=vote.version,
                )
                for vote, ballot in zip(stand, accepted.values(), strict=True)
            ]
            connection.execute(self._add_pairs, grown(growth))
            said = [(v, b.usable) for v, b in zip(stand, accepted.values(), strict=True)]
            cast_usable(connection, self._add_usable, said)
            finish_takes(connection, [vote.battle_id for vote in stand])
            for place, vote in zip(accepted, stand, strict=True):
                results[place] = vote.excluded
        return results


def _refusal(status: str | None) -> Exception | None:
    """Say why a battle in this state takes no vote; None: it takes one."""
    if status == "votable":
        return None
    if status is None:
        return NotFoundError("there is no such battle")
    if status == "voted":
        return DuplicateVoteError("this battle already has its vote")
    return BattleStateError(f"this battle is {status}, it takes no vote now")


def _row(vote: Vote) -> dict[str, Any]:
    return {name: getattr(vote, name) for name in _FIELDS} | {"points_at": None}


def _votes(rows: Result[Any]) -> list[Vote]:
    return [Vote(**{**row, "reasons": tuple(row["reasons"])}) for row in rows.mappings()]
