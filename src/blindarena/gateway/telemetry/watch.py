"""What is told of each request to those outside, in one place for the routes of `/v1`."""

from typing import TYPE_CHECKING

from blindarena.domain.usage import UsageRow
from blindarena.gateway.telemetry.counts import RequestCounts
from blindarena.gateway.telemetry.request_log import Refusal, RequestLog

if TYPE_CHECKING:
    from blindarena.gateway.telemetry.tracing import Tracing


class Watch:
    """Counts every request, and logs and traces it where that is wanted.

    Args:
        log: takes a line for each request; None writes none.
        tracing: makes spans; None makes none, and costs nothing.
    """

    __slots__ = ("counts", "log", "tracing")

    def __init__(self, *, log: RequestLog | None = None, tracing: "Tracing | None" = None) -> None:
        self.counts = RequestCounts()
        self.log = log
        self.tracing = tracing

    def ended(self, row: UsageRow) -> None:
        """Take a request that was let in and has ended; never waits, never fails."""
        self.counts.add(row)
        if self.log is not None:
            self.log.add(row)

    def refused(
        self,
        *,
        endpoint: str,
        status: int,
        code: str,
        request_id: str,
        at: float,
        seconds: float,
    ) -> None:
        """Take a request that was not let in.

        Args:
            endpoint: one of ours, or "other".
            status: that it got.
            code: of our own error.
            request_id: of its reply.
            at: when it came, in seconds since 1970.
            seconds: that it took.
        """
        self.counts.refused(endpoint, status, code)
        if self.log is not None:
            self.log.add(Refusal(at, request_id, endpoint, status, code, seconds))

    def close(self) -> None:
        """Write out what waits; it may take some seconds."""
        if self.log is not None:
            self.log.close()
        if self.tracing is not None:
            self.tracing.close()
