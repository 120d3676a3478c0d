"""Measure ranking from votes, beside arena-rank, FastChat, evalica and choix.

    make bench-ranking ARGS="--scale 0.1"

200 models, 30 % ties, random votes of a fixed seed. Each case runs in a process of its own, one
after another, from the same files or the same frame of pandas; the clock runs from after the
imports until ratings are there, reading included. Ours is the median of three runs, others run
once unless `--peer-runs` says more. Memory is the peak of the whole process, imports and a frame
in memory included, workers not. All estimate the same: penalties and weights are off, the style
covariates are ours and are given to all; BLAS has one thread, as within `blindarena.rank`. FastChat
is its repository's `rating_systems.py`, and gives intervals by bootstrap only. Ratios of CPU time
stand beside because a busy machine makes wall times too long.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ranking_runs import Figures, apart, middle, once
from rows import RESULTS, Row, save

HERE = Path(__file__).resolve().parent
PACKAGES = ("arena-rank", "evalica", "choix", "jax", "numba", "pandas", "pyarrow", "scipy")


@dataclass(frozen=True)
class Task:
    """What all libraries are asked.

    Attributes:
        what: {n} stands for the number of votes.
        ours: functions of `ranking_ours`, by what to call them.
        theirs: functions of `ranking_peers`, by library.
        budgets: (whose time over ours, which of ours, bound).
        peak, seconds: bounds of our own.
        whole: whether the whole process is timed, imports included.
        agree: largest difference in Elo points allowed, by library.
        limits: seconds given to a library, where that is not --limit.
        because: why some libraries give no figures, where it is known.
    """

    what: str
    votes: int
    ours: dict[str, str]
    theirs: dict[str, str]
    budgets: tuple[tuple[str, str, str], ...] = ()
    peak: str | None = None
    seconds: str | None = None
    whole: bool = False
    agree: tuple[tuple[str, str], ...] = ()
    limits: tuple[tuple[str, float], ...] = ()
    because: str | None = None


OURS = "BlindArena"
COMPILED = "BlindArena with Numba"
TASKS = {
    "bt": Task(
        "BT ratings, {n} votes from Parquet",
        10_000_000,
        {OURS: "bt"},
        {
            "arena-rank": "arena_rank_bt_only",
            "FastChat": "fastchat_bt",
            "evalica": "evalica_bt",
            "choix": "choix_bt",
        },
        budgets=(("arena-rank", OURS, ">= 40"),),
        peak="<= 500",
        agree=(("arena-rank", "<= 0.03"), ("FastChat", "<= 0.1"), ("choix", "<= 0.03")),
    ),
    "intervals": Task(
        "BT and 95 % intervals, {n} votes from Parquet",
        10_000_000,
        {OURS: "bt_intervals", "`blindarena.rank`, ranks and data hash too": "board"},
        {"arena-rank": "arena_rank_bt"},
        budgets=(("arena-rank", OURS, ">= 35"),),
        peak="<= 500",
    ),
    "style": Task(
        "style control and intervals, {n} votes of 4 features from Parquet",
        5_000_000,
        {OURS: "style"},
        {"arena-rank": "arena_rank_style", "FastChat": "fastchat_style"},
        budgets=(("arena-rank", OURS, ">= 8"),),
        agree=(("arena-rank", "<= 0.03"), ("FastChat", "<= 0.1")),
    ),
    "elo": Task(
        "online Elo, {n} votes in memory",
        1_000_000,
        {OURS: "elo", COMPILED: "elo_compiled"},
        {"FastChat": "fastchat_elo", "evalica": "evalica_elo"},
        budgets=(("FastChat", OURS, ">= 4"), ("FastChat", COMPILED, ">= 8")),
        agree=(("FastChat", "<= 0.000001"),),
    ),
    "first": Task(
        "import, {n} votes from Parquet and BT in a fresh process",
        1_000_000,
        {OURS: "first"},
        {
            "arena-rank": "arena_rank_first",
            "FastChat": "fastchat_first",
            "evalica": "evalica_first",
            "choix": "choix_first",
        },
        seconds="<= 1",
        whole=True,
    ),
    "bootstrap": Task(
        "100 bootstraps, {n} votes in memory",
        1_000_000,
        {OURS: "bootstrap"},
        {
            "arena-rank": "arena_rank_bootstrap",
            "FastChat": "fastchat_bootstrap",
            "evalica": "evalica_bootstrap",
        },
        budgets=(("FastChat", OURS, ">= 30"),),
        limits=(("arena-rank", 60),),
        because="arena-rank forks workers after JAX has begun threads, and they wait for ever",
    ),
}


def rows_of(task: Task, n: int, found: dict[str, Figures]) -> Iterator[Row]:
    """Return a task's rows: each library, ratios, agreement."""
    what = task.what.format(n=f"{n:,}")
    took = {name: one.whole if task.whole else one.seconds for name, one in found.items()}
    for name, one in found.items():
        if one.failed is not None:
            continue
        budget = task.seconds if name in task.ours else None
        yield Row(f"{what}: {name} ({one.peak_mb:,.0f} MB)", took[name], "s", budget)
        if name == OURS and task.peak is not None:
            yield Row(f"{what}: {name}, peak memory", one.peak_mb, "MB", task.peak)
    there = {name for name, one in found.items() if one.failed is None}
    asked = {(peer, name): bound for peer, name, bound in task.budgets}
    for name in (OURS, COMPILED):
        for peer in task.theirs:
            if name not in there or peer not in there:
                continue
            times = took[peer] / took[name]
            bound = asked.get((peer, name))
            yield Row(f"{what}: time of {peer} over {name}", times, "times", bound)
            if bound is not None:
                cpu = found[peer].cpu / found[name].cpu
                yield Row(f"{what}: CPU time of {peer} over {name}", cpu, "times", None)
    for peer, bound in task.agree:
        if {peer, OURS} <= there:
            difference = apart(found[OURS].ratings, found[peer].ratings)
            yield Row(f"{what}: largest difference from {peer}", difference, "Elo", bound)


def notes_of(task: Task, n: int, found: dict[str, Figures]) -> Iterator[str]:
    """Say which libraries gave no figures, and why."""
    what = task.what.format(n=f"{n:,}")
    for name, one in found.items():
        if one.failed is not None:
            yield f"{what}: {name} was not measured: {one.failed}."
    if task.because is not None and any(one.failed is not None for one in found.values()):
        yield f"{what}: {task.because}."


def run(task: Task, folder: Path, options: argparse.Namespace) -> dict[str, Figures]:
    """Run all cases of a task, one after another, ours between the others."""
    python, limits = Path(sys.executable), dict(task.limits)
    found: dict[str, list[Figures]] = {name: [] for name in (*task.ours, *task.theirs)}
    for part in range(options.runs):
        for name, function in task.ours.items():
            case = f"ranking_ours.{function}"
            found[name].append(once(python, case, folder, options.limit))
        for name in list(task.theirs)[part :: options.runs]:
            case, limit = f"ranking_peers.{task.theirs[name]}", limits.get(name, options.limit)
            for _ in range(options.peer_runs):
                found[name].append(once(python, case, folder, limit))
                if found[name][-1].failed is not None:
                    break
    return {name: middle(runs) for name, runs in found.items()}


def kept(labels: Sequence[str]) -> tuple[list[Row], list[str]]:
    """Return what was measured earlier of tasks that are not run now."""
    file = RESULTS / "ranking.json"
    if not labels or not file.is_file():
        return [], []
    record = json.loads(file.read_text(encoding="utf-8"))
    begins = tuple(f"{label}:" for label in labels)
    rows = [Row(r["what"], r["value"], r["unit"], r["budget"]) for r in record["rows"]]
    notes = [note for note in record.get("notes", ()) if note.startswith(begins)]
    return [row for row in rows if row.what.startswith(begins)], notes


def main() -> None:
    """Run all and write `results/ranking.json` and `.md`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--scale", type=float, default=1.0, help="1 is the sizes of the budgets")
    parser.add_argument(
        "--runs", type=int, default=3, help="of BlindArena; their median counts, between the others"
    )
    parser.add_argument("--peer-runs", type=int, default=1)
    parser.add_argument("--limit", type=float, default=300, help="seconds that a case may take")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--only",
        choices=TASKS,
        nargs="+",
        default=list(TASKS),
        help="the others keep their figures",
    )
    parser.add_argument("--dry", action="store_true", help="print, but write no results")
    options = parser.parse_args()
    sizes = {name: round(task.votes * options.scale) for name, task in TASKS.items()}
    rows: list[Row] = []
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        files = [str(n) for n in (sizes["bt"], sizes["style"], sizes["first"], options.seed)]
        subprocess.run(
            [sys.executable, HERE / "ranking_votes.py", temporary, *files],
            check=True,
        )
        for name in options.only:
            task, n = TASKS[name], sizes[name]
            found = run(task, Path(temporary), options)
            rows += (new := list(rows_of(task, n, found)))
            notes += (failed := list(notes_of(task, n, found)))
            print(*(f"{row.what}: {row.value:.4g} {row.unit}" for row in new), *failed, sep="\n")
    if not options.dry:
        labels = {name: task.what.format(n=f"{sizes[name]:,}") for name, task in TASKS.items()}
        old_rows, old_notes = kept([labels[name] for name in TASKS if name not in options.only])
        if old_rows:
            again = datetime.now(UTC).isoformat(" ", timespec="minutes")
            notes += [
                f"{labels[name]}: measured in a run of its own, {again}." for name in options.only
            ]
        order = list(labels.values())
        rows = sorted(rows + old_rows, key=lambda row: order.index(row.what.partition(": ")[0]))
        save("ranking", rows, packages=PACKAGES, notes=notes + old_notes)


if __name__ == "__main__":
    main()
