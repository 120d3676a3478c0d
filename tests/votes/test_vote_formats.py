"""Every spelling of votes that the documentation names."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from vote_files import Row, label, votes_of, write

from blindarena.votes import read_cells, read_votes

SUFFIXES = ["parquet", "csv", "tsv", "json", "jsonl", "csv.gz", "tsv.gz", "json.gz", "jsonl.gz"]
ROWS: list[Row] = [
    {"model_a": "x", "model_b": "y", "winner": "model_a", "judge": "ann", "tstamp": 10.5},
    {"model_a": "y", "model_b": "x", "winner": "model_b", "judge": "bob", "tstamp": 11.0},
    {"model_a": "x", "model_b": "z", "winner": "tie", "judge": "ann", "tstamp": 12.0},
    {"model_a": "z", "model_b": "y", "winner": "both_bad", "judge": None, "tstamp": None},
]
VOTES = [
    ("x", "y", "model_a", 1),
    ("y", "x", "model_b", 1),
    ("x", "z", "tie", 1),
    ("z", "y", "both_bad", 1),
]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_one_vote_per_row(tmp_path: Path, suffix: str) -> None:
    table = read_votes(write(tmp_path / f"votes.{suffix}", ROWS))

    assert table.models == ("x", "y", "z")
    assert votes_of(table) == VOTES
    assert table.votes.count is None
    assert label(table, "voter") == label(table, "judge") == ["ann", "bob", "ann", None]
    assert table.numbers["tstamp"].tolist()[:3] == [10.5, 11.0, 12.0]
    assert np.isnan(table.numbers["tstamp"][3])
    assert table.report.rows == 4
    assert table.report.skipped == {}
    assert table.report.files == (str(tmp_path / f"votes.{suffix}"),)


@pytest.mark.parametrize(
    ("spelt", "outcome"),
    [
        *((text, "model_a") for text in ("model_a", "model_1", "left", "leftvote", "a", "A")),
        *((text, "model_b") for text in ("model_b", "model_2", "right", "rightvote", "b", "B")),
        *((text, "tie") for text in ("tie", "tievote", "draw", "tie (inconsistent)", " tie ")),
        *((text, "both_bad") for text in ("both_bad", "bothbad", "bothbad_vote")),
        *((text, "both_bad") for text in ("tie (bothbad)", "tie (both bad)")),
    ],
)
def test_spellings_of_outcomes(tmp_path: Path, spelt: str, outcome: str) -> None:
    path = write(tmp_path / "v.jsonl", [{"model_a": "x", "model_b": "y", "winner": spelt}])

    assert votes_of(read_votes(path)) == [("x", "y", outcome, 1)]


@pytest.mark.parametrize("suffix", ["parquet", "csv", "json"])
def test_rows_with_a_count(tmp_path: Path, suffix: str) -> None:
    rows = [
        {"model_a": "x", "model_b": "y", "winner": "tie", "count": 3},
        {"model_a": "x", "model_b": "y", "winner": "model_b", "count": 0},
        {"model_a": "y", "model_b": "z", "winner": "model_b", "count": 2},
    ]

    table = read_votes(write(tmp_path / f"v.{suffix}", rows))

    assert votes_of(table) == [("x", "y", "tie", 3), ("y", "z", "model_b", 2)]
    assert table.votes.n == 5


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_counts_per_pair(tmp_path: Path, suffix: str) -> None:
    pair = {"model_1": "x", "model_2": "y"}
    rows = [
        {**pair, "wins_1": 5, "wins_2": 0, "ties": 2, "both_bad": 1, "category": "code"},
        {**pair, "wins_1": 0, "wins_2": 4, "ties": 0, "both_bad": 0, "category": "prose"},
        {**pair, "wins_1": 0, "wins_2": 0, "ties": 0, "both_bad": 0, "category": "maths"},
    ]

    table = read_votes(write(tmp_path / f"v.{suffix}", rows))

    assert votes_of(table) == [
        ("x", "y", "model_a", 5),
        ("x", "y", "tie", 2),
        ("x", "y", "both_bad", 1),
        ("x", "y", "model_b", 4),
    ]
    assert label(table, "category") == ["code", "code", "code", "prose"]
    assert table.report.rows == 3


def test_counts_without_columns_of_ties(tmp_path: Path) -> None:
    path = write(tmp_path / "v.csv", [{"model_a": "x", "model_b": "y", "wins_1": 1, "wins_2": 2}])

    assert votes_of(read_votes(path)) == [("x", "y", "model_a", 1), ("x", "y", "model_b", 2)]


def test_one_column_per_outcome(tmp_path: Path) -> None:
    """The Kaggle competition on Chatbot Arena's votes has it so."""
    marks = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    rows = [
        {"model_a": "x", "model_b": "y", "winner_model_a": a, "winner_model_b": b, "winner_tie": t}
        for a, b, t in marks
    ]

    table = read_votes(write(tmp_path / "train.csv", rows))

    assert [outcome for _, _, outcome, _ in votes_of(table)] == ["model_a", "model_b", "tie"]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_rankings_as_text(tmp_path: Path, suffix: str) -> None:
    rows = [
        {"ranking": "z > x = y", "voter": "ann"},
        {"ranking": "t=0.7 > x>y", "voter": "bob"},
    ]

    table = read_votes(write(tmp_path / f"v.{suffix}", rows))

    assert votes_of(table) == [
        ("x", "y", "tie", 1),
        ("x", "z", "model_b", 1),
        ("y", "z", "model_b", 1),
        ("t=0.7", "x>y", "model_a", 1),
    ]
    assert label(table, "voter") == ["ann", "ann", "ann", "bob"]
    assert len(set(label(table, "ranking")[:3])) == 1
    assert len(table.labels["ranking"].names) == 2


@pytest.mark.parametrize("suffix", ["jsonl", "json", "parquet"])
def test_rankings_as_lists(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"v.{suffix}", [{"ranking": ["z", "x"], "count": 2}])

    assert votes_of(read_votes(path)) == [("x", "z", "model_b", 2)]


def test_a_list_inside_a_ranking_is_a_tie(tmp_path: Path) -> None:
    path = write(tmp_path / "v.jsonl", [{"ranking": ["z", ["y", "x"]]}])

    assert votes_of(read_votes(path)) == [
        ("x", "y", "tie", 1),
        ("x", "z", "model_b", 1),
        ("y", "z", "model_b", 1),
    ]


def judged(g1: str, g2: str, **more: object) -> Row:
    row = {"question_id": 81, "model_1": "x", "model_2": "y", "judge": ["gpt-4", "pair-v2"]}
    return row | {"g1_winner": g1, "g2_winner": g2, "turn": 1} | more


def test_judgments_in_two_orders(tmp_path: Path) -> None:
    """As FastChat's show_result counts them: orders that differ are a tie, errors are left out."""
    rows = [
        judged("model_1", "model_1"),
        judged("model_2", "model_2", turn=2),
        judged("model_1", "model_2"),
        judged("model_1", "tie"),
        judged("tie", "tie"),
        judged("error", "model_1"),
    ]

    table = read_votes(write(tmp_path / "gpt-4_pair.jsonl", rows))

    outcomes = [outcome for _, _, outcome, _ in votes_of(table)]
    assert outcomes == ["model_a", "model_b", "tie", "tie", "tie"]
    assert label(table, "orders") == ["agree", "agree", "differ", "differ", "agree"]
    assert label(table, "judge") == ["gpt-4, pair-v2"] * 5
    assert label(table, "prompt") == ["81"] * 5
    assert label(table, "turn") == ["1", "2", "1", "1", "1"]
    assert table.report.skipped == {"unparsed verdict": 1}


def test_nested_style_counts(tmp_path: Path) -> None:
    metadata = {
        "sum_assistant_a_tokens": 100,
        "sum_assistant_b_tokens": 50,
        "header_count_a": {"h1": 1, "h2": 2, "h6": 0},
        "header_count_b": {"h1": 0, "h2": 0, "h6": 4},
        "list_count_a": {"ordered": 3, "unordered": 5},
        "list_count_b": {"ordered": 0, "unordered": 0},
        "bold_count_a": {"**": 7, "__": 1},
        "bold_count_b": {"**": 0, "__": 0},
    }
    rows = [{**ROWS[0], "conv_metadata": metadata}, {**ROWS[1], "conv_metadata": None}]

    for suffix in ("jsonl", "parquet"):
        numbers = read_votes(write(tmp_path / f"v.{suffix}", rows)).numbers

        first = {name: values[0] for name, values in numbers.items() if name != "tstamp"}
        assert first == {
            "tokens_a": 100,
            "tokens_b": 50,
            "headers_a": 3,
            "headers_b": 4,
            "lists_a": 8,
            "lists_b": 0,
            "bold_a": 8,
            "bold_b": 0,
        }
        assert all(np.isnan(values[1]) for name, values in numbers.items() if name != "tstamp")


def test_style_columns_of_any_name(tmp_path: Path) -> None:
    row = ROWS[0] | {"style_emoji_a": 3, "style_emoji_b": 1, "style_diff": 0.5, "words_a": 9}

    numbers = read_votes(write(tmp_path / "v.csv", [row])).numbers

    found = {name: values.tolist() for name, values in numbers.items()}
    assert found == {
        "emoji_a": [3],
        "emoji_b": [1],
        "style_diff": [0.5],
        "words_a": [9],
        "tstamp": [10.5],
    }


@pytest.mark.parametrize("suffix", ["parquet", "csv", "jsonl"])
def test_our_own_export(tmp_path: Path, suffix: str) -> None:
    """Excluded votes are left out and counted by reason."""
    shared = {"voter": "v1", "probability": 0.25, "policy": "uniform", "completion_tokens_a": 12}
    rows = [
        row | shared | {"excluded": reason, "cost_usd_a": cost}
        for row, reason, cost in zip(
            ROWS,
            [None, "identity_leak", "identity_leak", "owner"],
            [0.01, None, 0.5, 0.5],
            strict=True,
        )
    ]

    table = read_votes(write(tmp_path / f"v.{suffix}", rows))

    assert votes_of(table) == VOTES[:1]
    assert table.models == ("x", "y")
    assert table.report.skipped == {"excluded: identity_leak": 2, "excluded: owner": 1}
    assert table.report.rows == 4
    assert table.numbers["probability"].tolist() == [0.25]
    assert table.numbers["tokens_a"].tolist() == [12]
    assert table.numbers["cost_usd_a"].tolist() == [0.01]
    assert label(table, "policy") == ["uniform"]
    assert label(table, "voter") == ["v1"]
    assert label(table, "judge") == ["ann"]


def test_excluded_as_true_and_false(tmp_path: Path) -> None:
    rows = [row | {"excluded": flag} for row, flag in zip(ROWS, [False, True] * 2, strict=True)]

    for suffix in ("parquet", "csv", "jsonl"):
        table = read_votes(write(tmp_path / f"v.{suffix}", rows))

        assert votes_of(table) == [VOTES[0], VOTES[2]]
        assert table.report.skipped == {"excluded: true": 2}


def test_times_as_text_and_as_timestamps(tmp_path: Path) -> None:
    texts = ["2024-08-14 00:00:00.25", "2024-08-14T02:00:00.25+02:00"]
    rows = [ROWS[0] | {"tstamp": text} for text in texts]
    for table in (
        read_votes(write(tmp_path / "v.csv", rows[:1])),
        read_votes(write(tmp_path / "v.jsonl", rows[1:])),
    ):
        assert table.numbers["tstamp"].tolist() == [1723593600.25]


def logged(kind: str, models: list[str | None], **more: object) -> Row:
    """A line of FastChat's log after one turn."""
    messages = [["Human", "Hi"], ["Assistant", "# Hello\n- **you**"]]
    states = [
        {"model_name": name, "conv_id": "c1", "messages": [*messages], "offset": 0}
        for name in ("x", "y")
    ]
    row = {"tstamp": 5.0, "type": kind, "models": models, "states": states, "ip": "192.0.2.7"}
    return row | more


def test_fastchat_log(tmp_path: Path) -> None:
    chat = {"tstamp": 1.0, "type": "chat", "model": "x", "state": {}, "ip": "192.0.2.7"}
    rows = [
        chat,
        logged("leftvote", ["", ""]),
        logged("rightvote", ["Model A", "Model B"], ip="198.51.100.1"),
        logged("tievote", ["x", "y"]),
        logged("bothbad_vote", ["<h3>Model A: x</h3>\n", "<h3>Model B: y</h3>\n"]),
        logged("leftvote", ["### Model A: x", "### Model B: y"], ip=None),
        logged("leftvote", ["", ""], states=[{"model_name": "x", "messages": []}] * 2),
        logged("share", ["", ""]),
        chat,
    ]

    table = read_votes(write(tmp_path / "2024-01-01-conv.json", rows))

    assert votes_of(table) == [
        ("x", "y", "model_a", 1),
        ("x", "y", "model_b", 1),
        ("x", "y", "tie", 1),
        ("x", "y", "both_bad", 1),
        ("x", "y", "model_a", 1),
    ]
    assert label(table, "voter") == ["voter 1", "voter 2", "voter 1", "voter 1", None]
    assert label(table, "anony") == ["true", "true", "false", "false", "false"]
    assert label(table, "prompt") == ["c1"] * 5
    assert label(table, "turn") == ["1"] * 5
    assert table.numbers["headers_a"].tolist() == [1] * 5
    assert table.numbers["lists_b"].tolist() == [1] * 5
    assert table.numbers["bold_a"].tolist() == [1] * 5
    assert table.report.rows == 9
    skipped = {"not a vote: chat": 2, "not a vote: share": 1, "not a vote: no message": 1}
    assert table.report.skipped == skipped


def test_a_voter_of_two_logs_is_one_voter_and_no_address_is_kept(tmp_path: Path) -> None:
    first = write(tmp_path / "1.jsonl", [logged("tievote", ["", ""], ip="192.0.2.9")])
    second = write(
        tmp_path / "2.jsonl",
        [logged("tievote", ["", ""]), logged("tievote", ["", ""], ip="192.0.2.9")],
    )

    table = read_votes([first, second])

    assert label(table, "voter") == ["voter 1", "voter 2", "voter 1"]
    assert "192.0.2" not in repr(table)


def test_json_lines_in_a_file_named_json(tmp_path: Path) -> None:
    path = tmp_path / "v.json"
    path.write_text("".join(f"{json.dumps(row)}\n\n" for row in ROWS))

    assert votes_of(read_votes(path)) == VOTES


def test_json_with_nan_and_a_byte_order_mark(tmp_path: Path) -> None:
    rows = [ROWS[0] | {"words_a": float("nan")}]
    lines, listed = tmp_path / "v.jsonl", tmp_path / "v.json"
    lines.write_text(json.dumps(rows[0]), encoding="utf-8-sig")
    listed.write_text(json.dumps(rows), encoding="utf-8-sig")

    for path in (lines, listed):
        table = read_votes(path)

        assert votes_of(table) == VOTES[:1]
        assert np.isnan(table.numbers["words_a"]).tolist() == [True]


def test_a_json_value_of_another_type_is_read_as_text(tmp_path: Path) -> None:
    rows = [ROWS[0] | {"question_id": value} for value in (81, "81", 2**70, ["q", 1], True)]

    table = read_votes(write(tmp_path / "v.jsonl", rows))

    assert label(table, "prompt") == ["81", "81", str(2**70), "q, 1", "true"]


def test_keys_that_only_some_rows_have(tmp_path: Path) -> None:
    rows = [ROWS[0], ROWS[1] | {"category": "code", "conv_metadata": {"bold_count_a": {"**": 1}}}]

    table = read_votes(write(tmp_path / "v.jsonl", rows))

    assert label(table, "category") == [None, "code"]
    assert table.numbers["bold_a"].tolist() == pytest.approx([np.nan, 1], nan_ok=True)


def test_csv_with_quotes_line_breaks_blank_lines_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    text = ' model_a ,model_b,winner,comment\r\n\r\n"x, large",y,tie,"one\ntwo"\r\n'
    path.write_bytes(text.encode("utf-8-sig"))

    assert votes_of(read_votes(path)) == [("x, large", "y", "tie", 1)]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_spaces_around_names_do_not_count(tmp_path: Path, suffix: str) -> None:
    rows = [ROWS[0], ROWS[0] | {"model_a": " x ", "judge": "ann "}]

    table = read_votes(write(tmp_path / f"v.{suffix}", rows))

    assert table.models == ("x", "y")
    assert label(table, "voter") == ["ann", "ann"]


@pytest.mark.parametrize("name", ["v.parquet", "v.csv", "v.tsv", "v.json"])
def test_no_rows(tmp_path: Path, name: str) -> None:
    """An arena without votes is no mistake; to rank it is another matter."""
    path = tmp_path / name
    if name == "v.parquet":
        pq.write_table(pa.Table.from_pylist(ROWS).slice(0, 0), path)
    else:
        mark = "\t" if name == "v.tsv" else ","
        path.write_text("[]" if name == "v.json" else mark.join(ROWS[0]) + "\n")

    table = read_votes(path)

    assert table.models == ()
    assert len(table.votes) == table.report.rows == 0
    assert read_cells(path).counts.shape == (0, 0, 4)
