"""Run cases in processes of their own and keep the medians."""

import json
import os
import signal
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Figures:
    """What a case took: medians, and the ratings of its last run.

    Attributes:
        whole: seconds of the whole process, from its start to its end.
        failed: why there are no figures; None where there are.
    """

    seconds: float = 0.0
    cpu: float = 0.0
    peak_mb: float = 0.0
    whole: float = 0.0
    ratings: dict[str, float] = field(default_factory=dict)
    failed: str | None = None


def middle(found: Sequence[Figures]) -> Figures:
    """Return the medians of some runs of a case, or that it failed."""
    for one in found:
        if one.failed is not None:
            return one
    medians = {
        name: statistics.median(getattr(one, name) for one in found)
        for name in ("seconds", "cpu", "peak_mb", "whole")
    }
    return Figures(**medians, ratings=found[-1].ratings)


def once(python: Path, function: str, folder: Path, limit: float) -> Figures:
    """Run a case and say what it took, or why it did not end."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [python, HERE / "ranking_case.py", function, folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # as `blindarena.rank` does: threads that wait for each other lose more than they gain
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    try:
        out, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # its workers too
        process.communicate()
        return Figures(failed=f"no result within {limit:g} s")
    whole = time.perf_counter() - begun
    if process.returncode:
        if process.returncode < 0:
            return Figures(failed=f"killed by {signal.Signals(-process.returncode).name}")
        lines = err.strip().splitlines() or [f"exit code {process.returncode}"]
        return Figures(failed=lines[-1][:200])
    return Figures(**json.loads(out.splitlines()[-1]), whole=whole)


def apart(ours: dict[str, float], theirs: dict[str, float]) -> float:
    """Return the largest difference of two boards' ratings, in points, their means made equal."""
    assert ours.keys() == theirs.keys()
    differences = [ours[name] - theirs[name] for name in ours]
    middle = statistics.fmean(differences)
    return max(abs(one - middle) for one in differences)
