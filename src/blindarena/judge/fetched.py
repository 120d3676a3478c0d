"""A set of questions that was fetched: its checksum, its references, its file."""

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from blindarena.domain.judging import Question
from blindarena.errors import ConfigError, FetchError, InputError
from blindarena.judge.downloads import sha256_of
from blindarena.judge.formats.fastchat import read_answer
from blindarena.judge.formats.rows import rows_of
from blindarena.judge.questions import is_csv, read_csv, read_jsonl, write_jsonl

CheckedBy = Literal["ours", "given", "hub", "nobody"]
"""Whose checksum a file has: one that we ship, --sha256, the Hugging Face hub's, or none."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A checksum that a file must have, and whose it is; None expects nothing."""

    sha256: str | None = None
    by: CheckedBy = "nobody"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A set of questions as it was fetched.

    Attributes:
        source: the address or the path it came from.
        name: of the file there; its ending says how it is read.
        data: as it came.
        sha256: of `data`.
        checked: whose checksum it has.
        questions: what is in it, references joined.
        joined: how many questions got references from a file of answers.
    """

    source: str
    name: str
    data: bytes
    sha256: str
    checked: CheckedBy
    questions: tuple[Question, ...]
    joined: int = 0


def take(source: str, name: str, data: bytes, expected: Expected) -> Fetched:
    """Check what came and read the questions in it.

    Raises:
        FetchError: it has another checksum.
        InputError: it is not a file of questions; the message says where.
    """
    got = sha256_of(data)
    if expected.sha256 not in (None, got):
        raise FetchError(
            f"{source}: its SHA-256 is {got}, expected was {expected.sha256}; nothing was "
            "written; give --sha256 with the new one if you trust it"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: not a text in UTF-8") from error
    read = read_csv if is_csv(Path(name)) else read_jsonl
    questions = tuple(read(text, source=source))
    return Fetched(source, name, data, got, expected.by, questions)


def join_references(fetched: Fetched, path: Path) -> Fetched:
    """Give questions the references of a FastChat file, `reference_answer/MODEL.jsonl`.

    Raises:
        InputError: the file is none, holds a failed answer or too many turns, or belongs to other
            questions.
    """
    asked = {question.id: question for question in fetched.questions}
    found: dict[str, tuple[str, ...]] = {}
    for row in rows_of(path):
        answer = read_answer(row)
        question = asked.get(answer.question_id)
        if answer.error is not None:
            raise InputError(f"{row.where}: {answer.error}")
        if question is None:
            raise InputError(
                f"{row.where}: question {answer.question_id!r} is not in {fetched.source}"
            )
        if len(answer.turns) > len(question.turns):
            raise InputError(
                f"{row.where}: {len(answer.turns)} references for the {len(question.turns)} turns "
                f"of question {question.id!r}"
            )
        found[question.id] = tuple(turn.text for turn in answer.turns)
    if not found:
        raise InputError(f"{path}: no reference in it")
    questions = tuple(replace(q, reference=found.get(q.id, q.reference)) for q in asked.values())
    return replace(fetched, questions=questions, joined=len(found))


def file_name(fetched: Fetched) -> str:
    """Return a name for the file; a set that is written in our spelling ends in .jsonl."""
    name = Path(fetched.name)
    return name.name if is_csv(name) and not fetched.joined else f"{name.stem}.jsonl"


def write_questions(fetched: Fetched, path: Path, *, overwrite: bool = False) -> None:
    """Write a set: as it came, or in our spelling where references were joined.

    Raises:
        ConfigError: the file is there already, its name ends as that of another format, or it
            cannot be written; then it is as it was.
    """
    if path.exists() and not overwrite:
        raise ConfigError(f"{path} is there already; give another name with --out, or --force")
    csv = is_csv(Path(fetched.name)) and not fetched.joined
    if is_csv(path) != csv:
        raise ConfigError(f"{path}: the name must end in {'.csv or .tsv' if csv else '.jsonl'}")
    data = b"".join(write_jsonl(fetched.questions)) if fetched.joined else fetched.data
    try:
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(part, 0o644)  # mkstemp's are for the owner's eyes only
            os.replace(part, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(part)
            raise
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror or error}") from error
