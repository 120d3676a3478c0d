from pathlib import Path

import numpy as np
import pytest

from blindarena.errors import VoteFileError
from blindarena.votes.counts_csv import read_pair_counts

HEADER = "model_1,model_2,wins_1,wins_2,ties,both_bad\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "counts.csv"


def test_reads_rows(path: Path) -> None:
    path.write_text(HEADER + "a,b,1,2,3,4\nb,c,5,6,7,8\n")

    table = read_pair_counts(path)

    assert table.models == ("a", "b", "c")
    assert table.first.tolist() == [0, 1]
    assert table.second.tolist() == [1, 2]
    assert table.wins_first.tolist() == [1, 5]
    assert table.wins_second.tolist() == [2, 6]
    assert table.ties.tolist() == [3, 7]
    assert table.both_bad.tolist() == [4, 8]
    assert table.first.dtype == table.both_bad.dtype == np.int64


def test_adds_rows_of_one_pair_either_way_round(path: Path) -> None:
    path.write_text(HEADER + "a,b,1,2,3,4\nb,a,10,20,30,40\na,b,100,0,0,0\n")

    table = read_pair_counts(path)

    assert len(table.first) == 1
    assert (table.wins_first[0], table.wins_second[0]) == (121, 12)
    assert (table.ties[0], table.both_bad[0]) == (33, 44)


def test_reads_any_column_order_a_byte_order_mark_quotes_and_blank_lines(path: Path) -> None:
    header = "note,both_bad,ties,wins_2,wins_1,model_2,model_1\n"
    path.write_text("\ufeff" + header + 'x,4,3,2,1,"b, large", a \n\n', encoding="utf-8")

    table = read_pair_counts(path)

    assert table.models == ("a", "b, large")
    assert (table.wins_first[0], table.both_bad[0]) == (1, 4)


def test_a_header_alone_is_an_empty_table(path: Path) -> None:
    path.write_text(HEADER)

    table = read_pair_counts(path)

    assert table.models == ()
    assert table.first.shape == table.both_bad.shape == (0,)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("a,b,1,2,3,4\na,b,x,2,3,4\n", ("row 3", "'wins_1'", "'x'", "digits only")),
        ("a,b,1,,3,4\n", ("row 2", "'wins_2'", "''", "0 for none")),
        ("a,b,1,2,3.0,4\n", ("row 2", "'ties'", "'3.0'", "whole number")),
        ("a,b,1,2,3,1_000\n", ("'both_bad'", "'1_000'", "whole number")),
        ("a,b,1,2,3,²\n", ("'both_bad'", "'²'", "whole number")),
        ("a,b,1,2,3,-4\n", ("row 2", "'both_bad'", "'-4'", "negative")),
        ("a,b,1,2,3,99999999999999999999\n", ("'both_bad'", "more votes")),
        ("a,a,1,2,3,4\n", ("row 2", "'model_2'", "'a'", "itself")),
        (" ,b,1,2,3,4\n", ("row 2", "'model_1'", "no name")),
        ("a,b,1,2,3\n", ("row 2", "5 cells", "6")),
        ("a,b,1,2,3,4,5\n", ("row 2", "7 cells")),
        ('"a,b,1,2,3,4\n', ("not a CSV file",)),
    ],
)
def test_a_bad_row_is_named(path: Path, rows: str, says: tuple[str, ...]) -> None:
    path.write_text(HEADER + rows, encoding="utf-8")

    with pytest.raises(VoteFileError) as caught:
        read_pair_counts(path)

    assert all(part in str(caught.value) for part in (str(path), *says)), caught.value


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("model_1,model_2,wins_1,wins_2,ties\n", "'both_bad' is missing"),
        ("", "has nothing"),
        (HEADER.strip() + ",ties\n", "'ties' is there twice"),
    ],
)
def test_a_wrong_header_is_named(path: Path, header: str, says: str) -> None:
    path.write_text(header)

    with pytest.raises(VoteFileError, match=says):
        read_pair_counts(path)


def test_a_file_that_cannot_be_read_is_named(path: Path) -> None:
    with pytest.raises(VoteFileError, match=r"counts\.csv: cannot be read"):
        read_pair_counts(path)


def test_a_file_in_another_encoding_is_named(path: Path) -> None:
    path.write_bytes(HEADER.encode() + "ä,b,1,2,3,4\n".encode("latin-1"))

    with pytest.raises(VoteFileError, match="not UTF-8"):
        read_pair_counts(path)
