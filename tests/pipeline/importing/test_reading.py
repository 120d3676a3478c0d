"""Every format, encoding and mistake of a file of prompts."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from blindarena.errors import ImportFileError, InputError
from blindarena.pipeline.importing.reading import open_source
from blindarena.pipeline.importing.rows import Record


class Read:
    """A file that was read to its end."""

    def __init__(self, path: Path, **options: Any) -> None:
        with open_source(path, **options) as source:
            self.records = list(source.records)
            self.format = source.format
            self.encoding, self.note = source.encoded.title, source.encoded.note
            self.mapping, self.delimiter = source.mapping, source.delimiter
            self.bad, self.left_out = dict(source.bad.counts), dict(source.bad.left_out)
            self.messages = source.bad.messages

    @property
    def prompts(self) -> list[str]:
        return [record.prompt for record in self.records]


@pytest.fixture
def read(tmp_path: Path):
    def reading(name: str, data: str | bytes | object, **options: Any) -> Read:
        if not isinstance(data, str | bytes):
            data = json.dumps(data)
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return Read(path, **options)

    return reading


def test_a_table_with_answers_and_line_breaks_in_quotes(read) -> None:
    found = read(
        "t.csv",
        "id,Prompt,answer_gpt-4,category,policy\r\n"
        'T1,"Hi, ""you""\r\nthere",A,c,p\r\n\r\nT2,=1+1,,d,\r\n',
    )

    assert found.format == "csv"
    assert found.records == [
        Record(2, 'Hi, "you"\r\nthere', "T1", "", "c", "", "p", {"gpt-4": "A"}),
        Record(4, "=1+1", "T2", "", "d", "", "", {}),
    ]
    assert found.mapping["answer_gpt-4"] == "answer_gpt-4"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(read, delimiter: str) -> None:
    found = read("t.csv", f"id{delimiter}prompt\n1{delimiter}Hello\n")

    assert (found.delimiter, found.prompts) == (delimiter, ["Hello"])


@pytest.mark.parametrize(
    ("codec", "title", "noted"),
    [
        ("utf-8", "UTF-8", False),
        ("utf-8-sig", "UTF-8", False),
        ("utf-16", "UTF-16", False),
        ("utf-16-le", "UTF-16", True),
        ("utf-16-be", "UTF-16", True),
        ("cp1252", "Windows-1252", True),
    ],
)
@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.json", "t.txt"])
def test_encodings(read, codec: str, title: str, noted: bool, name: str) -> None:
    text = "Grüße aus Köln – “where” is my parcel?"
    content = {
        "t.csv": f'prompt,id\n"{text}",1\n',
        "t.jsonl": json.dumps({"prompt": text}, ensure_ascii=False) + "\n",
        "t.json": json.dumps([{"prompt": text}], ensure_ascii=False),
        "t.txt": text + "\n",
    }[name]

    found = read(name, content.encode(codec))

    assert found.prompts == [text]
    assert (found.encoding, bool(found.note)) == (title, noted)


def test_single_broken_letters_are_wrong_rows_not_another_encoding(read) -> None:
    data = "prompt,id\nGrüße,1\n".encode() + b"Stra\xdfe,2\n" + "Öl,3\n".encode()

    with pytest.raises(
        ImportFileError, match=r"t\.csv: row 3: column 'prompt': .*save it as UTF-8"
    ):
        read("t.csv", data)
    skipped = read("t.csv", data, skip_bad=True)

    assert skipped.prompts == ["Grüße", "Öl"]
    assert skipped.bad == {"broken encoding": 1}


@pytest.mark.parametrize(
    ("row", "reason", "said"),
    [
        ("a,b,c", "wrong number of cells", "has 3 cells, the header has 2; put a text with ','"),
        ("a", "wrong number of cells", "'a' has 1 cells"),
        (",7", "empty prompt", "column 'prompt' is empty; write a prompt"),
        ("again,1", "id used twice", "column 'id': '1' is also that of row 2; give every row"),
        ("nul\0,7", "NUL byte", "column 'prompt': 'nul\\x00' has a NUL byte; remove it"),
        ('"a"b,7', "wrong quotes", 'a quote (") stands inside quotes (line 3); write it twice'),
        ("x" * 21 + ",7", "prompt too long", "has 21 characters, at most 20 are taken"),
        ("mine,T1", "id of another prompt", "'T1' is that of a prompt in the arena's own file"),
    ],
)
def test_a_wrong_row_is_one_clear_line_or_skipped(read, row: str, reason: str, said: str) -> None:
    data = f"prompt,id\nfirst,1\n{row}\nlast,2\n"
    options: dict[str, Any] = {"longest": 20, "taken": {"T1"}}

    with pytest.raises(ImportFileError) as error:
        read("t.csv", data, **options)
    skipped = read("t.csv", data, skip_bad=True, **options)

    assert str(error.value).startswith("t.csv: row 3: ")
    assert said in str(error.value)
    assert "--on-bad-rows skip" in str(error.value)
    assert skipped.prompts == ["first", "last"]
    assert skipped.bad == {reason: 1}
    assert skipped.messages[0] in str(error.value)


def test_a_quote_that_is_never_closed(read) -> None:
    with pytest.raises(ImportFileError, match=r"row 3: a quote .* opened and never closed"):
        read("t.csv", 'prompt,id\nfirst,1\n"open,2\nmore,3\n')


def test_only_the_arenas_categories(read) -> None:
    with pytest.raises(ImportFileError, match=r"row 2: column 'category': 'x' .* categories: a, b"):
        read("t.csv", "prompt,category\nHi,x\n", categories=("a", "b"))


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("t.csv", "", "t.csv: the file is empty"),
        (
            "t.csv",
            "promt,id\na,1\n",
            "row 1: the column \"prompt\" is missing; did you mean 'promt'",
        ),
        ("t.csv", "prompt,prompt\na,1\n", "row 1: two columns are called 'prompt'"),
        ("t.csv", "\na,1\n", "row 1 is empty; write the names"),
        ("t.xlsx", "x", "unknown kind of file; give .csv"),
        ("t.jsonl", '{"a": 1}\n', 'the column "prompt" is missing'),
        ("t.jsonl", "\n", "there is no prompt in it"),
        ("t.json", '[{"prompt": "a"}, {"prompt"', "entry 2: not JSON at '{\"prompt\"'"),
        ("t.json", '[{"prompt": "a"} {"prompt": "b"}]', 'entry 1: not JSON at \'{"prompt"'),
        ("t.json", "[1]", "row 1: 1 is no object"),
        ("t.csv", b"\xff\xfep\x00r\x00o", "row 1: not valid UTF-16"),
    ],
)
def test_a_wrong_file_is_one_clear_line(read, name: str, data: str | bytes, said: str) -> None:
    with pytest.raises(ImportFileError) as error:
        read(name, data)

    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_columns_can_be_named(read) -> None:
    columns = {"prompt": "Frage", "answer_mine": "Antwort", "title": "id"}
    found = read("t.csv", "id,Frage,Antwort\n7,Was?,Das.\n", columns=columns)

    assert found.records == [Record(2, "Was?", "", "7", answers={"mine": "Das."})]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"titel": "id"}, "'titel' is not one of ours; did you mean 'title'?"),
        ({"prompt": "idd"}, "there is no column 'idd'; did you mean 'id'?"),
    ],
)
def test_a_wrong_name_has_a_suggestion(read, columns: dict[str, str], said: str) -> None:
    with pytest.raises(InputError) as error:
        read("t.csv", "id,prompt\n1,a\n", columns=columns)

    assert said in str(error.value)


def chat(*texts: str, **more: Any) -> dict[str, Any]:
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)]
    return {"messages": [{"role": "system", "content": "Be kind."}, *messages], **more}


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_openai_chats_give_the_first_exchange(read) -> None:
    batch = {"custom_id": "r1", "method": "POST", "body": {"model": "m", **chat("In a batch?")}}
    parts = chat("")
    parts["messages"][1]["content"] = [{"type": "text", "text": "In parts?"}]

    found = read("t.jsonl", lines(chat("A?", "a", "B?", "b", model="gpt"), batch, parts))

    assert found.format == "chat"
    assert found.records == [
        Record(1, "A?", answers={"gpt": "a"}),
        Record(2, "In a batch?", "r1"),
        Record(3, "In parts?"),
    ]


def test_what_has_no_text_is_a_wrong_row(read) -> None:
    image = chat("")
    image["messages"][1]["content"] = [{"type": "image_url", "image_url": {"url": "x"}}]
    silent = {"messages": [{"role": "assistant", "content": "Hello"}]}

    found = read(
        "t.jsonl", lines(chat("A?"), image, silent, {"messages": 1}) + "{]\n", skip_bad=True
    )

    assert found.prompts == ["A?"]
    assert found.bad == {
        "an image or another part": 1,
        "no message of a user": 1,
        "malformed row": 1,
        "not JSON": 1,
    }


def state(conversation: str, model: str, *texts: str | None) -> dict[str, Any]:
    messages = [["USER", "old"], *(["USER" if n % 2 == 0 else "A", t] for n, t in enumerate(texts))]
    return {"conv_id": conversation, "model_name": model, "messages": messages, "offset": 1}


def test_fastchat_logs_give_each_conversation_once(read) -> None:
    battle = {
        "type": "leftvote",
        "models": ["", ""],
        "states": [state("c2", "m1", "Q2", "A1"), state("c3", "m2", "Q2", "A2")],
    }
    found = read(
        "log.json",
        lines(
            {"type": "chat", "model": "m", "state": state("c1", "m", "Q1", "A")},
            {"type": "chat", "model": "m", "state": state("c1", "m", "Q1", "A", "Q1b", "B")},
            battle,
            {"type": "upvote", "model": "m", "state": state("c4", "m")},
        ),
    )

    assert found.format == "fastchat"
    assert found.records == [
        Record(1, "Q1", "c1", answers={"m": "A"}),
        Record(3, "Q2", "c2+c3", answers={"m1": "A1", "m2": "A2"}),
    ]
    assert found.left_out == {
        "a later line of the same conversation": 1,
        "a line without a message": 1,
    }


GENERATION = {
    "id": "g1",
    "trace_id": "t",
    "type": "GENERATION",
    "provided_model_name": "gpt",
    "input": [{"role": "system", "content": "s"}, {"role": "user", "content": "Q"}],
    "output": {"role": "assistant", "content": "A"},
}


def test_langfuse_generations(read) -> None:
    history = [*GENERATION["input"], {"role": "assistant", "content": "A0"}]
    later = GENERATION | {"id": "g2", "input": [*history, {"role": "user", "content": "Then?"}]}
    rows = [GENERATION, GENERATION | {"id": "s", "type": "SPAN"}, later]
    expected = [
        Record(1, "Q", "g1", answers={"gpt": "A"}),
        Record(3, "Q", "g2", answers={"gpt": "A0"}),
    ]

    for found in (
        read("t.json", rows),
        read("t.jsonl", lines(*rows)),
        read("d.json", {"data": rows}),
    ):
        assert found.format == "langfuse"
        assert found.records == expected
        assert found.left_out == {"an observation of type SPAN": 1}


@pytest.mark.parametrize(
    ("given", "prompt"),
    [
        ("Plain?", "Plain?"),
        ('"In quotes?"', "In quotes?"),
        ({"question": "A key?"}, "A key?"),
        ({"unusual": "Only text?", "n": 3}, "Only text?"),
        ('{"messages": [{"type": "human", "content": "As text?"}]}', "As text?"),
    ],
)
def test_langfuse_traces_write_their_input_in_many_ways(read, given: object, prompt: str) -> None:
    trace = {"id": "t1", "timestamp": "2026-11-01", "input": given, "output": '{"content": "A"}'}

    assert read("t.json", [trace]).records == [Record(1, prompt, "t1", answers={"output": "A"})]


def test_langfuse_as_csv_and_where_the_text_is_elsewhere(read) -> None:
    cell = '"{""ask"": {""de"": ""Was?"", ""n"": 1}}"'
    found = read(
        "t.csv",
        f"id,timestamp,name,input,output\n1,x,n,{cell},\n",
        columns={"prompt": "input.ask.de"},
    )

    assert found.format == "langfuse"
    assert found.prompts == ["Was?"]


def test_records_of_json_and_keys_inside_others(read) -> None:
    rows = [{"prompt": "[1, 2]?", "id": 7, "meta": {"topic": "x"}, "answer_a": "A"}]

    found = read("t.json", rows, columns={"category": "meta.topic"})

    assert found.records == [Record(1, "[1, 2]?", "7", category="x", answers={"a": "A"})]


def test_one_prompt_per_line(read) -> None:
    assert read("t.txt", "One?\r\n\r\n  Two?\n").records == [Record(1, "One?"), Record(3, "Two?")]


def test_a_list_longer_than_what_is_read_at_once(read) -> None:
    rows = [{"prompt": f"{n} " + "é" * 1000} for n in range(600)]

    assert len(read("t.json", rows).records) == 600


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.json"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    text = "Where is it? " * 400
    rows = [json.dumps({"prompt": text})] * 2000
    with path.open("w") as file:
        if name == "t.csv":
            file.write("prompt\n")
            file.writelines(f"{text}\n" for _ in rows)
        elif name == "t.json":
            file.write(f"[{','.join(rows)}]")
        else:
            file.writelines(f"{row}\n" for row in rows)
    assert path.stat().st_size > 10_000_000

    tracemalloc.start()
    with open_source(path) as source:
        number = sum(1 for _ in source.records)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert number == 2000
    assert peak < 5_000_000
