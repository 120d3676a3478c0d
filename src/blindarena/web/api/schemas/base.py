"""What all of the API shares."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Outcome = Literal["model_a", "model_b", "tie", "both_bad"]
Side = Literal["a", "b"]
BattleStatus = Literal["waiting", "streaming", "votable", "failed", "skipped", "voted"]
BattleMode = Literal["battle", "queue", "side_by_side", "direct"]
Role = Literal["owner", "reviewer", "voter"]
Population = Literal["people", "simulated", "published"]


class In(BaseModel):
    """Base of request bodies: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """An error, as `application/problem+json` (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str


class Health(BaseModel):
    """The server answers and its database too."""

    status: Literal["ok"]
    version: str
    database: str


class StatusOk(BaseModel):
    """It is done."""

    status: Literal["ok"]
