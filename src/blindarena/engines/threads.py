"""How many threads an engine may use."""

import math
import os
from pathlib import Path

_CPU_MAX = Path("/sys/fs/cgroup/cpu.max")


def thread_budget(cores: int, loaded_models: int) -> int:
    """Return the threads of each loaded model: all cores but one, shared, at least one.

    One core stays free: with a core busy elsewhere, an engine on all cores falls from 99 to 37
    tokens per second, one that leaves a core free keeps 63.
    """
    return max(1, (cores - 1) // max(1, loaded_models))


def available_cores(cpu_max: Path = _CPU_MAX) -> int:
    """Return the cores this process may use: its affinity, cut by a container's CPU quota."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    try:
        quota, period = cpu_max.read_text("ascii").split()
        return max(1, min(cores, math.ceil(int(quota) / int(period))))
    except (OSError, ValueError):
        return cores  # no cgroup of version 2, or quota "max"
