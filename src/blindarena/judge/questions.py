"""Sets of questions: our own by name, and files of them."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

from blindarena.domain.judging import Question, RubricItem
from blindarena.errors import InputError
from blindarena.judge.keys import Digest, digest_of, question_digest

OWN_SETS: Final = ("starter", "customer-service")
_COLUMNS: Final = ("prompt", "question", "text")
_ITEM_ID: Final = re.compile(r"[\w.-]{1,80}")


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions in their order; `name` is what people call it."""

    name: str
    questions: tuple[Question, ...]

    @property
    def digest(self) -> Digest:
        """A digest of all that is asked, in its order."""
        return digest_of([question_digest(question) for question in self.questions])


@dataclass(frozen=True, slots=True)
class Entry:
    """A line or row of a file: a question, or every problem that keeps it from being one.

    Attributes:
        where: file and line, for errors.
        question: None where there are problems.
        problems: what is wrong, without `where`.
    """

    where: str
    question: Question | None = None
    problems: tuple[str, ...] = ()


class _Rubric(msgspec.Struct):
    id: str
    text: str
    weight: float = 1.0


class _Row(msgspec.Struct):
    """A line in FastChat's spelling, ours, or one of Arena-Hard's two."""

    question_id: int | str | None = None
    uid: str | None = None
    category: str = ""
    subcategory: str | None = None
    turns: list[str | dict[str, str]] | None = None
    prompt: str | None = None
    reference: list[str] | str | None = None
    required_temperature: float | None = None
    system: str | None = None
    tags: list[str] = []
    rubric: list[_Rubric] = []


FIELDS: Final = frozenset(_Row.__struct_fields__)
"""Of a line; others are not read."""


def load_questions(where: str) -> QuestionSet:
    """Return one of our own sets by its name, or read a file (`.jsonl`, or `.csv` of prompts).

    Raises:
        InputError: no such set or file, or a line that is no question; file, line and why.
    """
    if where in OWN_SETS:
        text = (files("blindarena.judge") / "sets" / f"{where}.jsonl").read_text("utf-8")
        return QuestionSet(where, tuple(read_jsonl(text, source=f"{where}.jsonl")))
    path = Path(where)
    read = read_csv if is_csv(path) else read_jsonl
    return QuestionSet(path.stem, tuple(read(text_of(path), source=str(path))))


def is_csv(path: Path) -> bool:
    """Say by its name whether a file is read as CSV."""
    return path.suffix.lower() in (".csv", ".tsv")


def text_of(path: Path) -> str:
    """Return a file's text.

    Raises:
        InputError: there is no such file, or it is no text in UTF-8.
    """
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        known = ", ".join(OWN_SETS)
        raise InputError(
            f"questions {str(path)!r}: neither a file nor one of our sets ({known})"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"questions {path}: can't be read: {error}") from error


def read_jsonl(text: str, *, source: str) -> list[Question]:
    """Read one question per line.

    Raises:
        InputError: a line is no question, an id comes twice, or there is none at all.
    """
    return _whole(jsonl_entries(text, source=source), source)


def read_csv(text: str, *, source: str) -> list[Question]:
    """Read prompts of one turn: `prompt`, and `id`, `category`, `reference`, `system` if wanted.

    Raises:
        InputError: there is no column of prompts, a prompt is empty, or an id comes twice.
    """
    return _whole(csv_entries(text, source=source), source)


def jsonl_entries(text: str, *, source: str) -> Iterator[Entry]:
    """Yield every line that is not blank, with its question or what is wrong with it."""
    decoder = msgspec.json.Decoder(_Row)
    # Not splitlines: a text may hold a line separator of Unicode.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{source}:{number}"
        try:
            row = decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeError) as error:
            yield Entry(where, problems=(f"not a question: {error}",))
            continue
        problems = tuple(_problems(row))
        yield Entry(where, None if problems else _question(row), problems)


def csv_entries(text: str, *, source: str) -> Iterator[Entry]:
    """Yield every row below the names of the columns, with its question or what is wrong with it.

    Raises:
        InputError: it is no CSV file, or there is no column of prompts.
    """
    delimiter = "\t" if source.lower().endswith(".tsv") else ","
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        columns = reader.fieldnames or []
        column = next((name for name in _COLUMNS if name in columns), None)
        if column is None:
            raise InputError(
                f'{source}: the column "prompt" is missing; found: {", ".join(columns)}'
            )
        for count, cells in enumerate(reader, 1):
            where = f"{source}: row {count + 1}"
            prompt = (cells[column] or "").strip()
            if not prompt:
                yield Entry(where, problems=(f"the column {column!r} is empty",))
                continue
            reference = (cells.get("reference") or "").strip()
            question = Question(
                id=(cells.get("id") or cells.get("question_id") or "").strip() or f"{count:04d}",
                category=(cells.get("category") or "").strip() or "general",
                turns=(prompt,),
                reference=(reference,) if reference else (),
                system=(cells.get("system") or "").strip() or None,
            )
            yield Entry(where, question)
    except csv.Error as error:
        raise InputError(f"{source}: not a CSV file: {error}") from error


def write_jsonl(questions: Sequence[Question]) -> Iterator[bytes]:
    """Yield a line per question, as `read_jsonl` reads it; what is not there is left out."""
    for question in questions:
        number = question.id
        row: dict[str, object] = {
            "question_id": int(number)
            if number.isdecimal() and str(int(number)) == number
            else number,
            "category": question.category,
            "turns": question.turns,
        }
        if question.reference:
            row["reference"] = question.reference
        if question.required_temperature is not None:
            row["required_temperature"] = question.required_temperature
        if question.system:
            row["system"] = question.system
        if question.tags:
            row["tags"] = question.tags
        if question.rubric:
            row["rubric"] = question.rubric
        yield msgspec.json.encode(row) + b"\n"


def _turns(row: _Row) -> list[str]:
    return [
        turn if isinstance(turn, str) else turn.get("content", "")
        for turn in (row.turns if row.turns is not None else [row.prompt or ""])
    ]


def _references(row: _Row) -> list[str]:
    return [row.reference] if isinstance(row.reference, str) else row.reference or []


def _number(row: _Row) -> str:
    number = row.question_id if row.question_id is not None else row.uid
    return "" if number is None else str(number).strip()


def _problems(row: _Row) -> Iterator[str]:
    number, turns, reference = _number(row), _turns(row), _references(row)
    if not number:
        yield '"question_id" is missing'
    which = f"question {number or '?'}"
    if not turns or not all(turn.strip() for turn in turns):
        yield f'{which}: "turns" is empty or has an empty turn'
    elif len(reference) > len(turns):
        yield f"{which}: {len(reference)} references for {len(turns)} turns"
    heat = row.required_temperature
    if heat is not None and not 0 <= heat <= 2:
        yield f'{which}: "required_temperature" is {heat:g}; it goes from 0 to 2'
    if len({item.id.lower() for item in row.rubric}) < len(row.rubric):
        yield f"{which}: a rubric item's id comes twice"
    for item in row.rubric:
        if not item.id.strip() or not item.text.strip() or not item.weight > 0:
            yield f"{which}: a rubric item needs id, text and a weight above 0"
        elif not _ITEM_ID.fullmatch(item.id):
            yield (
                f"{which}: the rubric item's id {item.id!r} may have letters, digits, "
                "underscores, dots and hyphens only, 80 at most"
            )


def _question(row: _Row) -> Question:
    return Question(
        id=_number(row),
        category=row.subcategory or row.category or "general",
        turns=tuple(_turns(row)),
        reference=tuple(_references(row)),
        required_temperature=row.required_temperature,
        system=row.system,
        tags=tuple(row.tags),
        rubric=tuple(RubricItem(item.id, item.text, item.weight) for item in row.rubric),
    )


def _whole(entries: Iterator[Entry], source: str) -> list[Question]:
    found: dict[str, Question] = {}
    for entry in entries:
        if entry.question is None:
            raise InputError(f"{entry.where}: {entry.problems[0]}")
        if entry.question.id in found:
            raise InputError(f"{entry.where}: question {entry.question.id!r} comes twice")
        found[entry.question.id] = entry.question
    if not found:
        raise InputError(f"{source}: there is no question in it")
    return list(found.values())
