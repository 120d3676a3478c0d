"""Synthetic votes for `bench_ranking.py`, the same for the same seed.

python benchmarks/ranking_votes.py FOLDER COUNTED STYLED FEWER SEED
"""

import sys
from pathlib import Path
from typing import Any

MODELS, TIES = 200, 0.3
FEATURES = ("tokens", "headers", "lists", "bold")
MEANS = (400, 3, 8, 5)
WORTH = (0.25, 0.05, 0.1, 0.05)
"""What a standard deviation more of each feature is worth, in nats."""

COUNTED, STYLED, FEWER = "votes.parquet", "styled.parquet", "fewer.parquet"


def write(folder: Path, counted: int, styled: int, fewer: int, seed: int) -> None:
    """Write the three files of votes, the models' names and winners as text."""
    import numpy as np

    rng = np.random.default_rng(seed)
    strength = rng.normal(0, 0.5, MODELS)
    for name, n in ((COUNTED, counted), (STYLED, styled), (FEWER, fewer)):
        _write_file(folder / name, n, strength, rng, styled=name == STYLED)


def covariates(table: Any) -> Any:
    """Return the (n, F) covariates of a pandas table with style, as BlindArena makes them."""
    import numpy as np

    columns = []
    for name in FEATURES:
        a, b = (table[f"{name}_{side}"].to_numpy(dtype=float) for side in "ab")
        total = a + b
        share = np.divide(a - b, total, out=np.zeros(len(a)), where=total > 0)
        columns.append(share / np.sqrt(share @ share / len(share)))
    return np.column_stack(columns)


def _write_file(path: Path, n: int, strength: Any, rng: Any, *, styled: bool) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = pa.array([f"provider/model-{i:03d}" for i in range(MODELS)])
    first = rng.integers(0, MODELS, n)
    second = (first + rng.integers(1, MODELS, n)) % MODELS
    odds = strength[first] - strength[second]
    columns = {}
    for name, mean, worth in zip(FEATURES, MEANS, WORTH, strict=True) if styled else ():
        a, b = rng.negative_binomial(2, 2 / (2 + mean), (2, n))
        columns |= {f"{name}_a": a, f"{name}_b": b}
        share = (a - b) / np.maximum(a + b, 1)
        odds += worth * share / share.std()
    won = rng.random(n) < 1 / (1 + np.exp(-odds))
    outcome = np.where(rng.random(n) < TIES, 2, np.where(won, 0, 1))
    words = pa.array(["model_a", "model_b", "tie"])
    table = pa.table(
        {
            "model_a": names.take(pa.array(first)),
            "model_b": names.take(pa.array(second)),
            "winner": words.take(pa.array(outcome)),
            **columns,
        }
    )
    pq.write_table(table, path)


if __name__ == "__main__":
    write(Path(sys.argv[1]), *map(int, sys.argv[2:]))
