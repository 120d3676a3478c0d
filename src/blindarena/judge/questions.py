"""Sets of questions: our own by name, and files of them."""

import csv
import io
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


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions in their order; `name` is what people call it."""

    name: str
    questions: tuple[Question, ...]

    @property
    def digest(self) -> Digest:
        """A digest of all that is asked, in its order."""
        return digest_of([question_digest(question) for question in self.questions])


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


def load_questions(where: str) -> QuestionSet:
    """Return one of our own sets by its name, or read a file (`.jsonl`, or `.csv` of prompts).

    Raises:
        InputError: no such set or file, or a line that is no question; file, line and why.
    """
    if where in OWN_SETS:
        text = (files("blindarena.judge") / "sets" / f"{where}.jsonl").read_text("utf-8")
        return QuestionSet(where, tuple(read_jsonl(text, source=f"{where}.jsonl")))
    path = Path(where)
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        known = ", ".join(OWN_SETS)
        raise InputError(
            f"questions {where!r}: neither a file nor one of our sets ({known})"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"questions {where}: can't be read: {error}") from error
    read = read_csv if path.suffix.lower() in (".csv", ".tsv") else read_jsonl
    return QuestionSet(path.stem, tuple(read(text, source=str(path))))


def read_jsonl(text: str, *, source: str) -> list[Question]:
    """Read one question per line.

    Raises:
        InputError: a line is no question, an id comes twice, or there is none at all.
    """
    found: dict[str, Question] = {}
    decoder = msgspec.json.Decoder(_Row)
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        where = f"{source}:{number}"
        try:
            row = decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise InputError(f"{where}: not a question: {error}") from error
        _add(found, _question(row, where=where), where=where)
    return _some(found, source)


def read_csv(text: str, *, source: str) -> list[Question]:
    """Read prompts of one turn: `prompt`, and `id`, `category`, `reference`, `system` if wanted.

    Raises:
        InputError: there is no column of prompts, a prompt is empty, or an id comes twice.
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
        found: dict[str, Question] = {}
        for count, cells in enumerate(reader, 1):
            where = f"{source}: row {count + 1}"
            prompt = (cells[column] or "").strip()
            if not prompt:
                raise InputError(f"{where}: the column {column!r} is empty")
            reference = (cells.get("reference") or "").strip()
            question = Question(
                id=(cells.get("id") or cells.get("question_id") or "").strip() or f"{count:04d}",
                category=(cells.get("category") or "").strip() or "general",
                turns=(prompt,),
                reference=(reference,) if reference else (),
                system=(cells.get("system") or "").strip() or None,
            )
            _add(found, question, where=where)
    except csv.Error as error:
        raise InputError(f"{source}: not a CSV file: {error}") from error
    return _some(found, source)


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


def _question(row: _Row, *, where: str) -> Question:
    number = row.question_id if row.question_id is not None else row.uid
    if number is None or str(number).strip() == "":
        raise InputError(f'{where}: "question_id" is missing')
    turns = [
        turn if isinstance(turn, str) else turn.get("content", "")
        for turn in (row.turns if row.turns is not None else [row.prompt or ""])
    ]
    if not turns or not all(turn.strip() for turn in turns):
        raise InputError(f'{where}: question {number}: "turns" is empty or has an empty turn')
    reference = [row.reference] if isinstance(row.reference, str) else row.reference or []
    if len(reference) > len(turns):
        raise InputError(
            f"{where}: question {number}: {len(reference)} references for {len(turns)} turns"
        )
    if len({item.id for item in row.rubric}) < len(row.rubric):
        raise InputError(f"{where}: question {number}: a rubric item's id comes twice")
    for item in row.rubric:
        if not item.id.strip() or not item.text.strip() or not item.weight > 0:
            raise InputError(
                f"{where}: question {number}: a rubric item needs id, text and a weight above 0"
            )
    return Question(
        id=str(number),
        category=row.subcategory or row.category or "general",
        turns=tuple(turns),
        reference=tuple(reference),
        required_temperature=row.required_temperature,
        system=row.system,
        tags=tuple(row.tags),
        rubric=tuple(RubricItem(item.id, item.text, item.weight) for item in row.rubric),
    )


def _add(found: dict[str, Question], question: Question, *, where: str) -> None:
    if question.id in found:
        raise InputError(f"{where}: question {question.id!r} comes twice")
    found[question.id] = question


def _some(found: dict[str, Question], source: str) -> list[Question]:
    if not found:
        raise InputError(f"{source}: there is no question in it")
    return list(found.values())
