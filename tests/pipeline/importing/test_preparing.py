"""Screened, without doubles, sampled; and what the preview says of it."""

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.errors import ImportFileError
from blindarena.pipeline.duplicates import Doubles
from blindarena.pipeline.importing.preparing import Tools, prepare
from blindarena.pipeline.importing.preview import Preview
from blindarena.pipeline.importing.reading import open_source
from blindarena.pipeline.importing.rows import Record
from blindarena.pipeline.importing.sampling import stratified
from blindarena.pipeline.pii import Detection

Run = Callable[..., tuple[list[Record], Preview]]
CONTESTANTS = {"gpt": "GPT", "other": "Other"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def running(
        text: str, *, pii: Any = "redact", name: str = "t.csv", **options: Any
    ) -> tuple[list[Record], Preview]:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        tools = Tools(
            pii=pii,
            detection=Detection(),
            doubles=Doubles(near=False),
            language=lambda text: "de" if "Wo" in text else "en",
            key=b"secret",
        )
        with open_source(path) as source:
            prepared, preview = prepare(source, tools, contestant_of=CONTESTANTS.get, **options)
        rows = list(prepared)
        prepared.close()
        return rows, preview

    return running


MAIL = "anna@example.org"


def test_every_text_of_a_row_is_redacted_with_one_set_of_placeholders(run: Run) -> None:
    rows, preview = run(
        "prompt,title,policy,answer_gpt\n"
        f"Write to {MAIL} or bob@example.org,Mail of {MAIL},{MAIL},Done: bob@example.org\n"
    )

    (row,) = rows
    assert row.prompt == "Write to [EMAIL_1] or [EMAIL_2]"
    assert (row.title, row.policy) == ("Mail of [EMAIL_1]", "[EMAIL_1]")
    assert row.answers == {"GPT": "Done: [EMAIL_2]"}
    assert preview.found == {"email": 5}
    assert MAIL not in str(preview)


def test_blocked_rows_are_left_out(run: Run) -> None:
    rows, preview = run(
        f"prompt,answer_gpt\nA {MAIL},\nClean question,\nClean too,But {MAIL}\n", pii="block"
    )

    assert [row.prompt for row in rows] == ["Clean question"]
    assert (preview.blocked, preview.found) == (2, {"email": 2})
    with pytest.raises(ImportFileError, match=r"no prompt to take \(personal data \(blocked\): 1"):
        run(f"prompt\nA {MAIL}\n", pii="block")


def test_warn_tells_and_keeps_and_off_does_not_look(run: Run) -> None:
    text = f"prompt\nA {MAIL}\n"

    assert run(text, pii="warn")[0] == run(text, pii="off")[0]
    assert run(text, pii="warn")[1].found == {"email": 1}
    assert run(text, pii="off")[1].found == {}


def test_ids_stay_unless_they_tell_a_person(run: Run) -> None:
    rows, _ = run(f"prompt,id\nOne,T-1001\nTwo,{MAIL}\nThree,\n")

    assert rows[0].id == "T-1001"
    assert all(row.id.startswith("i-") and len(row.id) == 18 for row in rows[1:])
    assert len({row.id for row in rows}) == 3


def test_a_row_without_id_has_the_same_key_each_time_whatever_is_done_about_personal_data(
    run: Run,
) -> None:
    text = f"prompt\nA {MAIL}\nB\n"

    keys = [[row.id for row in run(text, pii=pii)[0]] for pii in ("redact", "warn", "redact")]

    assert keys[0] == keys[1] == keys[2]


def test_doubles_are_left_out_and_equal_ones_give_their_answers(run: Run) -> None:
    rows, preview = run(
        "prompt,answer_gpt,answer_other\nSame,,x\nSAME!,near,\nSame,mine,y\nAnother,,\n"
    )

    assert [(row.prompt, row.answers) for row in rows] == [
        ("Same", {"Other": "x", "GPT": "mine"}),
        ("Another", {}),
    ]
    assert (preview.doubles, preview.taken) == (2, 2)
    assert preview.answers == {"Other": 1, "GPT": 1}


def test_models_of_a_log_that_are_no_contestants_are_strangers(run: Run) -> None:
    def line(prompt: str, model: str) -> str:
        messages = [{"role": "user", "content": prompt}, {"role": "assistant", "content": "A"}]
        return json.dumps({"messages": messages, "model": model}) + "\n"

    rows, preview = run(line("First", "gpt") + line("Second", "nobody"), name="t.jsonl")

    assert [row.answers for row in rows] == [{"GPT": "A"}, {}]
    assert preview.strangers == {"nobody": 1}


def test_languages_are_told_only_where_none_is_given(run: Run) -> None:
    rows, preview = run("prompt,language\nWo ist es?,\nWhere,fr\nWhat,\n")

    assert [row.language for row in rows] == ["de", "fr", "en"]
    assert preview.languages == {"de": 1, "fr": 1, "en": 1}


def test_a_sample_is_drawn_by_category_and_can_be_drawn_again(run: Run) -> None:
    text = "prompt,category\n" + "".join(
        f"Question {'x' * n},{'abc'[min(n // 6, 2)]}\n" for n in range(18)
    )

    rows, preview = run(text, sample=6, seed=3)

    assert preview.categories == {"a": 2, "b": 2, "c": 2}
    assert run(text, sample=6, seed=3)[0] == rows
    assert run(text, sample=6, seed=4)[0] != rows
    assert (preview.rows, preview.taken, preview.sample, preview.seed) == (18, 6, 6, 3)
    assert [row.row for row in rows] == sorted(row.row for row in rows)


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=60), st.integers(1, 70))
def test_every_category_keeps_its_share(labels: list[str], n: int) -> None:
    drawn = stratified(labels, n, rng=random.Random(1))

    taken, there = Counter(labels[at] for at in drawn), Counter(labels)
    assert len(drawn) == len(set(drawn)) == min(n, len(labels))
    if n >= len(there):
        assert set(taken) == set(there)
    for label, number in taken.items():
        share = min(n, len(labels)) * there[label] / len(labels)
        assert abs(number - share) < max(1.0, len(there) - share) + 1e-9


def test_shares_of_one_hundred() -> None:
    """Largest remainder by hand: 50, 30, 20 of 100 in 7 places are 3.5, 2.1, 1.4."""
    labels = ["a"] * 50 + ["b"] * 30 + ["c"] * 20

    drawn = stratified(labels, 7, rng=random.Random(0))

    assert Counter(labels[at] for at in drawn) == {"a": 4, "b": 2, "c": 1}


def test_progress_is_told(run: Run) -> None:
    told: list[int] = []
    run("prompt\n" + "".join(f"Q {'x' * n}\n" for n in range(260)), say=told.append)

    assert told == [250, 260]
