import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from vote_tables import MODELS, NOW, STRENGTH, parquet, votes

import blindarena
from blindarena import rank
from blindarena.errors import InputError, NotIdentifiedError, VoteFileError
from blindarena.leaderboard.options import Method
from blindarena.leaderboard.result import Leaderboard
from blindarena.ranking import ELO_PER_NAT, fit_bradley_terry, sandwich_variances
from blindarena.votes import read_cells, read_votes

VOTES = votes()


def ratings(board: Leaderboard) -> dict[str, float]:
    return {row.contestant: row.rating for row in board.rows if row.rating is not None}


def pair(a: str, b: str, winner: str, n: int = 1) -> list[dict[str, str]]:
    return [{"model_a": a, "model_b": b, "winner": winner}] * n


def test_the_rows_are_those_of_the_ranking_functions() -> None:
    table = read_votes(VOTES)
    counts = table.votes.pair_counts()
    fitted = fit_bradley_terry(counts)
    theta = dict(zip(table.models, fitted.theta, strict=True))
    half = 1.959963984540054 * ELO_PER_NAT * np.sqrt(sandwich_variances(counts, fitted.theta))
    widths = dict(zip(table.models, half, strict=True))

    board = rank(VOTES, now=NOW)

    assert board.n == 1200
    assert board.seed == 0
    assert [row.contestant for row in board.rows] == list(MODELS)
    for row in board.rows:
        assert row.rating == pytest.approx(1000 + ELO_PER_NAT * theta[row.contestant], abs=1e-9)
        assert row.upper - row.rating == pytest.approx(widths[row.contestant], abs=1e-9)
        assert row.rank_low <= row.rank_high
        assert row.wins + row.losses + row.ties + row.both_bad == row.votes
    assert sum(row.votes for row in board.rows) == 2 * board.n


def test_a_file_a_frame_counts_and_a_table_give_one_board(tmp_path: Path) -> None:
    path = parquet(tmp_path, VOTES)
    boards = [rank(given, now=NOW) for given in (path, VOTES, read_votes(path), read_cells(path))]

    assert len({board.rows for board in boards}) == 1
    assert len({board.data_hash for board in boards}) == 1


@pytest.mark.parametrize("method", ["bt", "davidson", "rao-kupper", "four-outcome", "elo"])
def test_every_method_finds_the_order(method: Method) -> None:
    board = rank(VOTES, method=method, now=NOW)

    assert [row.contestant for row in board.rows] == list(MODELS)
    assert np.mean(list(ratings(board).values())) == pytest.approx(1000)
    assert all(row.lower < row.rating < row.upper for row in board.rows)


def test_style_control_takes_the_bias_for_length_out() -> None:
    board = rank(votes(8000), style=True, now=NOW)

    (tokens,) = board.coefficients
    assert tokens.name == "tokens"
    assert tokens.lower > 0
    truth = ELO_PER_NAT * (STRENGTH - STRENGTH.mean())
    found = np.array([ratings(board)[name] - 1000 for name in MODELS])
    # ties at random halve about a fifth of the votes, which shrinks every difference
    assert found / truth == pytest.approx(found[0] / truth[0], abs=0.25)


def test_clusters_of_copied_votes_widen_the_interval() -> None:
    copied = pa.concat_tables([VOTES] * 4)

    plain = rank(copied, now=NOW)
    clustered = rank(copied, cluster="voter", now=NOW)

    assert ratings(clustered) == pytest.approx(ratings(plain))
    for narrow, wide in zip(plain.rows, clustered.rows, strict=True):
        assert wide.upper - wide.lower > 1.5 * (narrow.upper - narrow.lower)
    assert "clustered by voter (80 clusters" in clustered.interval


def test_votes_without_a_cluster_stand_alone() -> None:
    voter = VOTES["voter"].to_pylist()
    half = VOTES.set_column(3, "voter", pa.array([*voter[:600], *[None] * 600]))

    board = rank(half, cluster="voter", now=NOW)

    assert any("600 votes without voter count as a cluster each" in note for note in board.notes)


@pytest.mark.parametrize("interval", ["bootstrap", "anytime"])
def test_other_intervals_hold_the_rating(interval: str) -> None:
    board, sandwich = (rank(VOTES, interval=kind, now=NOW) for kind in (interval, "sandwich"))  # type: ignore[arg-type]

    for row, usual in zip(board.rows, sandwich.rows, strict=True):
        share = (row.upper - row.lower) / (usual.upper - usual.lower)
        assert 0.9 < share < 1.1 if interval == "bootstrap" else share > 1.2
    assert rank(VOTES, interval=interval, now=NOW).rows == board.rows  # type: ignore[arg-type]


def test_an_anchor_holds_its_rating_and_keeps_its_width() -> None:
    free, held = rank(VOTES, now=NOW), rank(VOTES, anchor=("cleo", 1200), now=NOW)

    cleo = next(row for row in held.rows if row.contestant == "cleo")
    assert cleo.rating == pytest.approx(1200, abs=1e-9)
    shift = 1200 - ratings(free)["cleo"]
    for before, after in zip(free.rows, held.rows, strict=True):
        assert after.rating - before.rating == pytest.approx(shift)
        assert after.upper - after.lower == pytest.approx(before.upper - before.lower)


def test_models_with_few_votes_have_no_rank_and_move_nobody() -> None:
    newcomer = pa.Table.from_pylist(
        pair("eve", "ada", "model_a", 3) + pair("eve", "ada", "model_b")
    )
    both = pa.concat_tables([VOTES.select(newcomer.column_names), newcomer])

    board = rank(both, min_votes=50, now=NOW)

    eve = next(row for row in board.rows if row.contestant == "eve")
    assert (eve.rank, eve.rank_low, eve.preliminary, eve.needs_votes) == (None, None, True, 46)
    assert eve.rating is not None
    rest = [row.rating for row in board.rows if row is not eve]
    assert np.mean(rest) == pytest.approx(1000)


def test_a_disconnected_graph_is_an_error_that_names_the_models() -> None:
    apart = pa.Table.from_pylist(pair("eve", "ada", "model_b", 3) + pair("ada", "bob", "tie", 3))
    with pytest.raises(NotIdentifiedError, match=r"1 of 3 models \(eve\) .*unconnected: skip"):
        rank(apart)

    board = rank(apart, unconnected="skip", now=NOW)

    last = board.rows[-1]
    assert (last.contestant, last.rating, last.not_connected) == ("eve", None, True)
    assert ratings(board) == pytest.approx({"ada": 1000, "bob": 1000})
    assert "eve" in board.notes[-1]


def test_an_error_of_a_model_names_contestants() -> None:
    three = pa.Table.from_pylist(
        pair("ada", "bob", "both_bad")
        + [
            row
            for a, b in (("ada", "bob"), ("bob", "cleo"))
            for w in ("model_a", "model_b", "tie")
            for row in pair(a, b, w)
        ]
    )
    with pytest.raises(NotIdentifiedError, match="'ada', 'bob', 'cleo'"):
        rank(three, method="four-outcome")


def test_no_votes_and_bad_rows(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("model_a,model_b,winner\n")
    with pytest.raises(InputError, match=r"no votes in .*empty\.csv"):
        rank(empty)

    wrong = tmp_path / "wrong.csv"
    wrong.write_text("model_a,model_b,winner\nx,y,model_a\nx,y,model_b\nx,y,maybe\n")
    with pytest.raises(VoteFileError, match="row 4"):
        rank(wrong)
    board = rank(wrong, on_bad_rows="skip", now=NOW)
    assert sum(board.excluded.values()) == 1

    one = tmp_path / "one.csv"
    one.write_text("model_a,model_b,winner\nx,x,model_a\n")
    with pytest.raises(InputError, match="left out: 1 "):
        rank(one, on_bad_rows="skip")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"method": "glicko"}, "method is 'glicko'; give one of bt,"),
        ({"style": True, "method": "davidson"}, "style control is for the method bt"),
        ({"interval": "cluster"}, "needs a column"),
        ({"cluster": "voter", "interval": "sandwich"}, "does not use the cluster 'voter'"),
        ({"cluster": "nobody"}, "the columns are: model_a"),
        ({"by": "colour"}, "'colour' is missing"),
        ({"method": "elo", "interval": "sandwich"}, "online Elo has no sandwich interval"),
        ({"method": "davidson", "interval": "bootstrap"}, "the bootstrap is for bt"),
        ({"anchor": ("adda", 1000.0)}, "did you mean 'ada'"),
        ({"anchor": ("ada", float("nan"))}, "give a finite number"),
        ({"margin": 0.0}, "the margin is 0.0"),
        ({"margin": 20.0, "method": "elo"}, "leave elo and compat out"),
        ({"compat": "fastchat", "method": "davidson"}, "bt or elo with its bootstrap"),
        ({"min_votes": -1}, "give 0 or more"),
        ({"seed": -1}, "give 0 or more"),
    ],
)
def test_wrong_options_say_the_cure(options: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says.replace("(", r"\(")):
        rank(VOTES, **options)  # type: ignore[arg-type]


def test_style_control_without_style_says_what_there_is() -> None:
    with pytest.raises(InputError, match="needs style counts"):
        rank(VOTES.select(["model_a", "model_b", "winner"]), style=True)


def test_a_decision_needs_a_margin_and_says_what_is_missing() -> None:
    assert rank(VOTES, now=NOW).decision is None

    fine = rank(votes(20_000), margin=30, now=NOW).decision
    early = rank(votes(300), margin=10, now=NOW).decision

    assert fine is not None
    assert (fine.verdict, fine.choice) == ("better", "ada")
    assert early is not None
    assert early.verdict == "undecided"
    assert early.choice is None
    assert early.votes_needed is not None
    assert f"{early.votes_needed:,} more votes" in early.sentence


def test_equals_are_told() -> None:
    even = pa.Table.from_pylist(pair("x", "y", "model_a", 5000) + pair("x", "y", "model_b", 5000))

    decision = rank(even, margin=60, now=NOW).decision

    assert decision is not None
    assert decision.verdict == "practically_equal"
    assert set(decision.equals) == {"x", "y"}
    assert "take the cheaper" in decision.sentence


def test_votes_without_any_variance_have_no_bounds_that_hold_at_every_look() -> None:
    ties = pa.Table.from_pylist(pair("x", "y", "tie", 20))

    board = rank(ties, interval="anytime", margin=30, now=NOW)

    assert [(row.rating, row.lower, row.rank) for row in board.rows] == [(1000, None, 1)] * 2
    assert board.decision is not None
    assert (board.decision.verdict, board.decision.votes_needed) == ("undecided", None)
    assert "| unknown |" in board.to_markdown()
    assert json.loads(board.to_json())["rows"][0]["lower"] is None
    assert "●" not in board.to_html()


def test_style_that_foretells_a_models_votes_is_an_error_that_names_it(
    parity_data: Path, tmp_path: Path
) -> None:
    """Among the votes on generic questions style and Bard's strength run off together."""
    lines = (parity_data / "ranking" / "vicuna_gpt4_battles.jsonl").read_text().splitlines()
    generic = tmp_path / "generic.jsonl"
    generic.write_text("\n".join(line for line in lines if '"category": "generic"' in line))

    with pytest.raises(NotIdentifiedError, match=r"'bard:20230327'\) have won or lost all"):
        rank(generic, style=True)


def test_frames_have_the_rows() -> None:
    board = rank(VOTES, by="category", now=NOW)

    polars, pandas = board.to_polars(), board.to_pandas()

    assert polars.height == len(pandas) == 12
    assert polars["contestant"][:4].to_list() == list(MODELS)
    assert polars["avg_cost_usd"].null_count() == 12
    assert list(pandas["rating"]) == polars["rating"].to_list()
    assert set(polars["category"]) == {"", "code", "poems"}


def test_the_public_names_are_there() -> None:
    assert {name: callable(getattr(blindarena, name)) for name in ("rank", "read_votes")} == {
        "rank": True,
        "read_votes": True,
    }
    with pytest.raises(AttributeError, match="no attribute 'rnak'"):
        blindarena.rnak  # noqa: B018


def test_json_has_what_it_takes_to_compute_it_again() -> None:
    content = json.loads(rank(VOTES, now=NOW).to_json())

    assert content["computed_at"] == NOW.isoformat()
    assert {"method", "n", "excluded", "data_hash", "seed", "rows", "interval"} <= set(content)
    assert {"tolerance", "iterations", "options"} <= set(content)
    assert {"python", "numpy", "scipy", "blindarena"} <= set(content["versions"])
    from blindarena.web.api.schemas import Row

    # A file of votes does not say which answers would be sent.
    assert set(content["rows"][0]) == set(Row.model_fields) - {"usable"}
