"""The test of voters and the cap on the votes of one, on the board."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from vote_tables import NOW, parquet, votes

from blindarena import rank
from blindarena.errors import InputError
from blindarena.leaderboard.result import Leaderboard
from blindarena.ranking.exclusions import beyond_cap
from blindarena.votes import read_cells

WIDE = np.linspace(2.4, -2.4, 8)
CLICKERS = 4


def crowd(*, people: int = 40, each: int = 100) -> pa.Table:
    """Return votes on a wide board; the first CLICKERS people click one of four buttons."""
    rng = np.random.default_rng(11)
    who = np.tile(np.arange(people), each)
    a = rng.integers(0, 8, len(who))
    b = (a + rng.integers(1, 8, len(who))) % 8
    outcome = np.where(rng.random(len(who)) < 1 / (1 + np.exp(WIDE[b] - WIDE[a])), 0, 1)
    outcome[rng.random(len(who)) < 0.2] = 2
    outcome = np.where(who < CLICKERS, rng.integers(0, 4, len(who)), outcome)
    names = np.array([f"m{k}" for k in range(8)])
    return pa.table(
        {
            "model_a": names[a],
            "model_b": names[b],
            "winner": np.array(["model_a", "model_b", "tie", "both_bad"])[outcome],
            "voter": [f"clicker {k}" if k < CLICKERS else f"person {k}" for k in who],
        }
    )


CROWD = crowd()


@pytest.fixture(scope="module")
def shown() -> Leaderboard:
    return rank(CROWD, voter_test=True, now=NOW)


@pytest.fixture(scope="module")
def left_out() -> Leaderboard:
    return rank(CROWD, voter_test=True, exclude_flagged=True, now=NOW)


def test_clickers_are_found_and_nobody_is_left_out_unasked(shown: Leaderboard) -> None:
    check = shown.voters
    assert check is not None
    assert check.voters == 40
    assert check.enough is not None
    assert check.power[100] >= 0.85 > check.power[20]
    assert check.honest <= 0.06
    flagged = {one.voter for one in check.suspects if one.flagged}
    assert len([name for name in flagged if name.startswith("clicker")]) >= 3
    assert len([name for name in flagged if name.startswith("person")]) <= 2
    assert {one.kind for one in check.suspects if one.voter.startswith("clicker")} <= {"random"}
    assert check.flagged_votes == 100 * check.flagged
    assert shown.n == 4000
    assert shown.excluded == {}


def test_the_board_is_shown_with_and_without(shown: Leaderboard, left_out: Leaderboard) -> None:
    assert shown.voters is not None
    assert left_out.voters is not None
    flagged = [one.voter for one in shown.voters.suspects if one.flagged]
    kept = CROWD.filter(pa.array([voter not in flagged for voter in CROWD["voter"].to_pylist()]))
    plain = {row.contestant: row.rating for row in rank(kept, now=NOW).rows}

    assert left_out.n == 4000 - shown.voters.flagged_votes
    assert left_out.excluded == {"flagged by the voter test": shown.voters.flagged_votes}
    assert {row.contestant: row.rating for row in left_out.rows} == pytest.approx(plain)
    assert left_out.data_hash == rank(kept, now=NOW).data_hash
    for check in (shown.voters, left_out.voters):
        with_all = {row.contestant: row.rating for row in shown.rows}
        assert {row.contestant: row.rating for row in check.rows} == pytest.approx(with_all)
        assert {row.contestant: row.rating_without for row in check.rows} == pytest.approx(plain)
    spread = [max(x.values()) - min(x.values()) for x in (with_all, plain)]  # type: ignore[type-var]
    assert spread[1] > spread[0]


def test_below_the_measured_power_nobody_is_flagged() -> None:
    """On a board of equals a vote says little about its voter."""
    check = rank(votes(1200, seed=3), voter_test=True, exclude_flagged=True, now=NOW).voters

    assert check is not None
    assert check.enough is None
    assert check.flagged == 0
    assert check.rows == ()


def test_a_clicker_with_few_votes_is_not_flagged() -> None:
    voter = ["clicker 0" if k % 2 else f"short {k // 80}" for k in range(4000)]
    few = CROWD.set_column(3, "voter", pa.array(voter)).slice(0, 4000)

    check = rank(few, voter_test=True, now=NOW).voters

    assert check is not None
    assert check.enough is not None
    assert all(one.votes >= check.enough for one in check.suspects if one.flagged)
    assert not any(one.flagged for one in check.suspects if one.voter.startswith("short"))


def test_it_is_in_every_format(shown: Leaderboard, left_out: Leaderboard) -> None:
    content = json.loads(left_out.to_json())

    assert content["voters"]["power"].keys() == {"20", "30", "50", "100"}
    assert content["voters"]["excluded"] is True
    assert len(content["voters"]["rows"]) == 8
    for text in (shown.to_html(), shown.to_markdown()):
        assert "With and without flagged voters" in text
        assert "which are not left out" in text
    assert "which are left out" in left_out.to_html()


def test_the_first_votes_of_each_voter_count() -> None:
    board = rank(CROWD, max_votes_per_voter=30, now=NOW)
    codes = np.unique(CROWD["voter"].to_pylist(), return_inverse=True)[1]
    first = rank(CROWD.filter(pa.array(~beyond_cap(codes, 30))), now=NOW)

    assert board.n == 30 * 40
    assert board.excluded == {"beyond the first 30 of their voter": 70 * 40}
    assert board.rows == first.rows
    assert board.data_hash == first.data_hash
    assert "Left out: 2,800 rows (beyond the first 30 of their voter)." in board.to_markdown()


def test_votes_without_a_voter_are_neither_capped_nor_tested() -> None:
    voter = CROWD["voter"].to_pylist()
    half = CROWD.set_column(3, "voter", pa.array([*voter[:2000], *[None] * 2000]))

    board = rank(half, voter_test=True, max_votes_per_voter=10, now=NOW)

    assert board.n == 400 + 2000
    assert board.voters is not None
    assert board.voters.voters == 40


def test_voters_of_numbers_and_of_another_name_will_do() -> None:
    numbers = [int(name.split()[1]) for name in CROWD["voter"].to_pylist()]
    named = CROWD.drop_columns(["voter"]).append_column("rater", pa.array(numbers))

    board = rank(named, max_votes_per_voter=30, columns={"voter": "rater"}, now=NOW)

    assert board.n == 1200


def test_caps_hold_in_categories_and_for_fastchat() -> None:
    table = CROWD.append_column("topic", pa.array(["a", "b"] * 2000))

    topics = rank(table, by="topic", max_votes_per_voter=50, now=NOW)
    compat = rank(table, max_votes_per_voter=50, compat="fastchat", now=NOW)

    assert sum(one.n for one in topics.boards) == topics.n == compat.n == 2000
    assert [one.excluded for one in topics.boards] == [topics.excluded] * 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"max_votes_per_voter": 0}, "max_votes_per_voter is 0; give 1 or more"),
        ({"exclude_flagged": True}, "add voter_test"),
        ({"voter_test": True}, "'voter'"),
    ],
)
def test_wrong_options_say_the_cure(options: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        rank(CROWD.drop_columns(["voter"]), **options)  # type: ignore[arg-type]


def test_counts_do_not_say_who_voted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="need a column 'voter'"):
        rank(read_cells(parquet(tmp_path, CROWD)), voter_test=True)


def test_counted_rows_do_not_say_in_which_order() -> None:
    counted = CROWD.append_column("count", pa.array([2] * 4000))

    with pytest.raises(InputError, match="these are counts"):
        rank(counted, voter_test=True)
