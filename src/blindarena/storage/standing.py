"""What the votes of one group come to by their voters' earlier votes, in SQL."""

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from blindarena.domain.battles import Vote
from blindarena.domain.exclusions import VoteRules, late_reason
from blindarena.storage.effective import IS_RETRACTED
from blindarena.storage.tables import voter_exclusions, votes

_V = TypeVar("_V")
_OF_VOTER = (
    votes.c.arena_id == bindparam("arena_id"),
    votes.c.voter == bindparam("voter"),
    votes.c.points_at.is_(None),
    ~IS_RETRACTED,
)
_EARLIER = select(func.count()).select_from(
    select(votes.c.id).where(*_OF_VOTER).limit(bindparam("most")).subquery()
)
_SAME_PROMPT = select(func.count()).select_from(
    select(votes.c.id)
    .where(
        *_OF_VOTER,
        votes.c.prompt_mark == bindparam("mark"),
        votes.c.prompt_mark.is_not(None),  # so that the index is seen to hold them
    )
    .limit(bindparam("most"))
    .subquery()
)
_OUT = (
    select(voter_exclusions.c.arena_id, voter_exclusions.c.voter, voter_exclusions.c.reason)
    .where(
        voter_exclusions.c.arena_id.in_(bindparam("arenas", expanding=True)),
        voter_exclusions.c.voter.in_(bindparam("voters", expanding=True)),
    )
    .order_by(voter_exclusions.c.at)
)


def reasons(
    connection: Connection, cast: Sequence[tuple[Vote, VoteRules]]
) -> list[tuple[Vote, str | None]]:
    """Return each vote of a group with why it does not count, in the order they were cast.

    Whoever calls this holds the rows of the votes' arenas, so that no other vote of these arenas
    and no exclusion of a voter can come in between.
    """
    out = excluded_voters(connection, [vote for vote, _ in cast])
    tally: Counter[tuple[UUID, str]] = Counter()
    prompts: Counter[tuple[UUID, str, str]] = Counter()
    found: list[tuple[Vote, str | None]] = []
    for vote, rules in cast:
        reason, voter = vote.excluded, (vote.arena_id, vote.voter)
        values = {"arena_id": vote.arena_id, "voter": vote.voter}
        earlier = same_prompt = 0
        if rules.max_votes_per_voter is not None:
            most = {"most": rules.max_votes_per_voter}
            earlier = tally[voter] + connection.execute(_EARLIER, values | most).scalar_one()
            tally[voter] += 1
            if reason is None:
                reason = late_reason(earlier=earlier, same_prompt=0, rules=rules)
        if rules.duplicate_prompts is not None and vote.prompt_mark is not None:
            if reason is None:
                same = values | {"mark": vote.prompt_mark, "most": rules.duplicate_prompts}
                stored = connection.execute(_SAME_PROMPT, same).scalar_one()
                same_prompt = prompts[*voter, vote.prompt_mark] + stored
            prompts[*voter, vote.prompt_mark] += 1
        if reason is None:
            reason = late_reason(earlier=earlier, same_prompt=same_prompt, rules=rules)
        found.append((vote, out.get(voter) if reason is None else reason))
    return found


def excluded_voters(
    connection: Connection, cast: Sequence[Vote]
) -> dict[tuple[UUID, str], str | None]:
    """Return the latest that was said of each voter; None: reinstated."""
    arenas = padded(sorted({vote.arena_id for vote in cast}))
    voters = padded(sorted({vote.voter for vote in cast}))
    rows = connection.execute(_OUT, {"arenas": arenas, "voters": voters})
    return {(arena_id, voter): reason for arena_id, voter, reason in rows}


def padded(values: list[_V]) -> list[_V]:
    """Repeat the last value up to a power of two: few different statements, which stay prepared."""
    return values + values[-1:] * ((1 << (len(values) - 1).bit_length()) - len(values))
