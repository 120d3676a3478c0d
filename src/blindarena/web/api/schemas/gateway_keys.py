"""Keys of the gateway and what they used; no reply but the first holds a secret."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from blindarena.web.api.schemas.base import In

_Usd = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


class GatewayKeyIn(In):
    """A key's name and what it may do; null is no limit, no models are all."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    models: tuple[Annotated[str, Field(max_length=200)], ...] = ()
    requests_per_minute: Annotated[int, Field(ge=1, le=10**9)] | None = None
    tokens_per_minute: Annotated[int, Field(ge=1, le=10**12)] | None = None
    usd_per_day: _Usd | None = None
    usd_per_month: _Usd | None = None
    expires_at: AwareDatetime | None = None


class GatewayKeyOut(BaseModel):
    """A key; `prefix` are the first signs of its secret, of which only a hash is kept."""

    id: UUID
    name: str
    prefix: str
    models: list[str]
    requests_per_minute: int | None
    tokens_per_minute: int | None
    usd_per_day: float | None
    usd_per_month: float | None
    expires_at: datetime | None
    created_at: datetime
    revoked_at: datetime | None
    last_used_on: date | None


class GatewayKeyMade(GatewayKeyOut):
    """A new key with its secret, which is told this once."""

    secret: str


class GatewayKeysOut(BaseModel):
    """Every key, the oldest first."""

    keys: list[GatewayKeyOut]


class UsageSumOut(BaseModel):
    """What a group of requests used; what it is not grouped by is null.

    `cost_usd` is of the requests whose cost is known, null where there are none; `unpriced` counts
    the others. `errors` ended with a status of 400 or more. Seconds are to the last byte, the time
    to the first byte (`ttft_s_mean`) is over the requests that had one.
    """

    key_id: UUID | None
    key_name: str | None
    model: str | None
    deployment: str | None
    day: date | None
    requests: int
    errors: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cost_usd: float | None
    unpriced: int
    seconds_mean: float
    seconds_max: float
    ttft_s_mean: float | None


class UsageOut(BaseModel):
    """Sums by the groups that were asked for, and the total of all of them."""

    sums: list[UsageSumOut]
    total: UsageSumOut | None
