"""What is wrong with a file is said with file, row, column, value and cure."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from vote_files import Row, votes_of, write

from blindarena.errors import InputError, VoteFileError
from blindarena.votes import read_cells, read_votes

GOOD: Row = {"model_a": "x", "model_b": "y", "winner": "model_a"}
PAIR: Row = {"model_1": "x", "model_2": "y", "wins_1": 1, "wins_2": 2, "ties": 0, "both_bad": 0}
JUDGED: Row = {"model_1": "x", "model_2": "y", "g1_winner": "model_1", "g2_winner": "tie"}
OUTCOMES = "write model_a, model_b, tie, both_bad"
SKIP = ", or skip bad rows"
ROW = {"parquet": 2, "csv": 3, "tsv": 3, "json": 2, "jsonl": 2, "csv.gz": 3}
"""The number of the second vote's row; a header is row 1."""


@pytest.mark.parametrize("suffix", ROW)
@pytest.mark.parametrize(
    ("good", "change", "message", "reason"),
    [
        (
            GOOD,
            {"winner": "model_c"},
            f"column 'winner': 'model_c': unknown label; {OUTCOMES}",
            "unknown label",
        ),
        (
            GOOD,
            {"winner": None},
            "column 'winner': empty: no label; write one of model_a, model_b, tie, both_bad",
            "missing label",
        ),
        (
            GOOD,
            {"model_a": None},
            "column 'model_a': empty: the model has no name; write one or remove the row",
            "missing model",
        ),
        (
            GOOD,
            {"model_b": "  "},
            "column 'model_b': '  ': the model has no name; write one or remove the row",
            "missing model",
        ),
        (
            GOOD,
            {"model_b": "x"},
            "column 'model_b': 'x': a model cannot meet itself; remove the row",
            "self-pair",
        ),
        (
            PAIR,
            {"wins_2": -3},
            "column 'wins_2': {}: a count cannot be negative; write 0 or more",
            "negative count",
        ),
        (
            PAIR,
            {"ties": None},
            "column 'ties': empty: not a whole number up to 1e15; write digits only, 0 for none",
            "not a count",
        ),
        (
            PAIR,
            {"wins_1": 10**16},
            "column 'wins_1': {}: not a whole number up to 1e15; write digits only, 0 for none",
            "not a count",
        ),
        (
            GOOD | {"count": 2},
            {"count": -1},
            "column 'count': {}: a count cannot be negative; write 0 or more",
            "negative count",
        ),
        (
            JUDGED,
            {"g2_winner": "model_3"},
            f"column 'g2_winner': 'model_3': unknown label; {OUTCOMES}",
            "unknown label",
        ),
        (
            {"ranking": "x > y"},
            {"ranking": "x>y"},
            "column 'ranking': 'x>y': fewer than two models; "
            "write `a > b = c` with spaces around the signs, or a list",
            "not a ranking",
        ),
        (
            {"ranking": "x > y"},
            {"ranking": "x > y > x"},
            "column 'ranking': 'x > y > x': a model is there twice; name each once",
            "self-pair",
        ),
    ],
)
def test_wrong_rows(
    tmp_path: Path, suffix: str, good: Row, change: Row, message: str, reason: str
) -> None:
    path = write(tmp_path / f"v.{suffix}", [good, good | change, good])
    value = str(next(iter(change.values())))
    shown = message.format(repr(value) if suffix.startswith(("csv", "tsv")) else value)

    for read in (read_votes, read_cells):
        with pytest.raises(VoteFileError) as raised:
            read(path)
        assert str(raised.value) == f"{path}: row {ROW[suffix]}, {shown}{SKIP}"

    table = read_votes(path, on_bad_rows="skip")

    assert table.report.skipped == {reason: 1}
    assert table.report.rows == 3
    assert votes_of(table) == votes_of(read_votes(write(tmp_path / "good.json", [good, good])))
    assert read_cells(path, on_bad_rows="skip").report == table.report


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_number_that_is_none(tmp_path: Path, suffix: str) -> None:
    rows = [GOOD | {"words_a": "12"}, GOOD | {"words_a": "twelve"}, GOOD | {"words_a": "nan"}]
    path = write(tmp_path / f"v.{suffix}", rows)

    with pytest.raises(VoteFileError, match=r"row \d, column 'words_a': 'twelve': not a number"):
        read_votes(path)
    table = read_votes(path, on_bad_rows="skip")

    assert table.report.skipped == {"not a number": 1}
    assert table.numbers["words_a"].tolist()[0] == 12
    assert len(read_votes(path, extra=()).votes) == 3


def test_a_row_with_two_faults_is_counted_once(tmp_path: Path) -> None:
    path = write(tmp_path / "v.csv", [GOOD, {"model_a": "z", "model_b": "z", "winner": "none"}])

    table = read_votes(path, on_bad_rows="skip")

    assert table.report.skipped == {"self-pair": 1}
    assert table.models == ("x", "y")


@pytest.mark.parametrize("suffix", ["parquet", "csv", "json", "jsonl"])
@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {"model_a": "x", "model_b": "y", "winer": "tie"},
            "the column 'winner' is missing; the columns are: model_a, model_b, winer; "
            "did you mean 'winer'? Then say winner=winer",
        ),
        (
            {"first": "x", "second": "y", "winner": "tie"},
            "the column 'model_a' is missing; the columns are: first, second, winner; "
            "name it 'model_a', or say which column it is: model_a=COLUMN",
        ),
        (
            {"model_1": "x", "model_2": "y", "wins_1": 3},
            "the column 'wins_2' is missing; the columns are: model_1, model_2, wins_1; "
            "did you mean 'wins_1'? Then say wins_2=wins_1",
        ),
        (
            {"model_1": "x", "model_2": "y", "g1_winner": "tie"},
            "the column 'g2_winner' is missing; the columns are: model_1, model_2, g1_winner; "
            "did you mean 'g1_winner'? Then say g2_winner=g1_winner",
        ),
    ],
)
def test_missing_columns(tmp_path: Path, suffix: str, row: Row, message: str) -> None:
    path = write(tmp_path / f"v.{suffix}", [row])

    with pytest.raises(VoteFileError) as raised:
        read_votes(path, on_bad_rows="skip")

    assert str(raised.value) == f"{path}: {message}"


def test_a_mapped_and_an_extra_column_must_be_there(tmp_path: Path) -> None:
    path = write(tmp_path / "v.csv", [GOOD | {"topic": "code"}])

    with pytest.raises(VoteFileError, match=r"'topics' is missing.*did you mean 'topic'"):
        read_votes(path, columns={"category": "topics"})
    with pytest.raises(VoteFileError, match="'voter' is missing"):
        read_votes(path, extra=("voter",))
    with pytest.raises(VoteFileError, match=r"'topik' is missing.*did you mean 'topic'"):
        read_votes(path, extra=("topik",))


def test_a_column_that_is_there_twice(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_text("model_a,model_b,winner,winner\nx,y,tie,tie\n")

    with pytest.raises(VoteFileError, match=r"v\.csv: the column 'winner' is there twice"):
        read_votes(path)
    path.write_text("note,note,model_a,model_b,winner\n1,2,x,y,tie\n")
    assert votes_of(read_votes(path)) == [("x", "y", "tie", 1)]


def test_rows_are_numbered_as_in_the_file(tmp_path: Path) -> None:
    """Blank lines count, and a cell with a line break is one row."""
    sheet, lines = tmp_path / "v.csv", tmp_path / "v.jsonl"
    sheet.write_text('model_a,model_b,winner,note\n\nx,y,tie,"a\n\nb"\n\nx,y,nobody,\n')
    lines.write_text(f"\n{json.dumps(GOOD)}\n\n{json.dumps(GOOD | {'winner': 'nobody'})}\n")

    with pytest.raises(VoteFileError, match="row 5, column 'winner': 'nobody'"):
        read_votes(sheet)
    with pytest.raises(VoteFileError, match="row 4, column 'winner': 'nobody'"):
        read_votes(lines)


def test_rows_are_numbered_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blindarena.votes.parquet.ROWS", 7)
    monkeypatch.setattr("blindarena.votes.json_rows.ROWS", 7)
    monkeypatch.setattr("blindarena.votes.delimited.BLOCK_BYTES", 64)
    rows = [*[GOOD] * 40, GOOD | {"winner": "nobody"}, GOOD]

    for suffix, row in (("parquet", 41), ("json", 41), ("jsonl", 41), ("csv", 42)):
        path = write(tmp_path / f"v.{suffix}", rows)
        with pytest.raises(VoteFileError, match=f"row {row}, column 'winner': 'nobody'"):
            read_votes(path)
        assert len(read_votes(path, on_bad_rows="skip").votes) == 41


def test_a_key_that_is_missing_late_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it is the row that is wrong, not the file."""
    monkeypatch.setattr("blindarena.votes.json_rows.ROWS", 2)
    path = write(tmp_path / "v.jsonl", [GOOD, GOOD, {"model_a": "x", "model_b": "y"}])

    with pytest.raises(VoteFileError, match="row 3, column 'winner': empty: no label"):
        read_votes(path)
    assert read_votes(path, on_bad_rows="skip").report.skipped == {"missing label": 1}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"model_a": "x",', r"row 2: not JSON \(.*\): '{\"model_a\": \"x\",'; write one object"),
        ("[1, 2]", r"row 2: \[1, 2\] is no object; write {...} with a vote's columns"),
    ],
)
def test_wrong_lines_of_json(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "v.jsonl"
    path.write_text(f"{json.dumps(GOOD)}\n{line}\n{json.dumps(GOOD)}\n")

    with pytest.raises(VoteFileError, match=message):
        read_votes(path)
    table = read_votes(path, on_bad_rows="skip")

    assert len(table.votes) == 2
    assert table.report.rows == 3
    assert list(table.report.skipped.values()) == [1]


def test_a_list_of_json_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "v.json"
    path.write_text(json.dumps([GOOD, GOOD], indent=1)[:-20])

    with pytest.raises(VoteFileError, match=r"not JSON \(.*line \d+ column"):
        read_votes(path)


def test_rows_of_another_length(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_text("model_a,model_b,winner\nx,y,tie\n\nx,y,tie,extra\nx,y\ny,x,nobody\nx,y,tie\n")

    with pytest.raises(VoteFileError) as raised:
        read_votes(path)
    table = read_votes(path, on_bad_rows="skip")

    assert str(raised.value) == (
        f"{path}: row 4: 'x,y,tie,extra' does not have the header's 3 cells "
        "(model_a, model_b, winner); quote a cell that holds a comma, or skip bad rows"
    )
    assert table.report.skipped == {"unknown label": 1, "wrong number of cells": 2}
    assert table.report.rows == 5


def test_a_wrong_row_behind_a_very_long_cell(tmp_path: Path) -> None:
    rows = [GOOD | {"conversation_a": "word " * 100_000}, GOOD | {"winner": "nobody"}]

    with pytest.raises(VoteFileError, match="row 3, column 'winner': 'nobody'"):
        read_votes(write(tmp_path / "v.csv", rows))


def test_a_row_behind_rows_of_another_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that were passed over still count in the number of a later one."""
    path = tmp_path / "v.csv"
    path.write_text("model_a,model_b,winner\nx,y\nx,y,tie\n" + "x,y,tie\n" * 3)
    from blindarena.votes.blocks import LeftOut
    from blindarena.votes.columns import Wish
    from blindarena.votes.delimited import delimited_blocks

    blocks = delimited_blocks(
        "v", lambda: path.open("rb"), ",", Wish(), left_out := LeftOut("skip")
    )

    assert [block.row_of(at) for block in blocks for at in range(block.rows)] == [3, 4, 5, 6]
    assert left_out.in_no_block == 1


@pytest.mark.parametrize("name", ["v.csv", "v.tsv", "v.json", "v.jsonl", "v.parquet", "v"])
def test_an_empty_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"")

    with pytest.raises(VoteFileError, match=r"empty|cannot be read as Parquet|does not tell"):
        read_votes(path, on_bad_rows="skip")


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "json"])
def test_a_file_that_is_not_utf_8(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"v.{suffix}", [GOOD | {"model_a": "caf_"}])
    path.write_bytes(path.read_bytes().replace(b"caf_", b"caf\xe9"))

    with pytest.raises(VoteFileError, match=r"UTF-8|not JSON"):
        read_votes(path)


def broken_gzip(path: Path) -> None:
    write(path, [GOOD] * 50)
    path.write_bytes(path.read_bytes()[:-12])


def broken_parquet(path: Path) -> None:
    write(path, [GOOD] * 50)
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(40) + content[44:])


@pytest.mark.parametrize(
    ("name", "make", "message"),
    [
        ("v.csv.gz", broken_gzip, "cannot be read"),
        ("v.jsonl.gz", broken_gzip, "cannot be read"),
        ("v.parquet", broken_parquet, "cannot be read as Parquet"),
        ("v.parquet", lambda path: path.write_text("model_a"), "cannot be read as Parquet"),
        ("v.csv", lambda path: None, "cannot be read .*check the path"),
        ("v.txt", lambda path: path.write_text("x"), "name does not tell the format; end it in"),
        ("folder", Path.mkdir, r"no \*.parquet in this folder"),
    ],
)
def test_files_that_cannot_be_read(
    tmp_path: Path, name: str, make: Callable[[Path], None], message: str
) -> None:
    path = tmp_path / name
    make(path)

    with pytest.raises(VoteFileError, match=message):
        read_votes(path)


def test_a_column_of_a_type_that_is_no_text(tmp_path: Path) -> None:
    path = write(tmp_path / "v.parquet", [GOOD | {"winner": {"who": "x"}}])

    with pytest.raises(VoteFileError, match="the column 'winner' is of type struct<who: string>"):
        read_votes(path)


def test_arguments_that_are_wrong(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'ignore'; give 'error' or 'skip'"):
        read_votes(tmp_path, on_bad_rows="ignore")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="format 'xls' is unknown; give one of parquet, csv"):
        read_votes(tmp_path, format="xls")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="int is no source of votes"):
        read_votes(3)  # type: ignore[arg-type]


def test_a_frame_is_named_by_its_kind() -> None:
    with pytest.raises(VoteFileError, match=r"^pyarrow Table: row 1, column 'winner': 'nobody'"):
        read_votes(pa.table({"model_a": ["x"], "model_b": ["y"], "winner": ["nobody"]}))


LOGGED: Row = {
    "type": "leftvote",
    "models": ["", ""],
    "states": [{"model_name": "x"}, {"model_name": "y"}],
    "tstamp": 1.0,
    "ip": "192.0.2.1",
}


@pytest.mark.parametrize(
    ("change", "message", "reason"),
    [
        ({"states": [{}]}, "column 'states': .*write the two conversations", "malformed line"),
        ({"models": ["x"]}, "column 'models': .*write the two names", "malformed line"),
        (
            {"models": ["x", "z"]},
            "column 'models': .*the conversations are of x and y; remove the line",
            "names differ",
        ),
        (
            {"states": [{"model_name": None}, {"model_name": "y"}]},
            "column 'model_a': empty: the model has no name",
            "missing model",
        ),
    ],
)
def test_wrong_lines_of_a_log(tmp_path: Path, change: Row, message: str, reason: str) -> None:
    path = write(tmp_path / "v.jsonl", [LOGGED, LOGGED | change, LOGGED])

    with pytest.raises(VoteFileError, match=f"row 2, {message}"):
        read_votes(path)
    table = read_votes(path, on_bad_rows="skip")

    assert votes_of(table) == [("x", "y", "model_a", 1)] * 2
    assert table.report.skipped == {reason: 1}
    assert table.report.rows == 3
