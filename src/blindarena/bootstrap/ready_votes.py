"""Votes that nobody casts here: those of simulated voters, and those of a published board."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from blindarena.bootstrap.plan import ArenaPlan
from blindarena.demo.pairs import ordered_pair_counts
from blindarena.demo.replay import Truth
from blindarena.demo.simulate import simulate_counts, to_pair_counts
from blindarena.domain.arenas import Arena, Contestant
from blindarena.leaderboard.ports import Counts


async def simulate(
    truth: Truth,
    arena: Arena,
    contestants: Sequence[Contestant],
    counts: Counts,
    *,
    voters: int,
    before: int,
) -> tuple[int, int]:
    """Add simulated voters to the simulated board.

    Args:
        truth: the planted strengths.
        arena: whose board.
        contestants: of the arena.
        counts: where the votes are counted.
        voters: how many.
        before: votes that the simulated board has; it seeds the new ones.

    Returns:
        How many voters and how many votes that board holds then.
    """
    by_name = {c.name: c for c in contestants}
    names = [name for name in truth.strengths if name in by_name]
    drawn = simulate_counts(
        [truth.strengths[name] for name in names],
        voters=voters,
        battles_per_voter=truth.battles_per_voter,
        tie_share=truth.tie_share,
        both_bad_share=truth.both_bad_share,
        rng=np.random.default_rng(before),
    )
    pairs = to_pair_counts(drawn, [by_name[name].id for name in names])
    await counts.add(arena.id, pairs, population="simulated")
    votes = before + sum(pair.total for pair in pairs)
    return votes // truth.battles_per_voter, votes


async def publish(
    plan: ArenaPlan, arena: Arena, contestants: Sequence[Contestant], counts: Counts, *, before: int
) -> None:
    """Write the votes of a published board, unless they are there.

    Args:
        plan: with the votes.
        arena: as stored.
        contestants: as stored; their ids may differ from the plan's.
        counts: where the votes are counted.
        before: votes that the published board has.
    """
    if before == sum(pair.total for pair in plan.published):
        return
    given = {c.id: c.name for c in plan.contestants}
    lasting = {c.name: c.id for c in contestants}
    ids = {old: lasting[name] for old, name in given.items()}
    found = ordered_pair_counts(
        replace(pair, first=ids[pair.first], second=ids[pair.second]) for pair in plan.published
    )
    await counts.replace(arena.id, found, population="published")
