"""Run one case of `bench_ranking.py` in this process, and say what it took.

    python benchmarks/ranking_case.py FUNCTION FOLDER

FUNCTION is one of `ranking_ours.py` or `ranking_peers.py`. The clock runs from after its imports,
and after a frame in memory was loaded where it works on one, until ratings are there.
"""

import json
import resource
import sys
import time
from pathlib import Path


def cpu_seconds() -> float:
    """Return the CPU time of this process and of its workers that ended."""
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usage)


def main(function: str, folder: str) -> None:
    """Print one line of JSON: seconds, CPU seconds, peak memory in MB, ratings."""
    import importlib

    module, _, name = function.partition(".")
    work = getattr(importlib.import_module(module), name)(Path(folder))
    cpu, begun = cpu_seconds(), time.perf_counter()
    ratings = work()
    seconds, cpu = time.perf_counter() - begun, cpu_seconds() - cpu
    per_mb = 1e6 if sys.platform == "darwin" else 1e3 / 1.024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_mb
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak, "ratings": ratings}))


if __name__ == "__main__":
    main(*sys.argv[1:])
