"""What the requests add up to: cheap enough to count each one as it ends.

Prometheus' own client takes a lock and a few calls for each number; a dictionary of plain lists
costs a fifth of that, and is turned into its format only when somebody asks.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from blindarena.domain.usage import UsageRow

MAX_SERIES: Final = 300
"""Most combinations of labels of one kind; what comes later is counted as OTHER."""
OTHER: Final = "_OTHER"
UNKNOWN: Final = "_UNKNOWN"
"""In place of the name of a model that does not exist, which clients make up."""

# The bounds that OpenTelemetry's conventions for generative AI advise, in seconds and tokens.
DURATION_S: Final = (
    *(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28),
    *(2.56, 5.12, 10.24, 20.48, 40.96, 81.92),
)
FIRST_TOKEN_S: Final = (
    *(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1),
    *(0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0),
)
PER_TOKEN_S: Final = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)
TOKENS: Final = tuple(4**power for power in range(14))


class Histogram:
    """How many values lie within each bound; the last count is of those above all.

    Args:
        bounds: rising; a value equal to a bound lies within it.
    """

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Take a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def copy(self) -> "Histogram":
        """Return another one with the same values."""
        copied = Histogram(self.bounds)
        copied.counts, copied.total = self.counts.copy(), self.total
        return copied


@dataclass(frozen=True, slots=True)
class Outcome:
    """How requests ended: the labels of their durations.

    Attributes:
        model: as the client named it, or UNKNOWN.
        deployment: who answered or failed last; "" where nobody was asked.
        endpoint: a route of `/v1`.
        status_class: "2xx", "4xx" or "5xx".
        fault: what went wrong; "" where nothing did.
    """

    model: str
    deployment: str
    endpoint: str
    status_class: str
    fault: str


@dataclass(slots=True)
class Answered:
    """What one deployment answered for one model at one endpoint.

    Attributes:
        first, per_token: seconds, of streams that ended well.
        unpriced: requests whose cost nobody knows.
    """

    first: Histogram = field(default_factory=lambda: Histogram(FIRST_TOKEN_S))
    per_token: Histogram = field(default_factory=lambda: Histogram(PER_TOKEN_S))
    prompt: Histogram = field(default_factory=lambda: Histogram(TOKENS))
    completion: Histogram = field(default_factory=lambda: Histogram(TOKENS))
    cached: int = 0
    usd: float = 0.0
    unpriced: int = 0

    def copy(self) -> "Answered":
        """Return another one with the same values."""
        return Answered(
            first=self.first.copy(),
            per_token=self.per_token.copy(),
            prompt=self.prompt.copy(),
            completion=self.completion.copy(),
            cached=self.cached,
            usd=self.usd,
            unpriced=self.unpriced,
        )


_Ended = tuple[str, str | None, str, int, str | None]
_Asked = tuple[str, str | None, str]


class RequestCounts:
    """Counts requests from the start of the process on."""

    def __init__(self) -> None:
        self._ended: dict[_Ended, Histogram] = {}
        self._asked: dict[_Asked, Answered] = {}
        self._refused: Counter[tuple[str, int, str]] = Counter()

    def add(self, row: UsageRow) -> None:
        """Count a request that was let in."""
        fault = row.fault
        model = UNKNOWN if fault == "model_not_found" else row.model
        ended = (model, row.deployment, row.endpoint, row.status // 100, fault)
        durations = self._ended.get(ended)
        if durations is None:
            durations = self._new_ended(ended)
        durations.add(row.seconds)
        if row.deployment is None:
            return
        asked = (model, row.deployment, row.endpoint)
        answered = self._asked.get(asked)
        if answered is None:
            answered = self._new_asked(asked)
        written = row.completion_tokens
        if row.prompt_tokens is not None and written is not None:
            if row.prompt_tokens or written:
                answered.prompt.add(row.prompt_tokens)
                answered.completion.add(written)
            answered.cached += row.cached_tokens
        if row.cost_usd is None:
            answered.unpriced += 1
        else:
            answered.usd += row.cost_usd
        first_s = row.ttft_s
        if row.stream and first_s is not None and row.status == 200:
            answered.first.add(first_s)
            if written is not None and written > 1:
                answered.per_token.add((row.seconds - first_s) / (written - 1))

    def refused(self, endpoint: str, status: int, code: str) -> None:
        """Count a request that was not let in.

        Args:
            endpoint: one of ours, or "other"; never what a client made up.
            status: that it got.
            code: of our own error.
        """
        self._refused[endpoint, status, code] += 1

    def outcomes(self) -> dict[Outcome, Histogram]:
        """Return how long requests took, by how they ended; a copy."""
        return {
            Outcome(model, deployment or "", endpoint, f"{status}xx", fault or ""): found.copy()
            for (model, deployment, endpoint, status, fault), found in self._ended.items()
        }

    def answered(self) -> dict[tuple[str, str, str], Answered]:
        """Return what was answered, by model, deployment and endpoint; a copy."""
        return {
            (model, deployment or "", endpoint): found.copy()
            for (model, deployment, endpoint), found in self._asked.items()
        }

    def refusals(self) -> dict[tuple[str, int, str], int]:
        """Return how many were not let in, by endpoint, status and code; a copy."""
        return dict(self._refused)

    def _new_ended(self, ended: _Ended) -> Histogram:
        if len(self._ended) >= MAX_SERIES:
            ended = (OTHER, OTHER, ended[2], ended[3], ended[4])
        return self._ended.setdefault(ended, Histogram(DURATION_S))

    def _new_asked(self, asked: _Asked) -> Answered:
        if len(self._asked) >= MAX_SERIES:
            asked = (OTHER, OTHER, asked[2])
        return self._asked.setdefault(asked, Answered())
