"""Builds the review queue on one database."""

import time
from collections.abc import Callable, Sequence

from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import Clock
from blindarena.arena.queue import QueueService
from blindarena.arena.queue_boards import HeldBoards
from blindarena.arena.queue_invites import InviteService
from blindarena.arena.queue_planning import QueuePlanner
from blindarena.arena.queue_progress import QueueProgressDesk
from blindarena.arena.queue_raters import Raters
from blindarena.arena.queue_voting import QueueVoting
from blindarena.arena.screening import Screening
from blindarena.arena.sessions import SessionService
from blindarena.bootstrap.replays import Replays
from blindarena.storage.database import Database


class QueueDesk:
    """The services of the review queue: `service`, `voting`, `invites`, `progress`, `boards`."""

    def __init__(
        self,
        *,
        replays: Callable[[], Replays],
        database: Database,
        pool: ContestantPool,
        sessions: SessionService,
        screening: Screening,
        now: Clock,
    ) -> None:
        self._replays = replays
        self.invites = InviteService(invites=database.invites, audit=database.audit, now=now)
        planner = QueuePlanner(
            queue=database.queue,
            prepared=database.prepared,
            pool=pool,
            replays=self._replayed,
            now=now,
            clock=time.monotonic,
        )
        raters = Raters(
            sessions=sessions,
            invites=self.invites,
            members=database.invites,
            queue=database.queue,
            now=now,
        )
        self.service = QueueService(
            queue=database.queue,
            raters=raters,
            planner=planner,
            battles=database.battles,
            changes=database.vote_changes,
            pool=pool,
            now=now,
        )
        self.voting = QueueVoting(
            votes=database.votes,
            queue=database.queue,
            changes=database.vote_changes,
            battles=database.battles,
            raters=raters,
            pool=pool,
            screening=screening,
            now=now,
        )
        self.progress = QueueProgressDesk(
            queue=database.queue, members=database.invites, planner=planner
        )
        self.boards = HeldBoards(queue=database.queue, planner=planner, now=now)

    def _replayed(self, deployments: Sequence[str], text: str) -> tuple[str, str] | None:
        """Return the first deployment, of those that replay, with an answer to this message."""
        for name in deployments:
            answer = self._replays().get(name, {}).get(text)
            if answer is not None:
                return name, answer
        return None
