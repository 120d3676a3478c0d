"""Published vote files, where they are at hand (BLINDARENA_PARITY_DATA)."""

import csv
import gzip
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from vote_files import votes_of

from blindarena.errors import VoteFileError
from blindarena.votes import read_cells, read_pair_counts, read_votes


def test_clean_battle(parity_data: Path) -> None:
    """2,061 votes, of which row 1820 is a model against itself."""
    path = parity_data / "battles" / "clean_battle_20240220.json.gz"
    rows = [
        (row["model_a"], row["model_b"], row["winner"].replace("tie (bothbad)", "both_bad"), 1)
        for row in json.loads(gzip.decompress(path.read_bytes()))
        if row["model_a"] != row["model_b"]
    ]

    with pytest.raises(VoteFileError, match=r"row 1820, column 'model_b'.*cannot meet itself"):
        read_votes(path)
    table = read_votes(path, on_bad_rows="skip")

    assert votes_of(table) == rows
    assert len(rows) == 2060
    assert table.report.rows == 2061
    assert table.report.skipped == {"self-pair": 1}
    assert table.labels["voter"].names == ("arena_user_::1",)
    assert Counter(table.labels["anony"].codes.tolist()).keys() == {0, 1}


def test_vicuna_battles(parity_data: Path) -> None:
    golden = json.loads((parity_data / "ranking" / "fastchat_golden.json").read_text())

    table = read_votes(parity_data / "ranking" / "vicuna_gpt4_battles.jsonl")

    assert table.votes.n == golden["n"]
    assert Counter(vote[2] for vote in votes_of(table)) == golden["winner_counts"]
    assert set(table.models) == set(golden["bt"])
    category = table.labels["category"]
    assert (
        dict(zip(category.names, np.bincount(category.codes).tolist(), strict=True))
        == golden["by_category"]
    )
    assert table.numbers["tokens_a"][0] == 128
    assert table.numbers["lists_a"][0] == 16
    assert table.numbers["headers_a"].max() == 0  # as the golden file says: constant


def test_llmfao(parity_data: Path) -> None:
    path = parity_data / "ranking" / "llmfao_votes.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    outcome = {"left": "model_a", "right": "model_b", "tie": "tie"}

    table = read_votes(path)

    assert votes_of(table) == [
        (row["left"], row["right"], outcome[row["winner"]], 1) for row in rows
    ]
    assert len(table.votes) == 8931
    assert len(table.models) == 59
    voter = table.labels["voter"]
    assert [voter.names[code] for code in voter.codes] == [row["worker"] for row in rows]
    assert len(table.labels["prompt"].names) == 13


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("human", {"model_a": 1293, "model_b": 1282, "tie": 780}),
        ("gpt4_pair", {"model_a": 190, "model_b": 1610, "tie": 220 + 380}),
    ],
)
def test_mt_bench_judgments(parity_data: Path, name: str, counts: dict[str, int]) -> None:
    table = read_votes(parity_data / "judge" / "mtbench_human" / f"{name}.jsonl")

    assert Counter(vote[2] for vote in votes_of(table)) == counts
    assert len(table.models) == 6
    assert len(table.labels["prompt"].names) == 80
    assert table.labels["turn"].names == ("1", "2")


def test_fastchat_pair_judgments(parity_data: Path) -> None:
    """show_result gives gpt-4 three wins, one loss and one tie."""
    folder = parity_data / "judge" / "mtbench_format_small" / "model_judgment"

    table = read_votes(folder / "gpt-4_pair.jsonl")

    assert table.models == ("gpt-3.5-turbo", "gpt-4")
    assert table.votes.cells()[0, 1].tolist() == [1, 3, 1, 0]
    assert table.labels["voter"].names == ("gpt-4, pair-v2",)


def test_chatbot_arena_counts(parity_data: Path) -> None:
    path = parity_data / "ranking" / "chatbot_arena_20240814_counts.csv"

    pairs, cells = read_pair_counts(path), read_cells(path)

    assert cells.models == tuple(sorted(pairs.models))
    assert cells.counts.sum() == 1_670_250
    place = [cells.models.index(name) for name in pairs.models]
    both = cells.counts[place][:, place]
    first, second = pairs.first, pairs.second
    assert (both[first, second, 0] + both[second, first, 1]).tolist() == pairs.wins_first.tolist()
    assert both[:, :, 3].sum() == pairs.both_bad.sum()
