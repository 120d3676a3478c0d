"""How long answers take, cheap to keep: a moving average and the latest few hundred."""

from dataclasses import dataclass

_KEPT = 256
_SMOOTHING = 0.1
"""Share of the newest value: the average forgets half of what it was in 7 answers."""


@dataclass(frozen=True, slots=True)
class LatencyFigures:
    """Seconds; None where nothing was measured.

    Attributes:
        average: exponentially weighted, the newest counting a tenth.
        p50, p99: of the latest answers, at most 256.
        count: of all.
    """

    average: float | None
    p50: float | None
    p99: float | None
    count: int


class Latency:
    """Takes one value per answer in constant time."""

    __slots__ = ("_average", "_count", "_kept")

    def __init__(self) -> None:
        self._average = 0.0
        self._count = 0
        self._kept: list[float] = []

    def add(self, seconds: float) -> None:
        """Take a value, in seconds."""
        if self._count < _KEPT:
            self._kept.append(seconds)
        else:
            self._kept[self._count % _KEPT] = seconds
        if self._count:
            self._average += _SMOOTHING * (seconds - self._average)
        else:
            self._average = seconds
        self._count += 1

    def figures(self) -> LatencyFigures:
        """Return what is known."""
        if not self._count:
            return LatencyFigures(None, None, None, 0)
        kept = sorted(self._kept)
        return LatencyFigures(
            average=self._average,
            p50=kept[(len(kept) - 1) // 2],
            p99=kept[-(-(len(kept) - 1) * 99 // 100)],
            count=self._count,
        )
