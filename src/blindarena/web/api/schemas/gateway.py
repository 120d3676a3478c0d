"""The gateway as the owner sees it: deployments, models, workers, and the playground."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from blindarena.web.api.schemas.base import In

_Deployment = Annotated[str, Field(min_length=1, max_length=200)]


class DeploymentIn(In):
    """Which deployment is meant."""

    deployment: _Deployment


class GatewayDeployment(BaseModel):
    """A deployment at this moment; counts are of this process since it started.

    `state` is the first that holds: drained (nothing runs any more) or draining, loading, down, the
    circuit breaker's open or half_open, resting because the provider asked for it, full (every
    place taken), ready. `until` is when open or resting ends. Percentiles are of the latest 256
    replies that ended well, null where there is none. `base_url` and `last_error` are for the owner
    only. `max_concurrent` null is no limit; `price` null is unknown.
    """

    name: str
    kind: str
    model: str
    runs_at: str
    base_url: str | None
    price: str | None
    state: Literal[
        "ready", "loading", "down", "draining", "drained", "open", "half_open", "resting", "full"
    ]
    detail: str
    until: datetime | None
    held: bool
    in_flight: int
    max_concurrent: int | None
    waiting: int
    queue: int
    weight: float
    requests: int
    errors: int
    faults: dict[str, int]
    retries: int
    last_error: str | None
    last_error_at: datetime | None
    last_ok_at: datetime | None
    measured: int
    first_p50_s: float | None
    first_p99_s: float | None
    total_p50_s: float | None
    total_p99_s: float | None


class GatewayModel(BaseModel):
    """A model of /v1; `own` is a deployment that no model names, under its own name.

    `ready` counts its deployments that can be asked now.
    """

    name: str
    deployments: list[str]
    fallbacks: list[str]
    routing: Literal["least_busy", "prefix"]
    ready: int
    own: bool


class GatewayWorker(BaseModel):
    """An engine that joined by itself; `busy` null is unknown, `slots` 0 is up to the engine."""

    id: UUID
    name: str
    model: str
    engine: str
    state: Literal["ready", "loading", "draining"]
    slots: int
    busy: int | None
    joined_at: datetime
    beat_at: datetime


class GatewayOut(BaseModel):
    """The gateway of this process. `at` is the server's time; `base_url` is for programs."""

    at: datetime
    enabled: bool
    require_key: bool
    base_url: str
    workers_may_join: bool
    deployments: list[GatewayDeployment]
    models: list[GatewayModel]
    workers: list[GatewayWorker]


class AskedOut(BaseModel):
    """What came of one tiny request: a text or an error; null is unknown."""

    deployment: str
    text: str | None
    seconds: float
    prompt_tokens: int | None
    completion_tokens: int | None
    cost_usd: float | None
    error: str | None


class PlaygroundMessage(In):
    """One message of a conversation."""

    role: Literal["user", "assistant"]
    content: Annotated[str, Field(max_length=1_000_000)]


class PlaygroundIn(In):
    """A chat for a model; what is null is left to the gateway and the model."""

    model: _Deployment
    system: Annotated[str, Field(max_length=1_000_000)] | None = None
    messages: Annotated[list[PlaygroundMessage], Field(min_length=1, max_length=1000)]
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    stream: bool = True
