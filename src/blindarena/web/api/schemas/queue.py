"""The review queue as its raters see it: nothing here depends on who the contestants are."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from blindarena.web.api.schemas.base import In, Outcome
from blindarena.web.api.schemas.usable import UsableIn


class InviteShown(BaseModel):
    """What an invite link opens. `consent_version` is what a rater agrees to first."""

    slug: str
    title: str
    group: str | None
    expires_at: datetime | None
    consent_version: str


class JoinIn(In):
    """Take part, with the token of an invite link; null where the queue is open to all."""

    invite: Annotated[str, Field(max_length=200)] | None = None


class QueueState(BaseModel):
    """How far this rater and the arena are.

    `group` is the voter group of the invite, null without one. `total` is what this rater has
    voted on and what there still is for them; it falls while others rate. `arena_total` counts
    ratings, `overlap_share` of the pairs are rated by two. `waiting` pairs are open at others and
    come free when those leave. `finished`: nothing is left for this rater, `waiting` ones apart.
    """

    group: str | None
    done: int
    total: int
    arena_done: int
    arena_total: int
    overlap_share: float
    waiting: int
    finished: bool
    minutes_left_estimate: float | None


class QueueAnswers(BaseModel):
    """Both answers, whole; which contestant is on which side is this rater's own draw."""

    a: str
    b: str


class QueueVote(BaseModel):
    """What this rater voted on this pair."""

    vote_id: UUID
    outcome: Outcome
    reasons: list[str]
    comment: str
    usable: UsableIn | None


class QueueItem(BaseModel):
    """One pair to be rated; it is held for this rater until `expires_at`, renewed when asked for.

    `number` counts this rater's pairs from 1, `of` is the state's `total`. `previous` is the pair
    before it, null at the first. `reasons` are the arena's chips. `vote` is null until there is
    one; voting again changes it.
    """

    finished: Literal[False]
    battle_id: UUID
    number: int
    of: int
    title: str
    prompt: str
    policy: str
    category: str
    language: str
    answers: QueueAnswers
    usable_answer: bool
    reasons: list[str]
    previous: UUID | None
    expires_at: datetime
    vote: QueueVote | None


class QueueFinished(BaseModel):
    """Nothing is left for this rater; `waiting` pairs may come free when other raters leave."""

    finished: Literal[True]
    waiting: int


class QueueNextIn(In):
    """Ask for the pair after one of this rater's own; null is the first that has no vote."""

    after: UUID | None = None


class QueueVoteIn(In):
    """One decisive vote; a second one on the same pair takes the place of the first.

    `usable` is required where the arena asks, and refused elsewhere.
    """

    outcome: Outcome
    reasons: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=20)] = Field(
        default_factory=list
    )
    comment: Annotated[str, Field(max_length=2000)] = ""
    usable: UsableIn | None = None


class QueueVoteOut(BaseModel):
    """The vote is stored; `next` is null where nothing is left."""

    vote_id: UUID
    next: QueueItem | None
    state: QueueState
