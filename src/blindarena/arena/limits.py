"""Rate limits per session and per address, held in memory."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from blindarena.errors import RateLimitError


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_minute` on average, `burst` at once; 0 per minute means no limit."""

    per_minute: float
    burst: int


class RateLimiter:
    """A token bucket per key; the least recently used keys are forgotten beyond `max_keys`.

    Args:
        what: what is limited, for the message, e.g. "battles".
        rate: the limit of every key.
        now: seconds, monotonic.
    """

    def __init__(
        self, what: str, *, rate: Rate, now: Callable[[], float], max_keys: int = 100_000
    ) -> None:
        self._what = what
        self._rate = rate
        self._now = now
        self._max_keys = max_keys
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, key: str) -> None:
        """Take one token from the bucket of `key`.

        Raises:
            RateLimitError: the bucket is empty; it says when the next token comes.
        """
        if self._rate.per_minute <= 0:
            return
        per_second = self._rate.per_minute / 60
        now = self._now()
        tokens, then = self._buckets.pop(key, (float(self._rate.burst), now))
        tokens = min(float(self._rate.burst), tokens + (now - then) * per_second)
        enough = tokens >= 1
        self._buckets[key] = (tokens - 1 if enough else tokens, now)
        if len(self._buckets) > self._max_keys:
            self._buckets.popitem(last=False)
        if not enough:
            wait = (1 - tokens) / per_second
            raise RateLimitError(
                f"too many {self._what}; try again in {max(1, round(wait))} s", retry_after_s=wait
            )
