"""What `blindarena import` shows: progress, the preview, costs, how generating went."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from blindarena.arena.outstanding import Estimate
from blindarena.arena.preparing import Making
from blindarena.pipeline.importing.preview import Preview

_SHOWN_CHARS = 160
_MOST = 8


class Report:
    """Prints for people; `quiet` prints nothing but progress, which goes to a terminal only."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._out = Console(highlight=False, soft_wrap=True)
        error = Console(stderr=True)
        self._status: Status | None = error.status("Reading") if error.is_terminal else None

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.pause()

    def pause(self) -> None:
        """Take the progress away, for a question."""
        if self._status is not None:
            self._status.stop()

    def line(self, text: str) -> None:
        """Print one line."""
        if not self._quiet:
            self._out.print(escape(text))

    def reading(self, what: str, done: int) -> None:
        """Show how far the reading is."""
        size = f"{done / 1e6:,.1f} MB read" if what == "reading" else f"{done:,} prompts prepared"
        self._show(size)

    def making(self, making: Making) -> None:
        """Show how far the generating is."""
        self._show(
            f"{making.made + making.failed:,} of {making.total:,} answers, "
            f"{making.spent_usd:.4f} USD"
        )

    def preview(self, preview: Preview) -> None:
        """Print what was found and what is taken."""
        delimiter = f", split by {preview.delimiter!r}" if preview.delimiter else ""
        size = f"{preview.size / 1e6:,.1f} MB" if preview.size >= 1e5 else f"{preview.size:,} bytes"
        self._row(
            "file", f"{preview.name}, {size}: {preview.format}, {preview.encoding}{delimiter}"
        )
        if preview.note:
            self._row("look", preview.note)
        self._row("columns", ", ".join(f"{o} = {t}" for o, t in preview.mapping.items()))
        self._row("rows", f"{preview.rows:,} read{_counted(', wrong: ', preview.bad)}")
        for message in preview.bad_examples:
            self._row("", message)
        if preview.left_out:
            self._row("no prompt", _counted("", preview.left_out))
        found = _counted("", preview.found) or "none found"
        self._row(
            "personal", f"{_treated(preview)}: {found}" if preview.pii != "off" else "pii off"
        )
        if preview.doubles:
            self._row("doubles", f"{preview.doubles:,} repeat another nearly and are left out")
        drawn = f", a sample with seed {preview.seed}" if preview.sample else ""
        self._row("taken", f"{preview.taken:,} prompts{drawn}")
        self._row("languages", _counted("", preview.languages))
        self._row("categories", _counted("", preview.categories))
        if preview.answers:
            self._row("answers", _counted("", preview.answers))
        if preview.strangers:
            self._row("strangers", f"{_counted('', preview.strangers)} (of no contestant here)")
        for number, text in enumerate(preview.examples):
            words = " ".join(text.split())
            short = words if len(words) <= _SHOWN_CHARS else f"{words[: _SHOWN_CHARS - 1]}…"
            self._row("examples" if number == 0 else "", short)

    def estimates(self, costs: Sequence[Estimate]) -> None:
        """Print what is still to be generated and what it would cost."""
        if not costs:
            self._row("generate", "no answer is missing")
        for number, cost in enumerate(costs):
            most = (
                "price unknown" if cost.at_most_usd is None else _usd("at most", cost.at_most_usd)
            )
            likely = "" if cost.likely_usd is None else f"{_usd('about', cost.likely_usd)}, "
            text = f"{cost.contestant}: {cost.answers:,} answers, {likely}{most}"
            self._row("generate" if number == 0 else "", text)

    def made(self, making: Making, limit: float | None) -> None:
        """Print how generating went."""
        unpriced = f", {making.unpriced:,} of unknown cost" if making.unpriced else ""
        self.line(f"{making.made:,} answers made, {making.spent_usd:.4f} USD{unpriced}")
        for (contestant, fault), number in making.faults.items():
            self.line(f"{contestant}: {number:,} failed ({fault})")
        for contestant in sorted(making.given_up):
            self.line(f"{contestant}: given up after too many failures in a row")
        if making.capped:
            self.line(f"stopped at --max-spend {limit:g}: {making.left:,} answers are not made")
        if making.failed or making.left:
            self.line("the same command again asks for what is missing, and for nothing else")

    def _row(self, head: str, text: str) -> None:
        self.line(f"{head:<11} {text}")

    def _show(self, text: str) -> None:
        if self._status is not None:
            self._status.update(text)


def _treated(preview: Preview) -> str:
    if preview.pii == "block":
        return f"{preview.blocked:,} rows left out"
    return {"redact": "replaced", "warn": "kept as it is, --pii redact replaces it"}[preview.pii]


def _counted(before: str, counts: Mapping[str, int]) -> str:
    if not counts:
        return ""
    shown = [f"{name or 'none'} {n:,}" for name, n in list(counts.items())[:_MOST]]
    more = len(counts) - _MOST
    return before + ", ".join([*shown, *([f"and {more:,} more"] if more > 0 else [])])


def _usd(words: str, amount: float) -> str:
    return f"{words} {amount:,.2f} USD" if amount >= 0.1 else f"{words} {amount:.4f} USD"
