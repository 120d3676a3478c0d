"""Figures of other libraries, where their files are at hand (BLINDARENA_PARITY_DATA)."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ranking_cases import pair_counts

from blindarena.ranking import PairCounts, fit_bradley_terry, tally, to_elo
from blindarena.ranking.arrays import FloatArray

COLUMN = {"left": 2, "right": 3, "tie": 4, "model_a": 2, "model_b": 3, "X": 2, "Y": 3, "T": 4}


@pytest.fixture
def folder(parity_data: Path) -> Path:
    return parity_data / "ranking"


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def from_votes(votes: list[tuple[str, str, str]]) -> tuple[list[str], PairCounts]:
    """Count votes (one side, other side, outcome), an unknown outcome being a KeyError."""
    names = sorted({name for one, two, _ in votes for name in (one, two)})
    rows = []
    for one, two, outcome in votes:
        row = [names.index(one), names.index(two), 0, 0, 0]
        row[COLUMN[outcome]] = 1
        rows.append(tuple(row))
    return names, pair_counts(len(names), rows)


def shares(theta: FloatArray) -> FloatArray:
    """Strengths that sum to 1, as evalica prints them."""
    return np.asarray(np.exp(theta) / np.exp(theta).sum())


@pytest.mark.parametrize("name", ["evalica_simple", "evalica_food", "evalica_llmfao"])
def test_evalica(folder: Path, name: str) -> None:
    """evalica stops early: its own tolerance is 1e-4 of a strength."""
    file = read(folder / f"{name}.json")
    votes = file["votes"]
    if isinstance(votes, str):
        with (folder / votes).open(encoding="utf-8", newline="") as rows:
            votes = [(row["left"], row["right"], row["winner"]) for row in csv.DictReader(rows)]
    names, counts = from_votes(votes)
    golden = file["golden"]

    strengths = shares(fit_bradley_terry(counts).theta)
    tallies = tally(counts)

    assert dict(zip(names, strengths, strict=True)) == pytest.approx(
        golden["bradley_terry"], rel=1e-4
    )
    assert dict(zip(names, tallies.wins + tallies.ties / 2, strict=True)) == pytest.approx(
        golden["counting"], rel=1e-5
    )


def test_evalica_rust_units(folder: Path) -> None:
    file = read(folder / "evalica_rust_units.json")
    votes = [
        (str(x), str(y), w) for x, y, w in zip(file["xs"], file["ys"], file["winners"], strict=True)
    ]
    _, counts = from_votes(votes)

    assert shares(fit_bradley_terry(counts).theta) == pytest.approx(
        file["bradley_terry"]["expected"], abs=1e-7
    )


@pytest.mark.parametrize("name", ["choix_pairwise-1", "choix_pairwise-2"])
def test_choix(folder: Path, name: str) -> None:
    file = read(folder / f"{name}.json")
    counts = pair_counts(file["n_items"], [(a, b, 1, 0, 0) for a, b in file["data"]])

    assert fit_bradley_terry(counts).theta == pytest.approx(file["ml_est"], abs=1e-8)


def test_choix_notebook(folder: Path) -> None:
    file = read(folder / "choix_notebook.json")
    theta = fit_bradley_terry(pair_counts(5, [(a, b, 1, 0, 0) for a, b in file["data"]])).theta

    assert theta == pytest.approx(file["ilsr"], abs=5e-4)
    assert 1 / (1 + np.exp(theta[4] - theta[1])) == pytest.approx(file["prob_1_beats_4"], abs=0.005)


def test_arena_rank_worked_example(folder: Path) -> None:
    file = read(folder / "arenarank_wikipedia.json")
    names = sorted(file["expected_strength_geomean_1"])
    rows = [(names.index(a), names.index(b), times, 0, 0) for a, b, times in file["wins"]]
    strengths = np.exp(fit_bradley_terry(pair_counts(len(names), rows)).theta)

    assert dict(zip(names, strengths, strict=True)) == pytest.approx(
        file["expected_strength_geomean_1"], rel=1e-3
    )


def test_fastchat(folder: Path) -> None:
    """FastChat's optimiser stops early: within 0.1 points. It centres at 1000, as we do."""
    golden = read(folder / "fastchat_golden.json")
    lines = (folder / "vicuna_gpt4_battles.jsonl").read_text(encoding="utf-8").splitlines()
    battles = [json.loads(line) for line in lines]
    votes = [(b["model_a"], b["model_b"], b["winner"]) for b in battles]

    for key, used in (("bt", votes), ("bt_no_ties", [v for v in votes if v[2] != "tie"])):
        names, counts = from_votes(used)
        ratings = to_elo(fit_bradley_terry(counts).theta)
        assert dict(zip(names, ratings, strict=True)) == pytest.approx(golden[key], abs=0.1)


def test_the_later_board_that_lmsys_published(folder: Path) -> None:
    """Three weeks of new votes later it is still within 3.2 points (to that digit)."""
    published = read(folder / "lmsys_published_2024.json")
    with (folder / "chatbot_arena_20240814_counts.csv").open(encoding="utf-8", newline="") as rows:
        cells = list(csv.DictReader(rows))
    names = sorted({row[column] for row in cells for column in ("model_1", "model_2")})
    counts = pair_counts(
        len(names),
        [
            (
                names.index(row["model_1"]),
                names.index(row["model_2"]),
                int(row["wins_1"]),
                int(row["wins_2"]),
                int(row["ties"]) + int(row["both_bad"]),
            )
            for row in cells
        ],
    )
    anchor = published["anchor"]
    ratings = to_elo(
        fit_bradley_terry(counts).theta, anchor=(names.index(anchor["model"]), anchor["rating"])
    )

    apart = [
        abs(ratings[names.index(name)] - figure)
        for name, figure in published["boards"]["2024-09-05"].items()
    ]

    assert round(max(apart), 1) <= 3.2
