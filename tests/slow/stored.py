"""What lies in the database, read past the application, and what must be true of it."""

import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

_VOTES = """
    SELECT v.battle_id, v.arena_id, v.outcome, v.excluded, v.category,
           b.contestant_a, b.contestant_b
    FROM votes v JOIN battles b ON b.id = v.battle_id WHERE v.points_at IS NULL"""
_COUNTS = """
    SELECT arena_id, category, "first", "second", wins_first, wins_second, ties, both_bad
    FROM pair_counts WHERE population = 'people'"""
_BATTLES = "SELECT id, status FROM battles"
_TURNS = "SELECT battle_id, status FROM turns ORDER BY number, attempt"
_ARENAS = "SELECT slug, id FROM arenas"
QUERIES = (_VOTES, _COUNTS, _BATTLES, _TURNS, _ARENAS)

CountKey = tuple[UUID, str, UUID, UUID]


@dataclass(frozen=True)
class StoredVote:
    """A vote row, with the contestants of its battle."""

    battle: UUID
    arena: UUID
    outcome: str
    excluded: str | None
    category: str
    a: UUID
    b: UUID


@dataclass(frozen=True)
class Stored:
    """One consistent reading of a database.

    Attributes:
        counts: wins of the first, wins of the second, ties, both bad.
        battles: status by battle.
        last_turns: status of each battle's last attempt at its last turn.
    """

    votes: Sequence[StoredVote]
    counts: Mapping[CountKey, tuple[int, ...]]
    battles: Mapping[UUID, str]
    last_turns: Mapping[UUID, str]
    arenas: Mapping[str, UUID]

    @property
    def streaming(self) -> set[UUID]:
        """Battles of which something runs, or did when the server died."""
        return {battle for battle, status in self.battles.items() if status == "streaming"} | {
            battle for battle, status in self.last_turns.items() if status == "streaming"
        }

    def counted(self, slug: str) -> int:
        """Return how many votes of an arena count."""
        arena = self.arenas[slug]
        return sum(vote.arena == arena and vote.excluded is None for vote in self.votes)


def read_sqlite(path: Path) -> Stored:
    """Read a database in use."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    try:
        connection.execute("BEGIN")
        return _stored([connection.execute(query).fetchall() for query in QUERIES])
    finally:
        connection.close()


def read_dead_sqlite(path: Path) -> Stored:
    """Read a copy of what a killed server left; the original stays for the server to recover."""
    with tempfile.TemporaryDirectory() as folder:
        for file in path.parent.glob(f"{path.name}*"):
            if not file.name.endswith("-shm"):  # made anew from the log, as after a crash
                shutil.copy(file, folder)
        connection = sqlite3.connect(Path(folder) / path.name)
        try:
            return _stored([connection.execute(query).fetchall() for query in QUERIES])
        finally:
            connection.close()


def sqlite_faults(path: Path) -> list[str]:
    """Return what SQLite's own checks of the whole file find."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    try:
        checks = ("integrity_check", "foreign_key_check")
        found = [row for check in checks for row in connection.execute(f"PRAGMA {check}")]
    finally:
        connection.close()
    return [str(row) for row in found if row != ("ok",)]


async def read_postgres(connection: "asyncpg.Connection[asyncpg.Record]") -> Stored:
    """Read a database in use, at one moment of it."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return _stored([await connection.fetch(query) for query in QUERIES])


def faults(
    stored: Stored, *, acknowledged: Mapping[UUID, str], sent: Mapping[UUID, Collection[str]]
) -> list[str]:
    """Return everything that is wrong with the votes, one line each.

    Args:
        stored: what is in the database.
        acknowledged: outcome by battle of every vote that was acknowledged before the reading.
        sent: outcomes by battle of every vote that was sent until after it.
    """
    found = []
    per_battle = Counter(vote.battle for vote in stored.votes)
    found += [f"{n} votes on battle {battle}" for battle, n in per_battle.items() if n > 1]
    outcomes = {vote.battle: vote.outcome for vote in stored.votes}
    for battle, outcome in acknowledged.items():
        if outcomes.get(battle) != outcome:
            found.append(f"acknowledged {outcome} on {battle}, stored {outcomes.get(battle)}")
    for vote in stored.votes:
        if vote.outcome not in sent.get(vote.battle, ()):
            found.append(f"nobody sent {vote.outcome} on {vote.battle}")
        if stored.battles[vote.battle] != "voted":
            found.append(f"{vote.battle} has a vote and is {stored.battles[vote.battle]}")
    voted = {battle for battle, status in stored.battles.items() if status == "voted"}
    found += [f"{battle} is voted without a vote" for battle in voted - set(outcomes)]
    recounted = recount(stored.votes)
    for key in recounted.keys() | stored.counts.keys():
        if stored.counts.get(key) != recounted.get(key):
            found.append(f"counts {stored.counts.get(key)}, recount {recounted.get(key)} of {key}")
    return found


def recount(votes: Sequence[StoredVote]) -> dict[CountKey, tuple[int, ...]]:
    """Count the pairs from the vote rows, with none of the application's code."""
    cells: Counter[tuple[CountKey, int]] = Counter()
    for vote in votes:
        if vote.excluded is not None:
            continue
        first, second = sorted((vote.a, vote.b))
        if vote.outcome in ("tie", "both_bad"):
            column = 2 if vote.outcome == "tie" else 3
        else:
            column = 0 if (vote.a if vote.outcome == "model_a" else vote.b) == first else 1
        for category in {"", vote.category}:
            cells[(vote.arena, category, first, second), column] += 1
    return {key: tuple(cells[key, column] for column in range(4)) for key, _ in cells}


def _stored(tables: Sequence[Sequence[Sequence[Any]]]) -> Stored:
    votes, counts, battles, turns, arenas = (
        [tuple(_plain(value) for value in row) for row in table] for table in tables
    )
    return Stored(
        votes=[StoredVote(*row) for row in votes],
        counts={(row[0], row[1], row[2], row[3]): row[4:] for row in counts},
        battles=dict(battles),
        last_turns=dict(turns),
        arenas=dict(arenas),
    )


def _plain(value: Any) -> Any:
    """Return the standard library's UUID in place of bytes and of a driver's own."""
    if isinstance(value, bytes):
        return UUID(bytes=value)
    return UUID(int=value.int) if isinstance(value, UUID) else value
