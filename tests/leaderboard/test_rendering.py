import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pyarrow as pa
import pytest
from vote_tables import MODELS, NOW, votes

from blindarena import rank
from blindarena.leaderboard.svg import ticks_of

VOTES = votes()
HOSTILE = '<script>alert("1")</script>|`x`'
VOID = {"meta", "line", "path", "circle", "rect"}


class Page(HTMLParser):
    """Collect tags, attributes and text; check that tags close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def html() -> str:
    return rank(VOTES, by="category", margin=20, style=True, now=NOW).to_html()


def test_the_page_needs_nothing_from_elsewhere(html: str) -> None:
    page = Page(html)

    assert "script" not in page.tags
    assert {"link", "img", "iframe", "object"} & set(page.tags) == set()
    assert {"src", "href", "xlink:href"} & {name for name, _ in page.attributes} == set()
    assert not re.search(r"url\(|@import|https?:", html)


def test_every_plot_has_its_numbers_beside_it(html: str) -> None:
    page = Page(html)
    text = " ".join(page.texts)
    board = rank(VOTES, by="category", margin=20, style=True, now=NOW)

    labels = [value for name, value in page.attributes if name == "aria-label"]
    for one in (board, *board.boards):
        for row in one.rows:
            interval = f"{row.lower:.0f} to {row.upper:.0f}"
            assert interval in text
            assert f"{row.rating:.0f}, {interval}" in labels
    assert f"ranks {board.rows[0].rank_low} to {board.rows[0].rank_high} of 4" in labels


def test_the_page_says_method_limits_and_how_to_compute_it_again(html: str) -> None:
    board = rank(VOTES, by="category", margin=20, style=True, now=NOW)

    assert board.data_hash in html
    assert board.decision is not None
    assert board.decision.sentence in html
    for said in ("Style control takes out", "sandwich interval takes votes as independent"):
        assert said in html
    assert "one standard deviation of tokens is worth" in html
    assert board.versions["numpy"] in html


def test_the_win_matrix_has_the_share_of_each_pair(html: str) -> None:
    board = rank(VOTES, now=NOW)
    pair = next(pair for pair in board.pairs.pairs if {pair.a, pair.b} == {"ada", "dan"})
    votes = pair.wins_a + pair.wins_b + pair.ties + pair.both_bad
    share = 100 * (pair.wins_a + (pair.ties + pair.both_bad) / 2) / votes

    cell = re.search(r"1 ada</th>.*?>(\d+)</td></tr>", html)

    assert pair.a == "ada"
    assert cell is not None
    assert cell[1] == f"{share:.0f}"
    assert f'title="{votes:,} votes"' in html


def test_the_tokens_are_those_of_the_pages(root: Path) -> None:
    ours = root / "src" / "blindarena" / "printing" / "tokens.css"

    assert ours.read_text() == (root / "frontend" / "src" / "styles" / "tokens.css").read_text()


def test_names_cannot_break_out() -> None:
    renamed = [{**row, "category": HOSTILE} for row in VOTES.to_pylist()]
    for row in renamed:
        for side in ("model_a", "model_b"):
            row[side] = row[side].replace("bob", HOSTILE).replace("ada", "=1+1")
    board = rank(pa.Table.from_pylist(renamed), by="category", now=NOW)

    page = Page(board.to_html())
    assert "script" not in page.tags
    assert HOSTILE in page.texts or any(HOSTILE in text for text in page.texts)
    table = [line for line in board.to_markdown().splitlines() if line.startswith("| ")]
    assert all(len(re.findall(r"(?<!\\)\|", line)) in (6, 7, 8) for line in table)
    lines = list(csv.DictReader(io.StringIO(board.to_csv(), newline="")))
    assert "'=1+1" in {line["contestant"] for line in lines}


def test_the_interval_plot_is_one_svg_file() -> None:
    board = rank(VOTES, now=NOW)
    tree = ElementTree.fromstring(board.to_svg())

    space = "{http://www.w3.org/2000/svg}"
    texts = [text.text for text in tree.iter(f"{space}text")]
    for row in board.rows:
        assert f"{row.rating:.0f}  ({row.lower:.0f} to {row.upper:.0f})" in texts
        assert row.contestant in texts
    ends = [float(dot.get("cx", "nan")) for dot in tree.iter(f"{space}circle")]
    assert ends == sorted(ends, reverse=True)
    assert board._repr_html_() == board.to_svg()


def test_csv_has_every_row_with_how_it_was_made() -> None:
    board = rank(VOTES, by="category", now=NOW)
    lines = list(csv.DictReader(io.StringIO(board.to_csv(), newline="")))

    assert [line["contestant"] for line in lines[:4]] == list(MODELS)
    assert len(lines) == 12
    assert {line["category"] for line in lines} == {"", "code", "poems"}
    assert float(lines[0]["rating"]) == board.rows[0].rating
    assert lines[0]["ttft_s"] == ""
    assert {line["data_hash"] for line in lines} == {
        one.data_hash for one in (board, *board.boards)
    }


def test_markdown_shows_ranks_intervals_and_notes() -> None:
    board = rank(VOTES, now=NOW)
    text = board.to_markdown()

    top = board.rows[0]
    assert f"| ada | {top.rating:.0f} | {top.lower:.0f} to {top.upper:.0f} |" in text
    assert "- Rank sets: all true ranks" in text


def test_what_was_left_out_is_said() -> None:
    wrong = pa.concat_tables(
        [VOTES.slice(0, 300), VOTES.slice(0, 1).set_column(2, "winner", pa.array(["maybe"]))]
    )
    board = rank(wrong, on_bad_rows="skip", now=NOW)

    (reason,) = board.excluded
    assert f"Left out: 1 rows ({reason})." in board.to_html()


@pytest.mark.parametrize("ends", [(950.0, 1050.0), (0.0, 1e-3), (1000.0, 1000.0), (-3e5, 4e5)])
def test_ticks_span_the_range_in_round_steps(ends: tuple[float, float]) -> None:
    ticks = ticks_of(*ends)

    assert ticks[0] <= ends[0]
    assert ends[1] <= ticks[-1]
    assert 2 <= len(ticks) <= 8
