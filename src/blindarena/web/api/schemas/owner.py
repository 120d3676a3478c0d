"""The owner's page."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from blindarena.web.api.schemas.arenas import ArenaOut
from blindarena.web.api.schemas.base import In, Outcome, Role


class OwnerContestant(BaseModel):
    """A contestant as the owner sees it."""

    id: UUID
    arena: str
    name: str
    description: str
    enabled: bool
    health: Literal["ready", "loading", "down", "disabled"]
    health_detail: str
    price: str | None
    runs_at: str
    answers: int
    errors: int
    refusals: int
    timeouts: int
    sampled: float | None
    images: bool


class OwnerDeployment(BaseModel):
    """A deployment as the owner sees it; keys are never shown."""

    name: str
    kind: str
    model: str
    base_url: str | None
    status: Literal["ready", "loading", "down"]
    detail: str
    price: str | None


class OwnerVote(BaseModel):
    """One vote in the owner's list; single voters are not shown."""

    id: UUID
    at: datetime
    arena: str
    outcome: Outcome
    category: str
    reasons: list[str]
    comment: str
    excluded: str | None


class OwnerOut(BaseModel):
    """Everything on the owner's page; a reviewer gets arenas and contestants only.

    `audit_id` is that of the newest line of the audit log, whose pages are at `/api/owner/audit`.
    """

    arenas: list[ArenaOut]
    contestants: list[OwnerContestant]
    deployments: list[OwnerDeployment]
    votes: list[OwnerVote]
    audit_id: int | None
    role: Role


class EnableIn(In):
    """Switch a contestant on or off."""

    enabled: bool
