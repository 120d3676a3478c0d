"""Votes for tests of boards made from files."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
MODELS = ("ada", "bob", "cleo", "dan")
STRENGTH = np.array([0.8, 0.3, -0.2, -0.9])
OUTCOMES = np.array(["model_a", "model_b", "tie", "both_bad"])


def votes(n: int = 1200, *, seed: int = 1, tastes: bool = False) -> pa.Table:
    """Return votes on four models, with voters, two categories and style counts.

    Args:
        n: how many.
        seed: draws the same votes each time.
        tastes: whether the order of the models is the other way round in category "poems".
    """
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 4, n)
    b = (a + rng.integers(1, 4, n)) % 4
    category = rng.integers(0, 2, n)
    tokens = rng.integers(20, 400, (2, n))
    sign = np.where(tastes & (category == 1), -1, 1)
    lead = sign * (STRENGTH[a] - STRENGTH[b])
    lead = lead + (tokens[0] - tokens[1]) / (tokens[0] + tokens[1])
    wins = rng.random(n) < 1 / (1 + np.exp(-lead))
    outcome = np.where(wins, 0, 1)
    draw = rng.random(n)
    outcome[draw < 0.2] = 2
    outcome[draw < 0.05] = 3
    names = np.array(MODELS)
    return pa.table(
        {
            "model_a": names[a],
            "model_b": names[b],
            "winner": OUTCOMES[outcome],
            "voter": [f"v{k}" for k in rng.integers(0, 80, n)],
            "category": np.array(["code", "poems"])[category],
            "level": rng.integers(1, 4, n),
            "tokens_a": tokens[0],
            "tokens_b": tokens[1],
        }
    )


def parquet(folder: Path, table: pa.Table, name: str = "votes.parquet") -> Path:
    """Write votes to a file."""
    path = folder / name
    pq.write_table(table, path)
    return path
