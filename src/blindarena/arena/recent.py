"""Battles of the last minutes as this process knows them, so that a vote reads nothing."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from blindarena.domain.battles import Answer, Battle, BattleStatus, Turn, TurnRecord

_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class Known:
    """A battle and its ended turns; where another process went on, the status is old."""

    battle: Battle
    turns: tuple[TurnRecord, ...]


class RecentBattles:
    """What was written by this process lately; anything else is read from the database."""

    def __init__(self, size: int = _KEPT) -> None:
        self._size = size
        self._known: OrderedDict[UUID, Known] = OrderedDict()

    def put(self, battle: Battle, turns: Sequence[TurnRecord]) -> Known:
        """Remember a battle; the one that was used longest ago goes."""
        known = self._known[battle.id] = Known(battle, tuple(turns))
        self._known.move_to_end(battle.id)
        if len(self._known) > self._size:
            self._known.popitem(last=False)
        return known

    def get(self, battle_id: UUID) -> Known | None:
        """Return what is known."""
        return self._known.get(battle_id)

    def ended(self, turn: Turn, answers: Sequence[Answer], status: BattleStatus) -> None:
        """Add a turn, with the battle's new status, once its end is stored."""
        known = self._known.get(turn.battle_id)
        if known is not None:
            record = TurnRecord(turn, {answer.side: answer for answer in answers})
            self.put(replace(known.battle, status=status), (*known.turns, record))

    def forget(self, battle_id: UUID) -> None:
        """Read this battle from the database next time."""
        self._known.pop(battle_id, None)
