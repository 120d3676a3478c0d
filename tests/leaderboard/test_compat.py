"""FastChat's own numbers on the same votes; the golden file's `note` says how they were made."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from vote_tables import NOW, votes

from blindarena import rank


@pytest.fixture
def golden(parity_data: Path) -> dict[str, dict[str, float]]:
    found = json.loads((parity_data / "ranking" / "fastchat_golden.json").read_text())
    assert isinstance(found, dict)
    return found


@pytest.fixture
def battles(parity_data: Path) -> Path:
    return parity_data / "ranking" / "vicuna_gpt4_battles.jsonl"


def test_online_elo(golden: dict[str, dict[str, float]], battles: Path) -> None:
    board = rank(battles, method="elo", compat="fastchat", now=NOW)

    found = {row.contestant: row.rating for row in board.rows}
    assert found == pytest.approx(golden["elo_online_k4"], abs=1e-6)


def test_bradley_terry_with_its_early_stop(
    golden: dict[str, dict[str, float]], battles: Path
) -> None:
    found = {row.contestant: row.rating for row in rank(battles, compat="fastchat", now=NOW).rows}
    converged = {row.contestant: row.rating for row in rank(battles, now=NOW).rows}

    assert found == pytest.approx(golden["bt"], abs=1e-3)
    assert converged == pytest.approx(golden["bt"], abs=0.1)


def test_bootstrap_quantiles_draw_by_draw(
    golden: dict[str, dict[str, float]], battles: Path
) -> None:
    rows = rank(battles, compat="fastchat", now=NOW).rows

    lower, upper = (
        {row.contestant: getattr(row, end) for row in rows} for end in ("lower", "upper")
    )
    assert lower == pytest.approx(golden["bt_bootstrap100_seed0_q025"], abs=2e-3)
    assert upper == pytest.approx(golden["bt_bootstrap100_seed0_q975"], abs=2e-3)


def test_ranks_follow_from_the_quantiles(battles: Path) -> None:
    rows = rank(battles, compat="fastchat", now=NOW).rows

    for row in rows:
        above = sum(other.lower > row.upper for other in rows)
        assert row.rank == 1 + above


def test_without_ties(golden: dict[str, dict[str, float]], battles: Path, tmp_path: Path) -> None:
    decided = tmp_path / "decided.jsonl"
    lines = [line for line in battles.read_text().splitlines() if '"winner": "tie' not in line]
    decided.write_text("\n".join(lines))

    rows = rank(decided, compat="fastchat", now=NOW).rows

    found = {row.contestant: row.rating for row in rows}
    assert found == pytest.approx(golden["bt_no_ties"], abs=1e-2)


def test_the_anchor_is_held_without_a_width() -> None:
    renamed = votes().to_pylist()
    for row in renamed:
        for side in ("model_a", "model_b"):
            row[side] = row[side].replace("bob", "mixtral-8x7b-instruct-v0.1")
    theirs = rank(pa.Table.from_pylist(renamed), compat="fastchat", now=NOW)
    ours = rank(votes(), compat="fastchat", anchor=("bob", 1114.0), now=NOW)

    mixtral = next(row for row in theirs.rows if row.contestant.startswith("mixtral"))
    assert mixtral.rating == pytest.approx(1114)
    assert mixtral.lower == pytest.approx(mixtral.upper)
    assert [row.rating for row in ours.rows] == pytest.approx([row.rating for row in theirs.rows])


def test_a_model_that_never_won_gets_a_finite_number_as_there() -> None:
    lost = pa.Table.from_pylist([{"model_a": "ada", "model_b": "eve", "winner": "model_a"}] * 5)
    both = pa.concat_tables([votes().select(lost.column_names), lost])

    rows = rank(both, compat="fastchat", now=NOW).rows

    assert rows[-1].contestant == "eve"
    assert rows[-1].rating is not None
