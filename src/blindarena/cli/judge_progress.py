"""What `blindarena judge answer` and `judge run` show while they work."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

if TYPE_CHECKING:
    from blindarena.bootstrap.judging import Estimate
    from blindarena.judge.ports import Progress as Figures
    from blindarena.judge.running import Outcome


class JudgeReport:
    """A bar with what is done, failed and unparsed, the spend and the time left; on stderr.

    Args:
        quiet: show nothing.
        what: is made: "answers" or "judgments".
    """

    def __init__(self, *, quiet: bool, what: str) -> None:
        self._console = Console(stderr=True, quiet=quiet, highlight=False)
        self._what = what
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[told]}"),
            console=self._console,
            transient=True,
            disable=quiet or not self._console.is_terminal,
        )
        self._task = self._bar.add_task(what, total=None, told="")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def estimate(self, estimate: "Estimate") -> None:
        """Say how much there is to do."""
        most = _usd(estimate.most_usd)
        self._console.print(
            f"{estimate.calls:,} calls to make, {estimate.done:,} made before; "
            f"about {estimate.prompt_tokens:,} prompt tokens; at most {most}"
        )

    def progress(self, figures: "Figures") -> None:
        """Move the bar."""
        if not self._bar.live.is_started:
            self._bar.start()
        told = [f"{_usd(figures.spent_usd)} spent"]
        if figures.failed:
            told.append(f"{figures.failed} failed")
        if figures.unparsed:
            told.append(f"{figures.unparsed} unparsed")
        if figures.eta_s is not None:
            told.append(f"{_time(figures.eta_s)} left")
        self._bar.update(
            self._task, total=figures.total, completed=figures.done, told=", ".join(told)
        )

    def outcome(self, outcome: "Outcome") -> None:
        """Say how it ended."""
        self._bar.stop()
        figures = outcome.progress
        for path in outcome.mended:
            self._console.print(f"{path}: ended in half a line, which was cut off")
        line = (
            f"{figures.done:,} of {figures.total:,} {self._what}; spent {_usd(figures.spent_usd)}"
        )
        if figures.unparsed:
            line += f"; {figures.unparsed:,} without a verdict (unparsed)"
        if figures.failed:
            line += f"; {figures.failed:,} failed: run the command again to ask for them again"
        if not outcome.complete:
            line += "; stopped at --max-spend"
        self._console.print(line, soft_wrap=True)
        if outcome.last_error is not None:
            self._console.print(f"last failure: {outcome.last_error}", soft_wrap=True)


def _usd(amount: float | None) -> str:
    return "an unknown cost" if amount is None else f"{amount:.4f} USD"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
