"""Keys with which programs use the gateway, and what a key may do."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What a key may do; None is no limit.

    Attributes:
        models: names of models it may ask for; empty allows all.
        requests_per_minute: of any kind.
        tokens_per_minute: prompt and completion together.
        usd_per_day: spend in a UTC day.
        usd_per_month: spend in a UTC calendar month.
        expires_at: when it ends, in UTC.
    """

    models: tuple[str, ...] = ()
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    usd_per_day: float | None = None
    usd_per_month: float | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key, without its secret: of that only a hash is stored.

    Attributes:
        prefix: the first signs of the secret, by which people recognise it.
        revoked_at: when it was withdrawn, in UTC.
        last_used_on: the latest UTC day on which a request came with it.
    """

    id: UUID
    name: str
    prefix: str
    limits: KeyLimits
    created_at: datetime
    revoked_at: datetime | None = None
    last_used_on: date | None = None
