"""The same message once more: marked for the vote rule, and damped."""

import secrets
from collections.abc import Sequence
from uuid import UUID

from blindarena.arena.image_ports import Images
from blindarena.arena.limits import RateLimiter
from blindarena.arena.ports import Vault
from blindarena.domain.battles import Battle, TurnRecord
from blindarena.domain.repeats import PROMPT_KEY, prompt_mark


class Repeats:
    """Knows messages again by a keyed hash.

    Args:
        vault: keeps the key.
        damping: how often one browser may begin a battle with the same message.
        images: the pictures of messages; None knows none.
    """

    def __init__(self, *, vault: Vault, damping: RateLimiter, images: Images | None = None) -> None:
        self._vault = vault
        self._damping = damping
        self._images = images
        self._key: bytes | None = None

    async def mark(self, battle: Battle, turns: Sequence[TurnRecord]) -> str | None:
        """Return the mark of a battle's first message, given its complete turns.

        None in the review queue, where a rater gets each prompt with several pairs.
        """
        if battle.mode == "queue" or not turns or turns[0].turn.number != 1:
            return None
        digests: list[str] = []
        if battle.images and self._images is not None:
            digests = [p.digest for p in await self._images.listed(battle.id) if p.number == 1]
        said = _said(turns[0].turn.content, digests)
        return await self._mark(battle.arena_id, battle.voter, said)

    async def damp(self, battle: Battle, content: str, *, digests: Sequence[str] = ()) -> None:
        """Take note that a battle begins with a message and the pictures of these digests.

        Raises:
            RateLimitError: this browser has begun too many with it of late.
        """
        mark = await self._mark(battle.arena_id, battle.voter, _said(content, digests))
        self._damping.spend(f"{battle.session_id}:{mark}")

    async def _mark(self, arena_id: UUID, voter: str, content: str) -> str:
        if self._key is None:
            stored = await self._vault.put_if_absent(PROMPT_KEY, secrets.token_hex(32))
            self._key = bytes.fromhex(stored)
        return prompt_mark(self._key, arena_id=arena_id, voter=voter, content=content)


def _said(content: str, digests: Sequence[str]) -> str:
    """Return what makes a message the same: the same question on another picture is another."""
    return " ".join((content, *digests))
