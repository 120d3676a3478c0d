"""The real votes of 14 August 2024 against figures that others computed."""

import json
from pathlib import Path

import numpy as np
import pytest

from blindarena.ranking import (
    ELO_PER_NAT,
    PairCounts,
    fit_bradley_terry,
    normal_interval,
    sandwich_covariance,
    to_elo,
)
from blindarena.votes.counts_csv import PairTable, read_pair_counts


@pytest.fixture(scope="module")
def table(root: Path) -> PairTable:
    return read_pair_counts(root / "src/blindarena/demo/data/chatbot_arena_20240814_counts.csv")


@pytest.fixture(scope="module")
def counts(table: PairTable) -> PairCounts:
    return PairCounts(
        len(table.models),
        table.first,
        table.second,
        table.wins_first,
        table.wins_second,
        table.ties + table.both_bad,
    )


def test_all_the_votes_are_there(table: PairTable, counts: PairCounts) -> None:
    assert (len(table.models), counts.votes.sum()) == (129, 1_670_250)


def test_the_board_that_lmsys_published(root: Path, table: PairTable, counts: PairCounts) -> None:
    """Within 1.5 points of 22 July, to the digit stated; they print whole points."""
    published = json.loads((root / "tests/data/lmsys_published_20240722.json").read_text())
    anchor = published["anchor"]
    ratings = to_elo(
        fit_bradley_terry(counts).theta,
        anchor=(table.models.index(anchor["model"]), anchor["rating"]),
    )

    apart = {
        name: abs(ratings[table.models.index(name)] - figure)
        for name, figure in published["ratings"].items()
    }

    assert len(apart) == 15
    assert round(max(apart.values()), 1) <= 1.5, apart


def test_the_golden_file(root: Path, table: PairTable, counts: PairCounts) -> None:
    """Another algorithm, see make_golden.py, within 1e-6 points."""
    golden = json.loads((root / "tests/data/bradley_terry_20240814.json").read_text())
    theta = fit_bradley_terry(counts).theta
    ratings = to_elo(theta)
    variance = ELO_PER_NAT**2 * sandwich_covariance(counts, theta).diagonal()

    found = np.column_stack([ratings, *normal_interval(ratings, variance)])

    assert found == pytest.approx(np.array([golden[name] for name in table.models]), abs=1e-6)
