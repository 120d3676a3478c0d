"""Rows of measurements, as JSON for machines and as a Markdown table for the README."""

import json
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
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


def table(rows: Sequence[Row]) -> str:
    """Return a Markdown table."""
    lines = ["| what | measured | budget | met |", "| --- | --- | --- | --- |"]
    words = {None: "", True: "yes", False: "**no**"}
    for row in rows:
        budget = f"{row.budget} {row.unit}" if row.budget else ""
        value = f"{row.value:,.0f}" if row.value >= 100 else f"{row.value:.3g}"
        lines.append(f"| {row.what} | {value} {row.unit} | {budget} | {words[row.met]} |")
    return "\n".join(lines) + "\n"


def save(name: str, rows: Sequence[Row]) -> None:
    """Write `results/NAME.json` and `results/NAME.md`, and print the table."""
    RESULTS.mkdir(exist_ok=True)
    record = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "rows": [{**asdict(row), "met": row.met} for row in rows],
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    (RESULTS / f"{name}.md").write_text(table(rows), encoding="utf-8")
    print(table(rows))
