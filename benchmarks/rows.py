"""Rows of measurements, as JSON for machines and as a Markdown table for the README."""

import json
import os
import platform
import re
import resource
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Row:
    """One measured number.

    Attributes:
        budget: a bound such as "<= 5", in the same unit; None where there is none.
    """

    what: str
    value: float
    unit: str
    budget: str | None

    @property
    def met(self) -> bool | None:
        """Whether the budget is met; None where there is none."""
        if self.budget is None:
            return None
        found = re.fullmatch(r"(<=|>=) ([\d.]+)", self.budget)
        if found is None:
            raise ValueError(f"{self.budget!r} is no budget; write '<= 5' or '>= 5'")
        bound = float(found[2])
        return self.value <= bound if found[1] == "<=" else self.value >= bound


def machine() -> str:
    """Say in words where it was measured."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{platform.system()} {platform.machine()}, {cores} cores, {platform.python_version()}"


SERVER = ("uvicorn", "uvloop", "fastapi", "aiohttp", "sqlalchemy")


def versions(packages: Sequence[str] = SERVER) -> dict[str, str]:
    """Return the versions of what is measured and of what it mostly runs on."""
    known = {}
    for name in ("blindarena", *packages, "numpy"):
        with suppress(PackageNotFoundError):
            known[name] = version(name)
    return known


def busy_seconds() -> tuple[float, float, float] | None:
    """Return wall time, CPU time of the whole machine, and of us with our ended children."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return None
    ticks = [int(word) for word in stat.read_text().partition("\n")[0].split()[1:9]]
    all_of_it = (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return time.monotonic(), all_of_it, sum(one.ru_utime + one.ru_stime for one in usage)


_AT_START = busy_seconds()


def others() -> float | None:
    """Return how many cores other programs took since this script began; None if unknown.

    A measurement beside which this is not near 0 was disturbed.
    """
    now = busy_seconds()
    if now is None or _AT_START is None:
        return None
    wall, whole, ours = (new - old for new, old in zip(now, _AT_START, strict=True))
    return round(max(0.0, whole - ours) / wall, 2)


def shown(value: float) -> str:
    """Write a number with the digits that matter."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(rows: Sequence[Row]) -> str:
    """Return a Markdown table."""
    lines = ["| what | measured | budget | met |", "| --- | --- | --- | --- |"]
    words = {None: "", True: "yes", False: "**no**"}
    for row in rows:
        budget = f"{row.budget} {row.unit}".rstrip() if row.budget else ""
        lines.append(
            f"| {row.what} | {shown(row.value)} {row.unit} | {budget} | {words[row.met]} |"
        )
    return "\n".join(lines) + "\n"


def save(
    name: str, rows: Sequence[Row], *, packages: Sequence[str] = SERVER, notes: Sequence[str] = ()
) -> None:
    """Write `results/NAME.json` and `results/NAME.md`, and print the table.

    Args:
        name: of the files.
        rows: what was measured.
        packages: whose versions matter beside ours.
        notes: sentences on what could not be measured.
    """
    RESULTS.mkdir(exist_ok=True)
    record = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions(packages),
        "cores_taken_by_other_programs": others(),
        "rows": [{**asdict(row), "met": row.met} for row in rows],
        **({"notes": list(notes)} if notes else {}),
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    text = table(rows) + "".join(f"\n{note}\n" for note in notes)
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    print(text)
