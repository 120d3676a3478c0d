"""What stands before battles: proof of work, damping of repetitions, moderation."""

import random
import time
from collections.abc import Mapping

from blindarena.arena.challenges import Challenges
from blindarena.arena.gate import Gate
from blindarena.arena.limits import Rate, RateLimiter
from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import Clock
from blindarena.arena.repeats import Repeats
from blindarena.bootstrap.moderation import Moderators
from blindarena.bootstrap.plan import Plan
from blindarena.storage.database import Database


class Guards:
    """Builds them from a plan; `open` reads what the plan names, `close` ends what runs."""

    def __init__(
        self, *, plan: Plan, database: Database, environ: Mapping[str, str], now: Clock
    ) -> None:
        settings = plan.settings
        limits = settings.limits
        per_minute = limits.same_prompt_per_session
        self._moderators = Moderators(settings.moderation, root=settings.root, environ=environ)
        self.book = database.moderation
        self.repeats = Repeats(
            vault=database.vault,
            damping=RateLimiter(
                "battles with the same message",
                rate=Rate(per_minute=per_minute, burst=max(1, round(per_minute))),
                now=time.monotonic,
            ),
            images=database.images,
        )
        self.gate = Gate(
            repeats=self.repeats,
            moderator=self._moderators if self._moderators.any else None,
            book=self.book,
        )
        self.challenges = Challenges(
            vault=database.vault,
            asked=limits.challenge,
            difficulty=limits.challenge_difficulty,
            rng=random.SystemRandom(),
            now=now,
        )

    @property
    def moderates(self) -> bool:
        """Whether anything looks at messages."""
        return self._moderators.any

    async def any_challenge(self, pool: ContestantPool) -> bool:
        """Say whether a proof of work is asked for anywhere."""
        return self.challenges.asked != "off" or any(arena.challenge for arena in await pool.all())

    def open(self) -> None:
        """Read the word list and the endpoint's key.

        Raises:
            ConfigError: `[moderation]` names a file or a variable that is not there.
        """
        self._moderators.open()

    async def close(self) -> None:
        """Let the last answers be looked at, then close the connection to the endpoint."""
        await self.gate.settled()
        await self._moderators.close()
