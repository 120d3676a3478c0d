"""What boards are computed from while battles are open: nothing that tells who is in them."""

from dataclasses import fields, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from blindarena.domain.battles import Answer
from blindarena.domain.boards import ContestantStats
from blindarena.domain.ids import uuid7
from blindarena.domain.style import Style
from blindarena.domain.tallies import stats_of
from blindarena.storage.counts import STATS, Counts
from blindarena.storage.tables import answers, battles, turns

_OPEN = ("waiting", "streaming", "votable")
_DAY_MS = 24 * 3600 * 1000
_DIGITS = 12
_ANSWER = tuple(field.name for field in fields(Answer) if field.name != "style")
_NO_STYLE = Style(words=0, headers=0, bold=0, lists=0)
_OPEN_ANSWERS = (
    select(*(answers.c[name] for name in _ANSWER))
    .join_from(battles, turns, turns.c.battle_id == battles.c.id)
    .join(answers, answers.c.turn_id == turns.c.id)
    .where(
        battles.c.id >= bindparam("since"),  # ids grow with time, so their index finds the latest
        battles.c.arena_id == bindparam("arena_id"),
        battles.c.status.in_(_OPEN),
        battles.c.mode == "battle",
        turns.c.status != "interrupted",  # these are in no sum
    )
)
_NUMBERS = tuple(field.name for field in fields(ContestantStats) if field.name != "contestant_id")


class BoardCounts(Counts):
    """Counts for everybody's eyes.

    The sums over answers grow when a turn ends, before the vote: a mean that moves would tell who
    the two contestants are, and by its new value which of them is on which side. So what was
    measured in battles of the last day that may still get their vote is left out here.
    """

    async def stats(self, arena_id: UUID) -> list[ContestantStats]:
        """Return the sums over the answers of each contestant, without those of open battles."""
        values = {"arena_id": arena_id, "since": _a_day_ago()}

        def work(connection: Connection) -> list[ContestantStats]:
            # The open ones come first: a turn that ends in between is then read again next time.
            hidden = [
                stats_of(Answer(**row._mapping, style=_NO_STYLE))
                for row in connection.execute(_OPEN_ANSWERS, values)
            ]
            told = {}
            for row in connection.execute(STATS, {"arena_id": arena_id}):
                found = ContestantStats(*row)
                told[found.contestant_id] = found
            for one in hidden:
                if one.contestant_id in told:
                    told[one.contestant_id] = _less(told[one.contestant_id], one)
            return [_rounded(stats) for stats in told.values() if stats.answers > 0]

        return await self._run.read(work)


def _less(all_of: ContestantStats, one: ContestantStats) -> ContestantStats:
    left: dict[str, Any] = {name: getattr(all_of, name) - getattr(one, name) for name in _NUMBERS}
    return replace(all_of, **left)


def _rounded(stats: ContestantStats) -> ContestantStats:
    """Cut the last digits, in which a sum differs once something was added and taken away."""
    sums = {name: getattr(stats, name) for name in _NUMBERS}
    cut: dict[str, Any] = {
        n: float(f"{v:.{_DIGITS}g}") for n, v in sums.items() if isinstance(v, float)
    }
    return replace(stats, **cut)


def _a_day_ago() -> UUID:
    """Return what is smaller than the id of every battle of the last 24 hours."""
    return UUID(int=((uuid7().int >> 80) - _DAY_MS) << 80)
