"""What a message must pass before it is stored or sent, and what looks at answers afterwards."""

import asyncio
import logging
from collections.abc import Sequence

from blindarena.arena.moderation_ports import ModerationBook, Moderator
from blindarena.arena.repeats import Repeats
from blindarena.domain.arenas import Arena
from blindarena.domain.battles import Answer, Battle
from blindarena.errors import BlindArenaError, ModerationError

log = logging.getLogger("blindarena.arena")


class Gate:
    """Damps repeated messages and asks the moderators.

    It comes after the screening of personal data: what that replaced reaches no moderator.

    Args:
        repeats: knows messages again.
        moderator: looks at texts; None lets all pass.
        book: counts what was done.
    """

    def __init__(
        self, *, repeats: Repeats, moderator: Moderator | None, book: ModerationBook
    ) -> None:
        self.repeats = repeats
        self._moderator = moderator
        self._book = book
        self._tasks: set[asyncio.Task[None]] = set()

    async def message(
        self,
        arena: Arena,
        battle: Battle,
        content: str,
        *,
        first: bool,
        digests: Sequence[str] = (),
    ) -> None:
        """Let a voter's message pass.

        Args:
            arena: where it is written.
            battle: in which battle.
            content: as it would be sent.
            first: it begins the battle.
            digests: of its pictures, which no moderator looks at.

        Raises:
            RateLimitError: the same browser has begun too many battles with it of late.
            ModerationError: it was held back; nothing was stored or sent.
        """
        if self._moderator is not None and arena.kind == "live":
            verdict = await self._moderator(content)
            if verdict.failed:
                await self._book.count(arena.id, "checks-failed")
            if verdict.flagged:
                await self._book.count(arena.id, "messages-refused")
                raise ModerationError(_UNCHECKED if verdict.failed else _REFUSED)
        if first:
            await self.repeats.damp(battle, content, digests=digests)

    def answers(self, arena: Arena, answers: Sequence[Answer]) -> None:
        """Look at stored answers beside everything else; one that is flagged is only marked."""
        given = [answer for answer in answers if answer.text]
        if self._moderator is not None and arena.kind == "live" and given:
            task = asyncio.create_task(self._look(self._moderator, arena, given))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Return when all answers so far have been looked at."""
        await asyncio.gather(*self._tasks)

    async def _look(self, moderator: Moderator, arena: Arena, answers: Sequence[Answer]) -> None:
        try:
            for answer in answers:
                verdict = await moderator(answer.text)
                if verdict.failed:
                    await self._book.count(arena.id, "checks-failed")
                elif verdict.flagged:
                    await self._book.flag(answer.turn_id, answer.side)
                    await self._book.count(arena.id, "answers-flagged")
        except BlindArenaError as error:
            log.error("answers could not be moderated: %s", error)


_REFUSED = (
    "This message can't be sent here: it is against the rules of this arena. Nothing was sent or "
    "stored. Please change it."
)
_UNCHECKED = (
    "This message could not be checked against the rules of this arena, so it was not sent. "
    "Please try again in a moment."
)
