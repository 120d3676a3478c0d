"""One row of a prompt file, and what becomes of rows that cannot be read."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from blindarena.errors import ImportFileError

SHOWN_MESSAGES = 5
TEXTS = ("prompt", "id", "title", "category", "language", "policy")
"""What a prompt file may say of a prompt, beside its answers."""


@dataclass(frozen=True, slots=True)
class Record:
    """One prompt as it stands in the file.

    Attributes:
        row: where it stands: the header of a table is row 1, a line or an entry counts from 1.
        answers: by the name in the file: that of an `answer_NAME` column, or of a model.
    """

    row: int
    prompt: str
    id: str = ""
    title: str = ""
    category: str = ""
    language: str = ""
    policy: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


class Unreadable(Exception):
    """One row has no prompt to take; `reason` is counted, the text says what to do."""

    def __init__(self, reason: str, column: str, value: object, cure: str) -> None:
        super().__init__(f"column {column!r}: {shown(value)}: {cure}")
        self.reason = reason


class BadRows:
    """Rows that cannot be read: the first one is an error, or all are counted.

    Args:
        where: the file's name.
        skip: count them instead of stopping.
    """

    def __init__(self, where: str, *, skip: bool = False) -> None:
        self.where = where
        self.skip = skip
        self.counts: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.messages: list[str] = []

    def bad(self, row: int, reason: str, problem: str) -> None:
        """Count a row, or stop with it.

        Raises:
            ImportFileError: rows are not skipped.
        """
        message = f"{self.where}: row {row}: {problem}"
        if not self.skip:
            raise ImportFileError(f"{message}; or take the other rows with --on-bad-rows skip")
        self.counts[reason] += 1
        if len(self.messages) < SHOWN_MESSAGES:
            self.messages.append(message)

    def leave_out(self, reason: str) -> None:
        """Count a row that is well, but no prompt."""
        self.left_out[reason] += 1


def checked(
    records: Iterable[Record],
    bad: BadRows,
    *,
    longest: int,
    categories: Collection[str] = (),
    taken: Collection[str] = (),
) -> Iterator[Record]:
    """Yield the records whose prompt can be taken.

    Args:
        records: as read.
        bad: told of the others.
        longest: most characters of a prompt.
        categories: those that there are; empty allows any.
        taken: ids that the arena has otherwise.
    """
    rows: dict[str, int] = {}
    for record in records:
        problem = _text_problem(record) or _prompt_problem(record.prompt, longest)
        if not problem and record.id:
            problem = _id_problem(record.id, rows, taken)
        if not problem and record.category and categories and record.category not in categories:
            problem = (
                "unknown category",
                f"column 'category': {shown(record.category)} is not among the arena's "
                f"categories: {', '.join(categories)}",
            )
        if problem:
            bad.bad(record.row, *problem)
            continue
        if record.id:
            rows[record.id] = record.row
        yield record


def _text_problem(record: Record) -> tuple[str, str] | None:
    texts = [(name, getattr(record, name)) for name in TEXTS]
    texts += [(f"answer_{name}", text) for name, text in record.answers.items()]
    for name, text in texts:
        if found := text_problem(text):
            return found[0], f"column {name!r}: {shown(text)} {found[1]}"
    return None


def _prompt_problem(prompt: str, longest: int) -> tuple[str, str] | None:
    if not prompt.strip():
        return "empty prompt", "column 'prompt' is empty; write a prompt or remove the row"
    if len(prompt) > longest:
        return (
            "prompt too long",
            f"column 'prompt': {shown(prompt)} has {len(prompt):,} characters, at most "
            f"{longest:,} are taken; shorten it or raise max_prompt_chars",
        )
    return None


def _id_problem(
    given: str, rows: Mapping[str, int], taken: Collection[str]
) -> tuple[str, str] | None:
    if given in rows:
        return (
            "id used twice",
            f"column 'id': {shown(given)} is also that of row {rows[given]}; "
            "give every row its own",
        )
    if given in taken:
        return (
            "id of another prompt",
            f"column 'id': {shown(given)} is that of a prompt in the arena's own file; give "
            "another, or take the prompt out of that file",
        )
    return None


def text_problem(text: str) -> tuple[str, str] | None:
    """Return reason and cure where a text holds what no text may hold."""
    if "\0" in text:
        return "NUL byte", "has a NUL byte; remove it"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "broken encoding", "is not valid text in the file's encoding; save it as UTF-8"
    return None


def shown(value: object) -> str:
    """Return the beginning of a value for a message."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
