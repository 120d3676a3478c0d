"""Measure what a live leaderboard costs, which does not depend on how many votes are stored.

    python benchmarks/bench_board.py

Budget: fit, intervals and overlap ranks of 200 contestants after new votes within 5 ms.
"""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np

from blindarena.domain.arenas import Arena, Consent, Contestant
from blindarena.domain.boards import ContestantStats, PairCount, Population
from blindarena.leaderboard.counted import Counted
from blindarena.leaderboard.estimates import estimate
from blindarena.leaderboard.live import LiveLeaderboard
from blindarena.leaderboard.quick import QuickFits
from blindarena.votes.counts_csv import read_pair_counts
from rows import Row, save

DATA = Path(__file__).resolve().parent.parent / "src/blindarena/demo/data"
COUNTS = DATA / "chatbot_arena_20240814_counts.csv"
RUNS = 100
FRESH = """
import time
begun = time.perf_counter()
from blindarena.ranking import fit_bradley_terry, sandwich_covariance, PairCounts
from blindarena.votes.counts_csv import read_pair_counts
t = read_pair_counts({path!r})
c = PairCounts(len(t.models), t.first, t.second, t.wins_first, t.wins_second, t.ties + t.both_bad)
sandwich_covariance(c, fit_bradley_terry(c).theta)
print(time.perf_counter() - begun)
"""


def milliseconds(
    work: Callable[[], object], *, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Return the median time of a call, by the wall unless another clock is given."""
    work()
    times = []
    for _ in range(RUNS):
        begun = clock()
        work()
        times.append(clock() - begun)
    return 1e3 * statistics.median(times)


def synthetic(m: int, votes: int, rng: np.random.Generator) -> Counted:
    """Make votes of m contestants that all met, 30 % of them ties."""
    first, second = np.triu_indices(m, 1)
    strength = rng.normal(0, 0.5, m)
    n = rng.multinomial(votes, np.full(len(first), 1 / len(first)))
    ties = rng.binomial(n, 0.3)
    wins = rng.binomial(n - ties, 1 / (1 + np.exp(strength[second] - strength[first])))
    none = np.zeros_like(n)
    return Counted(m, first, second, np.stack([wins, n - ties - wins, ties, none]))


def refresh(counted: Counted, rng: np.random.Generator) -> Callable[[], object]:
    """Return a refresh: one more vote than last time, from the strengths of last time."""
    state = {"counted": counted, "theta": estimate(counted, min_votes=50).theta}

    def work() -> None:
        cells = state["counted"].cells.copy()
        cells[rng.integers(3), rng.integers(cells.shape[1])] += 1
        state["counted"] = replace(counted, cells=cells)
        state["theta"] = estimate(state["counted"], min_votes=50, start=state["theta"]).theta

    return work


class Published:
    """The port `Counts` with the published votes; `changes` is its version."""

    def __init__(self) -> None:
        table = read_pair_counts(COUNTS)
        self.names = table.models
        columns = (table.wins_first, table.wins_second, table.ties, table.both_bad)
        cells = np.column_stack([table.first, table.second, *columns]).tolist()
        self.rows = [
            PairCount(UUID(int=first), UUID(int=second), *votes) for first, second, *votes in cells
        ]
        self.changes = 0

    async def pairs(
        self,
        arena_id: UUID,
        *,
        population: Population,
        category: str = "",
        version: int = 1,
        with_excluded: bool = False,
    ) -> list[PairCount]:
        """Return them all."""
        return self.rows

    async def version(self, arena_id: UUID) -> int:
        """Return the number of changes."""
        return self.changes

    async def categories(
        self, arena_id: UUID, *, population: Population, version: int = 1
    ) -> list[str]:
        """Return none."""
        return []

    async def stats(self, arena_id: UUID) -> list[ContestantStats]:
        """Return none."""
        return []

    async def excluded(self, arena_id: UUID, *, version: int | None = None) -> dict[str, int]:
        """Return none."""
        return {}


def published_rows() -> list[Row]:
    """Measure whole boards, rows included, of the 1.67 M published votes."""
    counts = Published()
    arena = Arena(UUID(int=999), "arena", "Arena", "published", Consent("1", ""))
    contestants = tuple(
        Contestant(UUID(int=i), arena.id, name) for i, name in enumerate(counts.names)
    )
    boards = LiveLeaderboard(counts)  # type: ignore[arg-type]
    seeds = iter(range(10**9))

    def board(votes: int | None = None, *, changed: bool = False) -> None:
        counts.changes += changed
        asyncio.run(
            boards.board(
                arena,
                contestants,
                population="published",
                votes=votes,
                seed=next(seeds),
                now=datetime.now(UTC),
            )
        )

    what = "board of 1.67 M votes, 129 contestants"
    return [
        Row(f"{what}: nothing new", milliseconds(board), "ms", None),
        Row(f"{what}: read anew", milliseconds(lambda: board(changed=True)), "ms", None),
        *(
            Row(f"{what}: thinned to {n:,}", milliseconds(lambda n=n: board(n)), "ms", "<= 60")
            for n in (100, 10_000, 1_000_000)
        ),
    ]


def main() -> None:
    """Run all and write `results/board.json` and `.md`."""
    rng = np.random.default_rng(0)
    quick = QuickFits()  # as in every LiveLeaderboard
    rows = []
    for m, votes in ((200, 100_000), (200, 1_000_000), (200, 100_000_000)):
        counted = synthetic(m, votes, rng)
        what = f"fit, intervals, overlap ranks of {m} contestants, {votes:,} votes"
        with quick.one_thread():
            time_after = milliseconds(refresh(counted, rng))
            cpu_after = milliseconds(refresh(counted, rng), clock=time.process_time)
            time_first = milliseconds(lambda c=counted: estimate(c, min_votes=50))
        rows += [
            Row(f"{what}: after a new vote", time_after, "ms", "<= 5"),
            Row(f"{what}: after a new vote, CPU time", cpu_after, "ms", None),
            Row(f"{what}: the first time", time_first, "ms", None),
        ]
    rows += published_rows()
    command = [sys.executable, "-c", FRESH.format(path=str(COUNTS))]
    fresh = statistics.median(
        float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(5)
    )
    rows.append(Row("fresh process: import, read 1.67 M votes, fit, intervals", fresh, "s", "<= 1"))
    save("board", rows)


if __name__ == "__main__":
    main()
