"""Invites to the review queue and its progress, for the owner."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from blindarena.web.api.schemas.base import In


class InviteIn(In):
    """Make an invite link for a voter group; null is for people of no group."""

    group: Annotated[str, Field(max_length=80)] | None = None
    expires_days: Annotated[int, Field(ge=1, le=3650)] | None = None


class InviteOut(BaseModel):
    """An invite; its link is told once, when it is made. `joined` is how many took part by it."""

    id: UUID
    group: str | None
    status: Literal["open", "expired", "withdrawn"]
    created_at: datetime
    expires_at: datetime | None
    withdrawn_at: datetime | None
    joined: int


class InviteMade(InviteOut):
    """A new invite with its link, of which only a hash is kept."""

    link: str


class InvitesOut(BaseModel):
    """All invites of an arena, newest first; `groups` are those that the arena has."""

    invites: list[InviteOut]
    groups: list[str]
    open_to_all: bool


class AgreementOut(BaseModel):
    """How far raters agree on pairs that two or more of them rated; null: too few to say.

    `pairs` have two ratings or more, `ratings` in all. `share_equal` is of two ratings of one pair.
    `alpha` is Krippendorff's, nominal; its interval of 95 % is from resampling the pairs. `groups`
    are the two whose ratings are compared, null for all raters.
    """

    groups: list[str] | None
    pairs: int
    ratings: int
    share_equal: float | None
    alpha: float | None
    alpha_lower: float | None
    alpha_upper: float | None


class GroupProgress(BaseModel):
    """A voter group; null names are raters of none. `invited` is as the arena's file says."""

    group: str | None
    invited: int | None
    joined: int
    active: int
    ratings: int


class RaterProgress(BaseModel):
    """One rater under a short pseudonym."""

    rater: str
    group: str | None
    ratings: int
    skipped: int
    open: int


class QueueProgressOut(BaseModel):
    """How far the queue is, in the current version of the arena.

    `pairs` are what is to be rated, `ratings_wanted` with the overlap; `late` ratings came after
    another rater had taken the pair over, and count as overlap. `held` are open at raters now.
    """

    version: int
    pairs: int
    pairs_done: int
    ratings_wanted: int
    ratings: int
    late: int
    held: int
    overlap_share: float
    groups: list[GroupProgress]
    raters: list[RaterProgress]
    agreement: list[AgreementOut]
