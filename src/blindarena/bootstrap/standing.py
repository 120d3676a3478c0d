"""How arenas and contestants are at the moment: ready, loading, drawn how often."""

from collections.abc import Sequence
from typing import Literal

from blindarena.arena.closing import closed_text, has_closed
from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import Clock
from blindarena.arena.sampling import pair_probabilities
from blindarena.domain.arenas import Arena, Contestant
from blindarena.errors import NotReadyError
from blindarena.gateway.router import Router
from blindarena.leaderboard.racing import RacingPlans

ArenaStatus = Literal["ready", "loading", "unavailable", "closed", "read-only"]
Health = Literal["ready", "loading", "down", "disabled"]


class Standing:
    """What the pages tell of arenas and contestants; a part of `App`."""

    now: Clock
    pool: ContestantPool
    router: Router
    racing: RacingPlans

    async def arena_status(self, arena: Arena) -> tuple[ArenaStatus, str]:
        """Say whether the arena can be voted in now, and if not, why."""
        if arena.read_only:
            return "read-only", "a published board"
        if has_closed(arena, self.now()):
            return "closed", closed_text(arena)
        try:
            await self.pool.ready(arena)
        except NotReadyError as error:
            waiting = [
                detail
                for contestant in await self.pool.contestants(arena)
                for health, detail in [self.health(contestant)]
                if health == "loading"
            ]
            return ("loading", waiting[0]) if waiting else ("unavailable", str(error))
        return "ready", ""

    def health(self, contestant: Contestant) -> tuple[Health, str]:
        """Say how a contestant's first usable deployment is."""
        if not contestant.enabled:
            return "disabled", "switched off"
        known = self.router.statuses()
        statuses = [known[name] for name in contestant.deployments if name in known]
        for wanted in ("ready", "loading", "down"):
            for status in statuses:
                if status.status == wanted:
                    return status.status, status.detail
        return "down", "no deployment"

    def sampled(
        self, arena: Arena, contestant: Contestant, able: Sequence[Contestant]
    ) -> float | None:
        """Return how often a contestant is drawn, as a share of all places; None when never."""
        if contestant not in able:
            return 0.0
        try:
            pairs = pair_probabilities(
                able,
                policy=arena.sampling,
                baseline=arena.baseline,
                rates=self.racing(arena, able),
            )
        except NotReadyError:
            return None
        return sum(p for a, b, p in pairs if contestant.id in (a.id, b.id)) / 2
