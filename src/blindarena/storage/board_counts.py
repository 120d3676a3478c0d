"""What boards are computed from while battles are open: nothing that tells who is in them."""

from dataclasses import fields, replace
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Double,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    text,
)

from blindarena.domain.boards import ContestantStats
from blindarena.storage.counts import STATS, Counts
from blindarena.storage.tables import answers, battles, turns

# Written out, as in the index of open battles: with parameters SQLite would not use it.
_OPEN = text("battles.status IN ('waiting', 'streaming', 'votable')")
_DIGITS = 12
_NUMBERS = tuple(field.name for field in fields(ContestantStats) if field.name != "contestant_id")


def _sum(of: Any, *conditions: Any) -> Any:
    return func.coalesce(func.sum(case((and_(*conditions), of), else_=0)), 0)


def _open_sums() -> Select[Any]:
    """Ask for what `domain.tallies.stats_of` adds up, of the answers in open battles."""
    a = answers.c
    answered, failed = a.fault.is_(None), a.fault.is_not(None)
    priced, begun = (answered, a.cost_usd.is_not(None)), (answered, a.ttft_s.is_not(None))
    took = a.seconds - a.ttft_s
    paced = (*begun, a.completion_tokens.is_not(None), took > 0)
    tokens = cast(a.completion_tokens, Double)
    refused = or_(a.fault == "declined", a.finish_reason == "content_filter")
    sums = {
        "answers": func.count(),
        "errors": _sum(1, failed),
        "refusals": _sum(1, failed, refused),
        "timeouts": _sum(1, a.fault == "timeout"),
        "cost_sum": _sum(a.cost_usd, *priced),
        "cost_sq": _sum(a.cost_usd * a.cost_usd, *priced),
        "cost_n": _sum(1, *priced),
        "ttft_sum": _sum(a.ttft_s, *begun),
        "ttft_sq": _sum(a.ttft_s * a.ttft_s, *begun),
        "ttft_n": _sum(1, *begun),
        "tokens_sum": _sum(a.completion_tokens, *paced),
        "tokens_sq": _sum(tokens * tokens, *paced),
        "generation_seconds_sum": _sum(took, *paced),
        "generation_seconds_sq": _sum(took * took, *paced),
        "tokens_seconds": _sum(tokens * took, *paced),
        "speed_n": _sum(1, *paced),
    }
    return (
        select(a.contestant_id, *(sums[name] for name in _NUMBERS))
        .join_from(battles, turns, turns.c.battle_id == battles.c.id)
        .join(answers, a.turn_id == turns.c.id)
        .where(
            battles.c.arena_id == bindparam("arena_id"),
            _OPEN,
            battles.c.mode == "battle",
            turns.c.status != "interrupted",  # these are in no sum
        )
        .group_by(a.contestant_id)
    )


_OPEN_SUMS = _open_sums()


class BoardCounts(Counts):
    """Counts for everybody's eyes.

    The sums over answers grow when a turn ends, before the vote: a mean that moves would tell who
    the two contestants are, and by its new value which of them is on which side. So what was
    measured in battles that may still get their vote is left out here, however old they are.
    """

    async def stats(self, arena_id: UUID) -> list[ContestantStats]:
        """Return the sums over the answers of each contestant, without those of open battles."""
        values = {"arena_id": arena_id}

        def work(connection: Connection) -> list[ContestantStats]:
            # The open ones come first: a turn that ends in between is then read again next time.
            hidden = [ContestantStats(*row) for row in connection.execute(_OPEN_SUMS, values)]
            told = {}
            for row in connection.execute(STATS, values):
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
