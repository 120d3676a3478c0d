"""Check a file of questions: every problem at once, what may be a slip, and what is in it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from blindarena.domain.judging import Question
from blindarena.judge.questions import (
    FIELDS,
    OWN_SETS,
    csv_entries,
    is_csv,
    jsonl_entries,
    load_questions,
    text_of,
)


@dataclass(frozen=True, slots=True)
class CategorySummary:
    """How much of what is in a category; `references` and `rubrics` count questions with one."""

    questions: int
    turns: int
    references: int
    rubrics: int


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What was found in a file.

    Attributes:
        problems: each keeps the file from being used; file, line and why.
        hints: what is allowed but may be a slip.
        questions: those that are whole, in their order; of two with one id, the first.
    """

    problems: tuple[str, ...]
    hints: tuple[str, ...]
    questions: tuple[Question, ...]

    @property
    def categories(self) -> Mapping[str, CategorySummary]:
        """What is in each category, by name."""
        return summary_of(self.questions)


def summary_of(questions: Sequence[Question]) -> dict[str, CategorySummary]:
    """Return what is in each category, by name."""
    grouped: dict[str, list[Question]] = {}
    for question in questions:
        grouped.setdefault(question.category, []).append(question)
    return {
        category: CategorySummary(
            questions=len(those),
            turns=sum(len(question.turns) for question in those),
            references=sum(bool(question.reference) for question in those),
            rubrics=sum(bool(question.rubric) for question in those),
        )
        for category, those in sorted(grouped.items())
    }


def check_questions(where: str) -> FileCheck:
    """Check a file, or one of our own sets by its name.

    Raises:
        InputError: the file cannot be read at all.
    """
    if where in OWN_SETS:
        return FileCheck((), (), load_questions(where).questions)
    path = Path(where)
    return check_text(text_of(path), source=where)


def check_text(text: str, *, source: str) -> FileCheck:
    """Check the text of a file; `source` is its name, whose ending says how it is read.

    Raises:
        InputError: it is CSV that cannot be read at all.
    """
    csv = is_csv(Path(source))
    problems: list[str] = []
    hints = [] if csv else list(_unread_fields(text, source))
    found: dict[str, Question] = {}
    asked: dict[tuple[object, ...], str] = {}
    for entry in (csv_entries if csv else jsonl_entries)(text, source=source):
        problems += [f"{entry.where}: {problem}" for problem in entry.problems]
        question = entry.question
        if question is None:
            continue
        if question.id in found:
            problems.append(f"{entry.where}: question {question.id!r} comes twice")
            continue
        found[question.id] = question
        other = asked.setdefault((question.system, question.turns), question.id)
        if other != question.id:
            hints.append(f"{entry.where}: question {question.id} asks the same as {other}")
        if len(question.turns) > 2:
            hints.append(
                f"{entry.where}: question {question.id} has {len(question.turns)} turns; "
                "judges look at the first two at most"
            )
    if not found and not problems:
        problems.append(f"{source}: there is no question in it")
    return FileCheck(tuple(problems), tuple(hints), tuple(found.values()))


def _unread_fields(text: str, source: str) -> Iterator[str]:
    """Yield a hint per field that no line should have: a misspelt one would be lost in silence."""
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    decoder = msgspec.json.Decoder(dict[str, Any])
    for number, line in enumerate(text.split("\n"), 1):
        try:
            fields = decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeError):
            continue
        for name in fields.keys() - FIELDS:
            counts[name] += 1
            first.setdefault(name, number)
    for name in sorted(counts):
        lines = f"{counts[name]} line{'' if counts[name] == 1 else 's'}"
        yield f'{source}:{first[name]}: the field "{name}" is not read ({lines})'
