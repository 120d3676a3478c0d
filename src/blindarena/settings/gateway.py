"""`[gateway]` and `[models.NAME]`: the door for programs, and what it serves."""

from typing import Annotated, Literal

from pydantic import Field

from blindarena.settings.base import KeySource, Section

Seconds = Annotated[float, Field(gt=0, le=3600)]


class Gateway(Section):
    """`[gateway]`: how `/v1` is served."""

    enabled: bool = True
    require_key: bool = True
    allow_open: bool = False
    max_body_mb: Annotated[int, Field(ge=1, le=200)] = 20
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] = 4096
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    queue_timeout_s: Seconds = 30.0
    health_interval_s: Annotated[float, Field(ge=0, le=3600)] = 15.0
    failures_to_open: Annotated[int, Field(ge=1, le=1000)] = 5
    open_s: Seconds = 15.0
    drain_s: Seconds = 30.0
    worker_token: KeySource | None = None
    metrics: Literal["off", "local", "open"] = "local"
    metrics_token: KeySource | None = None
    log: Literal["off", "errors", "requests"] = "errors"
    log_format: Literal["auto", "json", "text"] = "auto"
    trace_upstreams: Literal["off", "own", "all"] = "own"
    usage_days: Annotated[int, Field(ge=1, le=36_500)] = 400


class Model(Section):
    """`[models.NAME]`: a name that clients ask for, and the deployments that answer for it."""

    deployments: Annotated[tuple[str, ...], Field(min_length=1)]
    fallbacks: tuple[str, ...] = ()
    routing: Literal["least_busy", "prefix"] = "least_busy"
