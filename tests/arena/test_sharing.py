"""Links to battles over stores in memory."""

import hashlib
from typing import Any

from blindarena.arena.pool import ContestantPool
from blindarena.arena.sharing import SharingService
from blindarena.arena.voting import VotingService
from blindarena.domain.shares import Share
from blindarena.testing.memory import MemoryDatabase
from storage.builders import START, record, vote, world

MANY = 501


async def test_a_link_still_leads_to_a_battle_that_its_voter_cast_many_votes_after() -> None:
    database = MemoryDatabase()
    w = await world(database)
    battles: Any = database.battles
    nothing: Any = None
    pool = ContestantPool(arenas=database.arenas, models=nothing)
    voting = VotingService(
        votes=database.votes,
        changes=database.vote_changes,
        battles=battles,
        pool=pool,
        repeats=nothing,
        now=lambda: START,
        breaches={},
    )
    sharing = SharingService(
        shares=database.shares,
        stored=database.battles,
        battles=battles,
        voting=voting,
        pool=pool,
        now=lambda: START,
    )
    old = await w.votable()
    await w.record(old, "model_b")
    for _ in range(MANY):
        later = await w.battle(status="votable")
        await record(database, later, vote(later, "tie"))
    digest = hashlib.sha256(b"token").hexdigest()
    await database.shares.add(Share(token_hash=digest, battle_id=old.id, created_at=START))

    shared = await sharing.read("token")

    assert shared.outcome == "model_b"
    assert shared.contestants == {"a": w.contestants[0].name, "b": w.contestants[1].name}
