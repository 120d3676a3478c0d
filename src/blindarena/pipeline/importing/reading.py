"""Opens a file of prompts: its format, its encoding, which column is what."""

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from blindarena.errors import ImportFileError, InvalidInputError
from blindarena.pipeline.importing.conversations import at_path, records_of, shape_of, text_of
from blindarena.pipeline.importing.encoding import Encoded, examine
from blindarena.pipeline.importing.json_values import json_entries, json_lines
from blindarena.pipeline.importing.rows import TEXTS, BadRows, Record, Unreadable, checked
from blindarena.pipeline.importing.table import Table

Format = Literal["csv", "json", "chat", "fastchat", "langfuse", "text"]
TITLES: Mapping[Format, str] = {
    "csv": "CSV",
    "json": "JSON records",
    "chat": "OpenAI chat",
    "fastchat": "FastChat log",
    "langfuse": "Langfuse export",
    "text": "one prompt per line",
}
ANSWER = "answer_"
MAX_PROMPT_CHARS = 20_000
_ALSO = {
    "prompt": ("ticket", "question", "message", "text", "body", "instruction", "user_message"),
    "id": ("ticket_id", "question_id", "key", "custom_id"),
    "title": ("subject",),
    "category": ("topic", "label"),
    "language": ("lang", "locale"),
    "policy": (),
}
"""Names that a column may have instead of ours."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of prompts, opened.

    Attributes:
        mapping: our names and those of the file's columns.
        delimiter: of a CSV; empty for the others.
        named: the owner named whose answers these are; a model's name in a log is no promise.
        bad: rows that could not be read, so far.
        records: read while they are asked for, once.
    """

    name: str
    format: Format
    encoded: Encoded
    mapping: Mapping[str, str]
    delimiter: str
    named: bool
    bad: BadRows
    records: Iterator[Record]


@contextmanager
def open_source(
    path: Path,
    *,
    name: str | None = None,
    columns: Mapping[str, str] | None = None,
    categories: Collection[str] = (),
    taken: Collection[str] = (),
    skip_bad: bool = False,
    longest: int = MAX_PROMPT_CHARS,
    say: Callable[[int], None] = lambda size: None,
) -> Iterator[Source]:
    """Open a file of prompts; it is read while `records` is.

    Args:
        path: of the file; its suffix and its first row tell the format.
        name: shown in messages, where the file is a copy under another name.
        columns: our names (prompt, id, title, category, language, policy, answer_NAME) and those
            of the columns; in JSON `a.b` is a key inside another.
        categories: those of the arena; empty allows any.
        taken: ids that the arena has otherwise.
        skip_bad: count rows that cannot be read instead of stopping at the first.
        longest: most characters of a prompt.
        say: called with the bytes read while the encoding is told.

    Raises:
        InvalidInputError: `columns` has a name that is not ours.
        ImportFileError: the file cannot be read; naming file, row, column, value and cure.
    """
    shown = name or path.name
    given = dict(columns or {})
    _check_names(given)
    try:
        encoded = examine(path, say)
    except OSError as error:
        raise ImportFileError(f"{path}: can't be read ({error.strerror})") from error
    if not encoded.size:
        raise ImportFileError(f"{shown}: the file is empty; give one with prompts")
    bad = BadRows(shown, skip=skip_bad)
    suffix = Path(shown).suffix.lower()
    newline = "" if suffix in (".csv", ".tsv") else None
    with encoded.open(path, newline=newline) as file:
        try:
            if suffix in (".csv", ".tsv"):
                table = Table(shown, file)
                found = _of_table(table, table.rows(bad), given, bad)
                delimiter = table.delimiter
            elif suffix in (".jsonl", ".ndjson"):
                found, delimiter = _of_rows(shown, json_lines(file, bad), given, bad), ""
            elif suffix == ".json":
                found, delimiter = _of_rows(shown, json_entries(shown, file, bad), given, bad), ""
            elif suffix in (".txt", ".text", ".md"):
                lines = ((n, line.strip()) for n, line in enumerate(file, 1) if line.strip())
                found, delimiter = ("text", {"prompt": "the line"}, False, _of_lines(lines)), ""
            else:
                raise ImportFileError(
                    f"{shown}: unknown kind of file; give .csv, .tsv, .jsonl, .json or .txt"
                )
            kind, mapping, named, records = found
            yield Source(
                name=shown,
                format=kind,
                encoded=encoded,
                mapping=mapping,
                delimiter=delimiter,
                named=named,
                bad=bad,
                records=checked(records, bad, longest=longest, categories=categories, taken=taken),
            )
        except UnicodeDecodeError as error:
            raise ImportFileError(
                f"{shown}: not valid {encoded.title} ({error.reason}); save the file as UTF-8"
            ) from error


_Found = tuple[Format, Mapping[str, str], bool, Iterator[Record]]


def _of_lines(lines: Iterable[tuple[int, str]]) -> Iterator[Record]:
    return (Record(number, line) for number, line in lines)


def _of_table(
    table: Table, rows: Iterable[tuple[int, dict[str, str]]], given: dict[str, str], bad: BadRows
) -> _Found:
    if shape_of(dict.fromkeys(table.columns, "")) == "langfuse":
        path = given.pop("prompt", None)
        records = records_of("langfuse", rows, bad, path=path)
        return "langfuse", {"prompt": path or "input"}, False, records
    mapping = _mapping(bad.where, table.columns, given, "row 1: ")
    return "csv", mapping, True, _plain(rows, mapping, bad)


def _of_rows(
    where: str, rows: Iterator[tuple[int, dict[str, Any]]], given: dict[str, str], bad: BadRows
) -> _Found:
    first = next(rows, None)
    if first is None:
        raise ImportFileError(f"{where}: there is no prompt in it; give one object per prompt")
    every = chain([first], rows)
    shape = shape_of(first[1])
    if shape is not None:
        path = given.get("prompt")
        column = {"chat": "messages", "fastchat": "state.messages", "langfuse": "input"}[shape]
        return shape, {"prompt": path or column}, False, records_of(shape, every, bad, path=path)
    mapping = _mapping(where, list(first[1]), given, f"row {first[0]}: ", inner=True)
    return "json", mapping, True, _plain(every, mapping, bad)


def _plain(
    rows: Iterable[tuple[int, Mapping[str, Any]]], mapping: Mapping[str, str], bad: BadRows
) -> Iterator[Record]:
    for number, row in rows:
        try:
            found = {ours: (at_path(row, path), path) for ours, path in mapping.items()}
            cells = {
                ours: value if isinstance(value, str) else text_of(value, path)
                for ours, (value, path) in found.items()
            }
        except Unreadable as error:
            bad.bad(number, error.reason, str(error))
            continue
        texts = {ours: cells[ours].strip() for ours in TEXTS if ours in cells}
        answers = {
            ours.removeprefix(ANSWER): text.strip()
            for ours, text in cells.items()
            if ours.startswith(ANSWER) and text.strip()
        }
        yield Record(number, **({"prompt": ""} | texts), answers=answers)


def _mapping(
    where: str, columns: list[str], given: Mapping[str, str], place: str, *, inner: bool = False
) -> dict[str, str]:
    """Return which column is what: as told, else by our names, else by other usual names."""
    found: dict[str, str] = {}
    for ours, theirs in given.items():
        if theirs not in columns and not (inner and theirs.partition(".")[0] in columns):
            raise ImportFileError(
                f"{where}: {place}there is no column {theirs!r}{_meant(theirs, columns)}"
            )
        found[ours] = theirs
    folded = {column.casefold(): column for column in reversed(columns) if column}
    for ours in TEXTS:
        for name in (ours, *_ALSO[ours]):
            if name in folded and folded[name] not in found.values():
                found.setdefault(ours, folded[name])
    for column in columns:
        if column.casefold().startswith(ANSWER) and len(column) > len(ANSWER):
            found.setdefault(ANSWER + column[len(ANSWER) :].strip(), column)
    if "prompt" not in found:
        raise ImportFileError(
            f'{where}: {place}the column "prompt" is missing{_meant("prompt", columns)}; '
            "name yours with --map prompt=COLUMN"
        )
    return found


def _check_names(given: Mapping[str, str]) -> None:
    for ours in given:
        if ours not in TEXTS and not (ours.startswith(ANSWER) and len(ours) > len(ANSWER)):
            raise InvalidInputError(
                f"--map {ours}=...: {ours!r} is not one of ours{_meant(ours, [*TEXTS])}; "
                "or answer_NAME, such as answer_gpt-4"
            )


def _meant(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, [one for one in known if one], n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there are: {', '.join(filter(None, known))[:200]}"
