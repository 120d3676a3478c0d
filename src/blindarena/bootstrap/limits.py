"""The rate limits of the API, from the settings."""

import time
from dataclasses import dataclass

from blindarena.arena.limits import Rate, RateLimiter
from blindarena.settings import Settings


@dataclass(frozen=True, slots=True)
class AppLimits:
    """The rate limits of the API."""

    battles: RateLimiter
    battles_by_address: RateLimiter
    sessions: RateLimiter
    logins: RateLimiter
    invites: RateLimiter


def limits_of(settings: Settings) -> AppLimits:
    """Make the limiters; each is allowed a minute's worth at once."""

    def limiter(what: str, per_minute: float) -> RateLimiter:
        rate = Rate(per_minute=per_minute, burst=max(1, round(per_minute)))
        return RateLimiter(what, rate=rate, now=time.monotonic)

    limits = settings.limits
    return AppLimits(
        battles=limiter("battles", limits.battles_per_session),
        battles_by_address=limiter("battles from this address", limits.battles_per_address),
        sessions=limiter("sessions from this address", limits.sessions_per_address),
        logins=limiter("logins from this address", limits.logins_per_address),
        invites=limiter("invites from this address", limits.sessions_per_address),
    )
