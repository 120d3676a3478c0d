"""Sums over what requests used."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

UsageGroup = Literal["key", "model", "deployment", "day"]


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """Which requests; None is all.

    Attributes:
        since: first UTC day.
        until: last UTC day.
    """

    since: date | None = None
    until: date | None = None
    key_id: UUID | None = None
    model: str | None = None
    deployment: str | None = None


@dataclass(frozen=True, slots=True)
class UsageSum:
    """What a group of requests used.

    Attributes:
        key_id: of the group; None where it is not grouped by key, or no key was asked for. So
            are `model`, `deployment` and `day`.
        errors: requests that ended with a status of 400 or more; a client that left is none.
        cost_usd: of the requests whose cost is known; None where there is no such.
        unpriced: requests whose cost is unknown.
        seconds_mean: until the last byte.
        ttft_s_mean: until the first byte, over the requests that had one.
        seconds_max: of the slowest.
    """

    key_id: UUID | None
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
    ttft_s_mean: float | None
    seconds_max: float
