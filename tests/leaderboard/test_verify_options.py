"""Every option keeps a snapshot that can be computed again."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from test_costs import priced
from vote_tables import NOW, parquet

from blindarena import rank, verify_snapshot

OPTIONS: list[dict[str, Any]] = [
    {"value_of_100_elo": 0.01, "costs": True},
    {"votes_to_flip": True},
    {"first_position": True, "style": True, "cluster": "voter"},
    {"weights": "weight", "by": "category"},
    {"propensity": "probability", "method": "davidson"},
    {"method": "contextual", "by": "category", "weights": "weight"},
    {"voter_test": True, "exclude_flagged": True, "max_votes_per_voter": 9},
    {"max_votes_per_voter": 9, "compat": "fastchat"},
    {"max_votes_per_voter": 9, "method": "elo"},
]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(8)
    table = priced(800)
    table = table.append_column("weight", pa.array(rng.uniform(0.5, 2, 800)))
    table = table.append_column("probability", pa.array(rng.choice([0.1, 0.2], 800)))
    return parquet(tmp_path_factory.mktemp("votes"), table)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: " ".join(options))
def test_a_snapshot_holds(path: Path, tmp_path: Path, options: dict[str, Any]) -> None:
    snapshot = tmp_path / "board.json"
    text = rank(path, now=NOW, **options).to_json()
    snapshot.write_text(text)

    found = verify_snapshot(snapshot, path)

    assert (found.differences, found.changed_versions) == ((), ())
    stored = json.loads(text)["options"]
    assert {name: stored[name] for name in options} == options


@pytest.mark.parametrize("key", ["utility", "flips", "cross_check"])
def test_what_is_beside_the_rows_is_compared_too(path: Path, tmp_path: Path, key: str) -> None:
    content = json.loads(rank(path, now=NOW, value_of_100_elo=0.01, votes_to_flip=True).to_json())
    content[key] = None
    (tmp_path / "board.json").write_text(json.dumps(content))

    found = verify_snapshot(tmp_path / "board.json", path)

    assert any(line.startswith(f"{key}: null -> ") for line in found.differences)


def test_a_snapshot_from_before_these_options_still_holds(path: Path, tmp_path: Path) -> None:
    from blindarena.leaderboard.snapshot import digest_of

    content = json.loads(rank(path, now=NOW).to_json())
    for key in ("utility", "flips", "cross_check", "voters"):
        del content[key]
    for key in ("value_of_100_elo", "votes_to_flip", "first_position", "weights", "propensity"):
        del content["options"][key]
    for key in ("voter_test", "exclude_flagged", "max_votes_per_voter"):
        del content["options"][key]
    content["digest"] = digest_of(content)
    (tmp_path / "board.json").write_text(json.dumps(content))

    assert verify_snapshot(tmp_path / "board.json", path).holds


@pytest.mark.parametrize(
    "options",
    [
        {"value_of_100_elo": 0.01},
        {"votes_to_flip": True},
        {"first_position": True},
        {"weights": "weight"},
        {"method": "contextual", "by": "category"},
    ],
)
def test_fastchat_has_none_of_these(path: Path, options: dict[str, Any]) -> None:
    from blindarena.errors import InputError

    with pytest.raises(InputError, match="leave other options out"):
        rank(path, compat="fastchat", **options)
