import re
from pathlib import Path

import pytest

import blindarena
from blindarena.domain.csv_cells import csv_cell

SOURCES = Path(blindarena.__file__).parent


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_formula_gets_an_apostrophe(start: str) -> None:
    assert csv_cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"
    assert csv_cell(start) == f"'{start}"


@pytest.mark.parametrize("number", [-12.5, -1, 0, "-12.5", "+4", "-.5", "1e-3", "-1E+9"])
def test_a_number_stays_a_number(number: object) -> None:
    assert csv_cell(number) == number


@pytest.mark.parametrize("text", ["-1+1", "+1\t", "-1\n", "=1", "-1e", "+", "@1", "-1-1", "+-1"])
def test_what_only_begins_like_a_number_is_a_formula(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "cell"), [(None, ""), (True, "true"), (False, "false"), ("a=b", "a=b"), ("", "")]
)
def test_other_values(value: object, cell: str) -> None:
    assert csv_cell(value) == cell


def test_every_writer_of_csv_uses_it() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py")}
    writers = [
        path for path, text in texts.items() if re.search(r"csv\.(?:Dict)?[wW]riter\(", text)
    ]

    assert len(writers) >= 2
    assert [path.name for path in writers if "csv_cell(" not in texts[path]] == []
