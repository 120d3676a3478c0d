"""The turns that stream in this process."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from uuid import UUID

from blindarena.arena.events import TurnEvent
from blindarena.arena.ports import Battles
from blindarena.arena.turns import RunningTurn
from blindarena.errors import BattleStateError


class RunningTurns:
    """Which battles stream now, from just before that is stored until its end is.

    A battle that the database calls streaming and that is not here has lost its turn.
    """

    def __init__(self) -> None:
        self._starting: set[UUID] = set()
        self._turns: dict[UUID, RunningTurn] = {}

    def __contains__(self, battle_id: UUID) -> bool:
        return battle_id in self._starting or battle_id in self._turns

    def __len__(self) -> int:
        return len(self._turns)

    @contextmanager
    def starting(self, battle_id: UUID) -> Iterator[None]:
        """Hold a battle while its turn is stored and added.

        Raises:
            BattleStateError: another turn of it is starting.
        """
        if battle_id in self._starting:
            raise BattleStateError("this battle takes no message now; one is being sent")
        self._starting.add(battle_id)
        try:
            yield
        finally:
            self._starting.discard(battle_id)

    def add(self, battle_id: UUID, turn: RunningTurn) -> None:
        """Keep a turn until it has finished."""
        self._turns[battle_id] = turn
        turn.finished.add_done_callback(lambda _: self._turns.pop(battle_id, None))

    def get(self, battle_id: UUID) -> RunningTurn | None:
        """Return the turn that streams in a battle."""
        return self._turns.get(battle_id)

    async def close_lost(self, battle_id: UUID, battles: Battles) -> None:
        """Close a turn that nobody streams: the database failed when its end was to be stored."""
        turns = await battles.turns(battle_id)
        if battle_id in self:
            return  # the next one has begun meanwhile
        earlier = any(record.turn.status == "complete" for record in turns)
        for record in turns:
            if record.turn.status == "streaming":
                await battles.end_turn(
                    record.turn.id,
                    [],
                    status="interrupted",
                    battle_status="votable" if earlier else "waiting",
                )

    def all(self) -> list[RunningTurn]:
        """Return every turn that streams."""
        return list(self._turns.values())


async def reading(turn: RunningTurn) -> AsyncIterator[list[TurnEvent]]:
    """Yield the events of a turn; closing the iterator closes both upstreams."""
    try:
        async for batch in turn.events():
            yield batch
    finally:
        await turn.abandon()
