"""The same message once more: marked for the vote rule, and damped."""

import secrets
from collections.abc import Sequence
from uuid import UUID

from blindarena.arena.limits import RateLimiter
from blindarena.arena.ports import Vault
from blindarena.domain.battles import Battle, TurnRecord
from blindarena.domain.repeats import PROMPT_KEY, prompt_mark


class Repeats:
    """Knows messages again by a keyed hash.

    Args:
        vault: keeps the key.
        damping: how often one browser may begin a battle with the same message.
    """

    def __init__(self, *, vault: Vault, damping: RateLimiter) -> None:
        self._vault = vault
        self._damping = damping
        self._key: bytes | None = None

    async def mark(self, battle: Battle, turns: Sequence[TurnRecord]) -> str | None:
        """Return the mark of a battle's first message, given its complete turns.

        None in the review queue, where a rater gets each prompt with several pairs.
        """
        if battle.mode == "queue" or not turns or turns[0].turn.number != 1:
            return None
        return await self._mark(battle.arena_id, battle.voter, turns[0].turn.content)

    async def damp(self, battle: Battle, content: str) -> None:
        """Take note that a battle begins with a message.

        Raises:
            RateLimitError: this browser has begun too many with it of late.
        """
        mark = await self._mark(battle.arena_id, battle.voter, content)
        self._damping.spend(f"{battle.session_id}:{mark}")

    async def _mark(self, arena_id: UUID, voter: str, content: str) -> str:
        if self._key is None:
            stored = await self._vault.put_if_absent(PROMPT_KEY, secrets.token_hex(32))
            self._key = bytes.fromhex(stored)
        return prompt_mark(self._key, arena_id=arena_id, voter=voter, content=content)
