"""Write tests/data/bradley_terry_20240814.json, without anything of blindarena.ranking.

    python tests/ranking/make_golden.py

Ratings by Hunter's minorise-maximise iteration on dense matrices, until the largest gradient is
below 1e-9 votes; bounds from the textbook sandwich with Moore-Penrose pseudo-inverses.
"""

import csv
import json
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
COUNTS = ROOT / "src/blindarena/demo/data/chatbot_arena_20240814_counts.csv"
GOLDEN = ROOT / "tests/data/bradley_terry_20240814.json"
Z = 1.959963984540054


def main() -> None:
    with COUNTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row[column] for row in rows for column in ("model_1", "model_2")})
    m = len(names)
    wins, ties = np.zeros((m, m)), np.zeros((m, m))
    for row in rows:
        i, j = names.index(row["model_1"]), names.index(row["model_2"])
        wins[i, j] += int(row["wins_1"])
        wins[j, i] += int(row["wins_2"])
        ties[i, j] += int(row["ties"]) + int(row["both_bad"])
        ties[j, i] = ties[i, j]
    scores = wins + ties / 2
    votes = scores + scores.T

    strength = np.ones(m)
    while True:
        expected = votes / (strength[:, np.newaxis] + strength)
        if np.abs(scores.sum(axis=1) - strength * expected.sum(axis=1)).max() < 1e-9:
            break
        strength = scores.sum(axis=1) / expected.sum(axis=1)
        strength /= np.exp(np.log(strength).mean())
    ratings = 1000 + 400 * np.log10(strength)

    chance = strength[:, np.newaxis] / (strength[:, np.newaxis] + strength)
    squares = wins * (1 - chance) ** 2 + ties / 2 * (0.5 - chance) ** 2
    bread = np.linalg.pinv(laplacian(votes * chance * (1 - chance)), rcond=1e-12, hermitian=True)
    covariance = bread @ laplacian(squares + squares.T) @ bread
    half = Z * 400 / np.log(10) * np.sqrt(covariance.diagonal())
    golden = {
        name: [round(rating, 9), round(rating - width, 9), round(rating + width, 9)]
        for name, rating, width in zip(names, ratings.tolist(), half.tolist(), strict=True)
    }
    lines = (f" {json.dumps(name)}: {json.dumps(figures)}" for name, figures in golden.items())
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def laplacian(weights: np.ndarray) -> np.ndarray:
    return np.diag(weights.sum(axis=1)) - weights


if __name__ == "__main__":
    main()
