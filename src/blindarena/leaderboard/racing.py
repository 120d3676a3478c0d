"""Which pairs to draw next where only the best contestant is wanted, from the counts so far."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.boards import PairCount
from blindarena.leaderboard.background import Jobs, in_thread
from blindarena.leaderboard.cache import RecentlyUsed
from blindarena.leaderboard.counted import count
from blindarena.leaderboard.ports import Counts
from blindarena.ranking import (
    ELO_PER_NAT,
    fit_bradley_terry,
    largest_component,
    sandwich_covariance,
)

START = 30
"""Votes per contestant before a race begins; until then all pairs are drawn alike."""
EVERY_S = 5.0
FLOOR = 0.05
KEPT = 32

Rates = Mapping[tuple[UUID, UUID], float]
"""With which probability a pair meets, by its ids, the smaller first; all pairs, sum 1."""
_Key = tuple[UUID, int, float, tuple[UUID, ...]]


@dataclass(frozen=True, slots=True)
class _Plan:
    version: int
    at: float
    rates: Rates | None


class RacingPlans:
    """Keeps a plan for each group of contestants that race, and renews it beside the battles.

    Args:
        counts: where the votes are counted.
        clock: seconds that never go back.
        every_s: a plan is as old as this at most while battles are drawn.
        floor: share of the draws spread over all pairs, see `racing_plan`.
    """

    def __init__(
        self,
        counts: Counts,
        *,
        clock: Callable[[], float],
        every_s: float = EVERY_S,
        floor: float = FLOOR,
    ) -> None:
        self._counts = counts
        self._clock = clock
        self._every_s = every_s
        self._floor = floor
        self._jobs = Jobs()
        self._plans: RecentlyUsed[_Key, _Plan] = RecentlyUsed(KEPT)

    def __call__(self, arena: Arena, contestants: Sequence[Contestant]) -> Rates | None:
        """Return the plan there is, at once; None draws evenly.

        A plan that is missing or old is computed beside, for the draws to come.
        """
        if arena.sampling != "racing" or arena.margin is None or len(contestants) < 2:
            return None
        margin, ids = arena.margin, tuple(sorted(contestant.id for contestant in contestants))
        key = (arena.id, arena.version, margin, ids)
        known = self._plans.get(key)
        if known is None or self._clock() - known.at >= self._every_s:

            async def renew() -> None:
                await self._renew(key)

            self._jobs.start(key, None, renew)
        return None if known is None else known.rates

    async def idle(self) -> None:
        """Return when every plan asked for is computed."""
        await self._jobs.idle()

    async def close(self) -> None:
        """Drop what is being computed."""
        await self._jobs.close()

    async def _renew(self, key: _Key) -> None:
        arena_id, arena_version, margin, ids = key
        version = await self._counts.version(arena_id)
        known, at = self._plans.get(key), self._clock()
        if known is not None and known.version == version:
            rates = known.rates
        else:
            pairs = await self._counts.pairs(arena_id, population="people", version=arena_version)
            rates = await in_thread(
                lambda: race_rates(pairs, ids, margin=margin, floor=self._floor)
            )
        self._plans.put(key, _Plan(version, at, rates))


def race_rates(
    pairs: Sequence[PairCount], ids: Sequence[UUID], *, margin: float, floor: float = FLOOR
) -> Rates | None:
    """Return with which probability each pair of contestants is drawn next.

    Args:
        pairs: the votes so far; those of contestants that are not in `ids` are left out.
        ids: of the contestants that can be drawn.
        margin: smallest difference that matters, in Elo points.
        floor: see `racing_plan`.

    Returns:
        None while there are fewer than START votes per contestant, or one of them has no finite
        rating: then there is no race yet.
    """
    # Racing needs the whole ranking library; arenas that do not race never load it.
    from blindarena.ranking.decide import leading_bounds, stopping_bounds
    from blindarena.ranking.racing import racing_plan

    known = set(ids)
    counts = count([p for p in pairs if {p.first, p.second} <= known], ids).pair_counts
    if counts.votes.sum() < START * len(ids) or len(largest_component(counts)) < len(ids):
        return None
    theta = fit_bradley_terry(counts).theta
    covariance = sandwich_covariance(counts, theta)
    nats = margin / ELO_PER_NAT
    lower, upper = stopping_bounds(theta, covariance, margin=nats)
    ahead = leading_bounds(theta, covariance, margin=nats)
    plan = racing_plan(theta, covariance, lower, upper, margin=nats, floor=floor, ahead=ahead)
    ends = zip(plan.first.tolist(), plan.second.tolist(), plan.probability.tolist(), strict=True)
    return {_ordered(ids[first], ids[second]): probability for first, second, probability in ends}


def _ordered(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    return (one, other) if one < other else (other, one)
