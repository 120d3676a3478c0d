"""People's votes on judged pairs in SQL."""

from dataclasses import fields

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from blindarena.domain.judge_votes import JudgeVote
from blindarena.storage.judge_vote_table import judge_votes
from blindarena.storage.runner import Runner

_FIELDS = tuple(field.name for field in fields(JudgeVote))
_ADD = insert(judge_votes)
_ALL = select(*(judge_votes.c[name] for name in _FIELDS)).order_by(
    judge_votes.c.at, judge_votes.c.id
)
_OF_RUN = _ALL.where(judge_votes.c.run == bindparam("run"))
_OF_RATER = _ALL.where(judge_votes.c.rater == bindparam("rater"))
_RATERS = select(judge_votes.c.rater).distinct().order_by(judge_votes.c.rater)


class JudgeVotes:
    """People's votes on judged pairs; a changed vote is a new row."""

    def __init__(self, runner: Runner) -> None:
        self._run = runner

    async def add(self, vote: JudgeVote) -> None:
        """Store a vote; it is durable when this returns."""
        values = {name: getattr(vote, name) for name in _FIELDS}
        await self._run.write(lambda connection: connection.execute(_ADD, values).close())

    async def counted(self, run: str) -> list[JudgeVote]:
        """Return the votes on a run that count: of each rater and item the latest."""

        def work(connection: Connection) -> list[JudgeVote]:
            rows = connection.execute(_OF_RUN, {"run": run})
            latest = {(vote.rater, vote.item): vote for vote in map(_vote, rows)}
            return list(latest.values())

        return await self._run.read(work)

    async def of_rater(self, rater: str) -> list[JudgeVote]:
        """Return every row of a pseudonym, the first one first."""
        return await self._run.read(
            lambda c: [_vote(row) for row in c.execute(_OF_RATER, {"rater": rater})]
        )

    async def raters(self, beginning: str) -> list[str]:
        """Return the pseudonyms that begin so."""
        like = func.substr(judge_votes.c.rater, 1, len(beginning)) == beginning
        return await self._run.read(lambda c: list(c.scalars(_RATERS.where(like))))

    async def relabel(self, rater: str, label: str) -> int:
        """Put a label in the place of a pseudonym; return how many rows it had."""
        mine = update(judge_votes).where(judge_votes.c.rater == rater).values(rater=label)
        return await self._run.write(lambda c: c.execute(mine).rowcount)

    async def delete_run(self, run: str) -> int:
        """Delete every vote on a run; return how many rows there were."""
        gone = delete(judge_votes).where(judge_votes.c.run == run)
        return await self._run.write(lambda c: c.execute(gone).rowcount)


def _vote(row: object) -> JudgeVote:
    return JudgeVote(**dict(zip(_FIELDS, row, strict=True)))  # type: ignore[call-overload]
