"""From rows of a file to what is stored: whose answers they are, and in which batches."""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from blindarena.arena.leaks import leaks_identity
from blindarena.domain.arenas import Contestant
from blindarena.domain.imports import ImportedAnswer, ImportedRow
from blindarena.errors import ImportFileError
from blindarena.pipeline.importing.rows import Record

BATCH = 500


def batch_of(rows: Iterator[Record], contestants: Mapping[str, Contestant]) -> list[ImportedRow]:
    """Take the next rows as they are stored; none is the end."""
    return [_row(record, contestants) for record in islice(rows, BATCH)]


def _row(record: Record, contestants: Mapping[str, Contestant]) -> ImportedRow:
    answers = []
    for name, text in record.answers.items():
        contestant = contestants[name]
        leaked = leaks_identity(text, names=(contestant.name, *contestant.aliases))
        answers.append(ImportedAnswer(contestant.id, text, leaked=leaked))
    return ImportedRow(
        key=record.id,
        text=record.prompt,
        title=record.title,
        category=record.category,
        language=record.language,
        policy=record.policy,
        answers=tuple(answers),
    )


def matcher(
    where: str, contestants: Sequence[Contestant], *, named: bool
) -> Callable[[str], str | None]:
    """Return what tells the contestant that a name in a file means.

    Case, blanks and punctuation do not count. In a log the name is a model's, and one that is
    unknown is a stranger; in a table the owner wrote it, and it is an error.
    """
    known = {_plain(c.name): c.name for c in contestants}
    if not named:
        known = {_plain(alias): c.name for c in contestants for alias in c.aliases} | known
    names = [c.name for c in contestants]

    def match(name: str) -> str | None:
        found = known.get(_plain(name))
        if found is None and named:
            close = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(names)}"
            raise ImportFileError(
                f"{where}: column 'answer_{name}': the arena has no contestant {name!r}; {hint} "
                "(--map answer_CONTESTANT=COLUMN names the column of one)"
            )
        return found

    return match


def _plain(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())
