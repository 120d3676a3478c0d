"""Runs of judges that lie in the server's folder: listed, opened, voted on."""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from blindarena.arena.ports import AuditLog, Clock
from blindarena.arena.sessions import SessionService
from blindarena.bootstrap.folders import data_folder
from blindarena.bootstrap.plan import Plan
from blindarena.domain.battles import Outcome, Session
from blindarena.domain.ids import uuid7
from blindarena.domain.judge_votes import JudgeVote
from blindarena.errors import InputError, InvalidInputError, NotFoundError
from blindarena.judge.browsing.blind import View, view_of
from blindarena.judge.browsing.filtering import Wanted, chosen
from blindarena.judge.browsing.items import Item
from blindarena.judge.browsing.open_run import OpenRun, Seen
from blindarena.judge.browsing.people import Agreement, agreements, vote_rows
from blindarena.judge.browsing.ports import JudgeVotes
from blindarena.judge.browsing.progress import RunFacts, RunProgress
from blindarena.judge.run_folder import RunFolder
from blindarena.judge.scoring.summary import RunScores
from blindarena.storage.database import Database

_OPEN: Final = 3
"""Runs whose texts are kept in memory."""
_PEEKS: Final = 50_000
T = TypeVar("T")


def judge_runs_folder(plan: Plan) -> Path:
    """Return where runs are looked for: `[server] judge_runs`, or beside the database."""
    own = plan.settings.server.judge_runs
    return plan.settings.root / own if own is not None else data_folder(plan) / "judge-runs"


def judge_run_desk(
    plan: Plan, database: Database, sessions: SessionService, *, now: Clock
) -> "JudgeRunDesk":
    """Make the desk of a server."""
    return JudgeRunDesk(
        judge_runs_folder(plan),
        votes=database.judge_votes,
        sessions=sessions,
        audit=database.audit,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run says, and people of it.

    Attributes:
        categories: of the items, sorted.
        items: how many there are.
        votes: that count, of how many raters.
    """

    facts: RunFacts
    scores: RunScores
    categories: tuple[str, ...]
    items: int
    agreements: list[Agreement]
    votes: int
    raters: int


class JudgeRunDesk:
    """Finds runs, keeps them up to date, and takes people's votes on what was judged.

    Args:
        folder: each folder in it with a `run.json` is a run; it need not be there.
        votes: where votes are kept.
        sessions: for pseudonyms.
        audit: is told when votes are deleted.
        now: the clock, in UTC.
    """

    def __init__(
        self,
        folder: Path,
        *,
        votes: JudgeVotes,
        sessions: SessionService,
        audit: AuditLog,
        now: Clock,
    ) -> None:
        self.folder = folder
        self._votes = votes
        self._sessions = sessions
        self._audit = audit
        self._now = now
        self._progress: dict[str, RunProgress] = {}
        self._opened: OrderedDict[str, OpenRun] = OrderedDict()
        self._peeked: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._reading = asyncio.Lock()

    async def runs(self) -> list[RunFacts]:
        """Return how far every run is, the one that was written last first."""

        def work() -> list[RunFacts]:
            names = self._names()
            for gone in self._progress.keys() - set(names):
                del self._progress[gone]
            found = [self._facts(name) for name in names]
            return sorted(found, key=lambda one: (-(one.changed_at or 0), one.name))

        return await self._read(work)

    async def summary(self, run: str) -> Summary:
        """Return what a run says of contestants and judges, with what people say of the judges."""

        def work() -> tuple[RunFacts, Seen, RunScores]:
            opened = self._open(run)
            return self._facts(run), opened.seen(), opened.scores()

        facts, seen, scores = await self._read(work)
        votes = await self._votes.counted(run)
        return Summary(
            facts=facts,
            scores=scores,
            categories=tuple(sorted({item.category for item in seen.items.values()})),
            items=len(seen.items),
            agreements=agreements(seen.items, votes),
            votes=len(votes),
            raters=len({vote.rater for vote in votes}),
        )

    async def items(
        self, run: str, session: Session, wanted: Wanted, *, open_: bool
    ) -> tuple[list[Item], Callable[[Item], View]]:
        """Return the items that are asked for, in their order, and how this person sees each."""
        seen = await self._seen(run)
        rater = await self._sessions.rater(session)
        votes = await self._votes.counted(run)
        of_item: dict[str, list[JudgeVote]] = {}
        for vote in votes:
            of_item.setdefault(vote.item, []).append(vote)
        mine = {vote.item for vote in votes if vote.rater == rater}
        found = await asyncio.to_thread(chosen, seen.items.values(), wanted, voted=mine)

        def look(item: Item) -> View:
            return view_of(item, rater=rater, votes=of_item.get(item.key, []), open_=open_)

        return found, look

    async def item(self, run: str, key: str, session: Session, *, open_: bool) -> View:
        """Return one item; who looks at it openly does not vote on it blind any more.

        Raises:
            NotFoundError: the run has no such item, or not any more.
        """
        item = (await self._seen(run)).items.get(key)
        if item is None:
            raise NotFoundError(
                f"the run {run!r} has no item {key!r}; its answers may have changed since"
            )
        rater = await self._sessions.rater(session)
        votes = await self._votes.counted(run)
        if open_:
            self._peeked[rater, key] = None
            if len(self._peeked) > _PEEKS:
                self._peeked.popitem(last=False)
        return view_of(item, rater=rater, votes=votes, open_=open_)

    async def vote(
        self, run: str, key: str, session: Session, outcome: Outcome, *, blind: bool
    ) -> View:
        """Store a vote about the two sides as this person sees them, durably.

        Args:
            run: name of the run.
            key: of the item.
            session: of an owner or a reviewer.
            outcome: about the sides.
            blind: nothing was shown before; what this person has voted on or opened is not blind.

        Raises:
            NotFoundError: the run has no such item.
            InvalidInputError: there is one answer only.
        """
        before = await self.item(run, key, session, open_=False)
        item = before.item
        if len(item.contestants) < 2:
            raise InvalidInputError("there is only one answer here, so nothing to choose from")
        rater = await self._sessions.rater(session)
        peeked = before.mine is not None or (rater, key) in self._peeked
        await self._votes.add(
            JudgeVote(
                id=uuid7(),
                run=run,
                item=key,
                question_id=item.question.id,
                turn=item.turn,
                model_a=item.contestants[0],
                model_b=item.contestants[1],
                outcome=before.turned(outcome),
                blind=blind and not peeked,
                rater=rater,
                at=self._now(),
            )
        )
        return await self.item(run, key, session, open_=False)

    async def export(self, run: str) -> list[dict[str, Any]]:
        """Return the votes that count as rows of a vote file."""
        seen = await self._seen(run)
        return vote_rows(seen.items, await self._votes.counted(run))

    async def delete_votes(self, run: str) -> int:
        """Delete all votes on a run, also of one that is gone; the audit log says so."""
        rows = await self._votes.delete_run(run)
        if rows:
            await self._audit.add(
                at=self._now(),
                who="Owner",
                what="Deleted the votes on a run of judges",
                detail=f"{run}: {rows} rows",
            )
        return rows

    async def _read(self, work: Callable[[], T]) -> T:
        """Read files beside the event loop, one reader at a time; a wrong file is bad input."""
        async with self._reading:
            try:
                return await asyncio.to_thread(work)
            except InputError as error:
                raise InvalidInputError(self._within(str(error))) from error

    async def _seen(self, run: str) -> Seen:
        return await self._read(lambda: self._open(run).seen())

    def _names(self) -> list[str]:
        try:
            return sorted(one.parent.name for one in self.folder.glob("*/run.json"))
        except OSError:
            return []

    def _facts(self, name: str) -> RunFacts:
        if name not in self._progress:
            self._progress[name] = RunProgress(RunFolder(self.folder / name))
        facts = self._progress[name].facts()
        return replace(facts, problem=self._within(facts.problem))

    def _within(self, text: str) -> str:
        """Leave out where on the machine the folder is."""
        return text.replace(f"{self.folder}{os.sep}", "")

    def _open(self, run: str) -> OpenRun:
        if run not in self._names():
            self._opened.pop(run, None)
            raise NotFoundError(f"there is no run {run!r} in {self.folder.name}")
        if run not in self._opened:
            self._opened[run] = OpenRun(RunFolder(self.folder / run))
            if len(self._opened) > _OPEN:
                self._opened.popitem(last=False)
        self._opened.move_to_end(run)
        return self._opened[run]
