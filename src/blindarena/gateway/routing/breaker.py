"""A circuit breaker: a deployment that keeps failing is left alone, then tried by one request."""

from typing import Literal

BreakerState = Literal["closed", "open", "half_open"]


class Breaker:
    """Counts failures in a row; time is handed in, in seconds that never go back.

    Closed, it lets everything pass; after `failures_to_open` failures in a row it is open and lets
    nothing pass for `open_s`; then it is half open and lets one request pass, whose outcome closes
    or opens it. An outcome counts only in the state in which its request began: what was under way
    when the breaker opened neither closes it nor keeps it open longer.

    Args:
        failures_to_open: at least 1.
        open_s: how long nothing passes.
    """

    __slots__ = ("_age", "_failures", "_open_s", "_opened_until", "_probing", "_to_open")

    def __init__(self, *, failures_to_open: int = 5, open_s: float = 15.0) -> None:
        self._to_open = failures_to_open
        self._open_s = open_s
        self._failures = 0
        self._opened_until: float | None = None
        self._probing = False
        self._age = 0

    def state(self, now: float) -> BreakerState:
        """Return the state at a time."""
        if self._opened_until is None:
            return "closed"
        return "open" if now < self._opened_until else "half_open"

    def allows(self, now: float) -> bool:
        """Say whether a request may pass."""
        until = self._opened_until
        return until is None or (now >= until and not self._probing)

    def wait_s(self, now: float) -> float:
        """Return the seconds until a request may pass; 0 also while one is being tried."""
        return 0.0 if self._opened_until is None else max(0.0, self._opened_until - now)

    def begin(self) -> int:
        """Let a request pass that `allows` has allowed; return what its outcome is told with."""
        if self._opened_until is not None:
            self._probing = True
            self._age += 1
        return self._age

    def began(self, permit: int) -> None:
        """Take it that the reply of a request has begun: enough to close a half-open breaker."""
        if permit == self._age and self._probing:
            self._close()

    def succeeded(self, permit: int) -> None:
        """Take it that a request ended well."""
        if permit == self._age:
            self._failures = 0
            if self._probing:
                self._close()

    def abandoned(self, permit: int) -> None:
        """Take it that a request ended and says nothing: its client left, or it was at fault."""
        if permit == self._age:
            self._probing = False

    def failed(self, permit: int, now: float) -> bool:
        """Take it that a request failed; return whether the breaker opens by it."""
        if permit != self._age:
            return False
        self._failures += 1
        if self._opened_until is None and self._failures < self._to_open:
            return False
        self._opened_until = now + self._open_s
        self._probing = False
        self._failures = 0
        self._age += 1
        return True

    def _close(self) -> None:
        """Let everything pass again; the permit of the probe stays good, so its end counts."""
        self._opened_until = None
        self._probing = False
        self._failures = 0
