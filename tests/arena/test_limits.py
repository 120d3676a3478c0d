"""The token bucket: burst, refill, and when to come back."""

import pytest

from blindarena.arena.limits import Rate, RateLimiter
from blindarena.errors import RateLimitError


def test_burst_then_refill() -> None:
    now = [0.0]
    limiter = RateLimiter("battles", rate=Rate(per_minute=60, burst=2), now=lambda: now[0])
    limiter.spend("x")
    limiter.spend("x")
    with pytest.raises(RateLimitError, match="too many battles") as refused:
        limiter.spend("x")
    assert refused.value.retry_after_s == pytest.approx(1)

    limiter.spend("y")
    now[0] = 1.0
    limiter.spend("x")
    with pytest.raises(RateLimitError):
        limiter.spend("x")


def test_zero_is_no_limit() -> None:
    limiter = RateLimiter("battles", rate=Rate(per_minute=0, burst=1), now=lambda: 0.0)

    for _ in range(1000):
        limiter.spend("x")


def test_memory_is_bounded() -> None:
    limiter = RateLimiter("x", rate=Rate(per_minute=1, burst=1), now=lambda: 0.0, max_keys=10)

    for i in range(1000):
        limiter.spend(str(i))
    limiter.spend("0")  # forgotten long ago, hence a fresh bucket
