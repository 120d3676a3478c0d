"""When the board of an arena is held back, so that raters learn nothing from its moves."""

from blindarena.arena.closing import has_closed
from blindarena.arena.ports import Clock
from blindarena.arena.queue_planning import QueuePlanner
from blindarena.arena.queue_ports import Queue
from blindarena.domain.arenas import Arena
from blindarena.errors import BoardHeldError


def may_hold(arena: Arena) -> bool:
    """Say whether an arena's board waits for the end of its queue.

    Where battles are possible too, each of them ends with the names, so a board tells little more;
    it is held back there only if the owner says so.
    """
    if "queue" not in arena.modes or arena.queue.board is not None:
        return "queue" in arena.modes and arena.queue.board == "after"
    return set(arena.modes) == {"queue"}


class HeldBoards:
    """Keeps boards back from everybody but the owner and reviewers.

    A vote on a pair of the queue never names the two. In a small queue a board that moves with it
    would: whoever looks before and after a vote of their own sees whose rating has changed.

    Args:
        now: the clock, in UTC.
    """

    def __init__(self, *, queue: Queue, planner: QueuePlanner, now: Clock) -> None:
        self._queue = queue
        self._planner = planner
        self._now = now

    async def check(self, arena: Arena) -> None:
        """Raise BoardHeldError until every planned rating is there, or the deadline has passed."""
        if not may_hold(arena) or has_closed(arena, self._now()):
            return
        playing = await self._planner.playing(arena)
        totals = await self._queue.totals(arena.id, arena.version, playing)
        if totals.done < totals.wanted:
            raise BoardHeldError(
                "this board is shown when every pair of the review queue has been rated, "
                f"or at the deadline; {totals.done} of {totals.wanted} ratings are there"
            )
