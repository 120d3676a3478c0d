"""Personal data in what voters write: asked about, replaced or refused before it goes anywhere."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from blindarena.arena.screening_ports import Looked, PersonalData, Restorer, Values
from blindarena.domain.arenas import Arena
from blindarena.domain.battles import SIDES, Side, TurnRecord
from blindarena.errors import PersonalDataError

_KEPT = 5_000
_AT_ONCE = 4_000
"""Characters that are looked through at once; longer texts in a thread."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A message that may go on.

    Attributes:
        text: what is sent, stored and shown.
        replaced: in words what has a placeholder now; "" is nothing.
        values: the placeholders of the conversation.
    """

    text: str = field(repr=False)
    replaced: str = ""
    values: Values = field(default_factory=dict, repr=False)


class Screening:
    """Looks at every message before it is stored or sent, in one place.

    The values behind placeholders stay in this object's memory, for the open battles alone: after a
    restart, and in another process, placeholders stay placeholders.

    Args:
        personal_data: finds it.
        kept: of so many battles the values are kept; those used longest ago go.
    """

    def __init__(self, personal_data: PersonalData, *, kept: int = _KEPT) -> None:
        self._personal_data = personal_data
        self._size = kept
        self._values: OrderedDict[UUID, Values] = OrderedDict()

    async def message(
        self,
        arena: Arena,
        battle_id: UUID,
        text: str,
        *,
        turns: Sequence[TurnRecord] = (),
        confirmed: bool = False,
        prepared: bool = False,
    ) -> Passed:
        """Return what may be stored and sent of a message.

        Args:
            arena: says what is done about personal data.
            battle_id: whose conversation it belongs to.
            text: what was written.
            turns: the conversation until now.
            confirmed: the voter was asked and sends it all the same; for `warn`.
            prepared: the owner's prompt, about which no voter can be asked. What a replay arena
                has prepared goes nowhere and is not looked at.

        Raises:
            PersonalDataError: under `block`, or under `warn` until confirmed. It names kinds.
        """
        if arena.pii == "off" or (prepared and (arena.pii == "warn" or arena.kind == "replay")):
            return Passed(text)
        looked = await self._look(arena, text, self._of(battle_id, turns))
        if arena.pii == "redact":
            if looked.values:
                self._put(battle_id, looked.values)
            return Passed(looked.text, looked.summary if looked.counts else "", looked.values)
        if looked.counts and (arena.pii == "block" or not confirmed):
            raise _refusal(arena, looked, prepared=prepared)
        return Passed(text)

    async def comment(self, arena: Arena, battle_id: UUID, text: str) -> str:
        """Return a vote's comment as it may be stored.

        A comment goes to nobody, and no vote is lost for its sake: under `redact` and `block`
        placeholders take the place of personal data, under `warn` it stays.
        """
        if not text or arena.pii not in ("redact", "block"):
            return text
        return (await self._look(arena, text, self._values.get(battle_id, {}))).text

    def restorers(self, arena: Arena, values: Values) -> Mapping[Side, Restorer]:
        """Return what puts values back into each side's answer; empty: they stay as they come."""
        if not arena.restore_placeholders or not values:
            return {}
        return {side: self._personal_data.restorer(values=values) for side in SIDES}

    def shown(
        self, arena: Arena, battle_id: UUID, turns: Sequence[TurnRecord]
    ) -> Sequence[TurnRecord]:
        """Return turns as their voter may see them, with the values that are still known."""
        values = self._values.get(battle_id)
        if not arena.restore_placeholders or not values:
            return turns
        back = self._personal_data.restore
        return [
            TurnRecord(
                record.turn,
                {
                    side: replace(answer, text=back(answer.text, values=values))
                    for side, answer in record.answers.items()
                },
            )
            for record in turns
        ]

    def forget(self, battle_id: UUID) -> None:
        """Drop the values of a battle that is over."""
        self._values.pop(battle_id, None)

    async def _look(self, arena: Arena, text: str, values: Values) -> Looked:
        if len(text) <= _AT_ONCE and not arena.name_model:
            return self._personal_data.look(arena, text, values=values)
        return await asyncio.to_thread(self._personal_data.look, arena, text, values=values)

    def _of(self, battle_id: UUID, turns: Sequence[TurnRecord]) -> Values:
        """Return the conversation's placeholders; those of lost values stand for themselves.

        So a new value never gets a placeholder that already means another one.
        """
        known: Mapping[str, str] = self._values.get(battle_id, {})
        lost = {
            name: name
            for record in turns
            for name in self._personal_data.placeholders(record.turn.content)
            if name not in known
        }
        return {**known, **lost}

    def _put(self, battle_id: UUID, values: Values) -> None:
        self._values[battle_id] = values
        self._values.move_to_end(battle_id)
        if len(self._values) > self._size:
            self._values.popitem(last=False)


def _refusal(arena: Arena, looked: Looked, *, prepared: bool) -> PersonalDataError:
    if prepared:
        cure = "It was not sent; please tell whoever looks after this arena."
        return PersonalDataError(
            f"This prompt seems to hold {looked.summary}. {cure}", found=looked.counts, ask=False
        )
    if arena.pii == "block":
        cure = "This arena takes none: nothing was sent or stored. Please take it out."
        return PersonalDataError(
            f"Your message seems to hold {looked.summary}. {cure}", found=looked.counts, ask=False
        )
    cure = "Nothing has been sent or stored yet."
    return PersonalDataError(
        f"Your message seems to hold {looked.summary}. {cure}", found=looked.counts, ask=True
    )
