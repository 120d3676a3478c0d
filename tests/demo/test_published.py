"""The published board of 14 August 2024."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

import blindarena.demo
from blindarena.demo.pairs import ordered_pair_counts
from blindarena.demo.published import PublishedDemo, load_chatbot_arena_2024_08_14
from blindarena.domain.boards import PairCount
from blindarena.domain.ids import uuid7

DATA = Path(blindarena.demo.__file__).parent / "data"


@pytest.fixture(scope="module")
def demo() -> PublishedDemo:
    return load_chatbot_arena_2024_08_14()


def test_all_models_and_votes_are_there(demo: PublishedDemo) -> None:
    assert len(demo.contestants) == 129
    assert demo.votes == 1_670_250
    assert len(demo.counts) == 3_460
    assert sum(count.total for count in demo.counts) == demo.votes


def test_read_only_anchored_and_attributed(demo: PublishedDemo) -> None:
    arena = demo.arena

    assert (arena.slug, arena.kind) == ("chatbot-arena-2024-08-14", "published")
    assert arena.read_only
    assert arena.anchor == ("mixtral-8x7b-instruct-v0.1", 1114.0)
    assert arena.anchor[0] in {c.name for c in demo.contestants}
    assert "clean_battle_20240814_public.json" in arena.source
    assert "leaderbot 0.4.3" in arena.source
    assert "BSD-3-Clause" in arena.source


def test_wins_stay_with_the_model_that_won(demo: PublishedDemo) -> None:
    """Checked row by row against the file, read independently."""
    names = {c.id: c.name for c in demo.contestants}
    ours = {}
    for count in demo.counts:
        assert count.first < count.second
        first, second = names[count.first], names[count.second]
        ours[first, second] = (count.wins_first, count.wins_second, count.ties, count.both_bad)
        ours[second, first] = (count.wins_second, count.wins_first, count.ties, count.both_bad)

    with (DATA / "chatbot_arena_20240814_counts.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            expected = tuple(int(row[c]) for c in ("wins_1", "wins_2", "ties", "both_bad"))
            assert ours[row["model_1"], row["model_2"]] == expected


def test_counts_under_the_ids_of_the_store(demo: PublishedDemo) -> None:
    lasting = {c.name: uuid7() for c in demo.contestants}

    counts = demo.counts_for(lasting)
    assert {i for c in counts for i in (c.first, c.second)} == set(lasting.values())
    assert sum(c.total for c in counts) == demo.votes


def test_attribution_ships_with_the_licence() -> None:
    text = (DATA / "ATTRIBUTION.md").read_text("utf-8")

    assert "clean_battle_20240814_public.json" in text
    assert "leaderbot* 0.4.3" in text
    assert "Redistributions in binary form must reproduce" in text
    assert 'THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"' in text


def test_import_reads_nothing() -> None:
    code = (
        "import sys, blindarena.demo.published, blindarena.demo.live;"
        "print({'numpy', 'scipy', 'pyarrow', 'sqlalchemy', 'fastapi'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


def test_pairs_given_twice_are_summed_and_empty_ones_dropped() -> None:
    low, middle, high = sorted(uuid7() for _ in range(3))

    counts = ordered_pair_counts(
        [
            PairCount(low, high, 1, 2, 3, 4),
            PairCount(high, low, 10, 20, 30, 40),
            PairCount(low, middle),
        ]
    )
    assert counts == [PairCount(low, high, 21, 12, 33, 44)]
