"""From a file of prompts to rows that may enter an arena: screened, without doubles, sampled."""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from blindarena.errors import ImportFileError
from blindarena.pipeline.importing.preview import Preview
from blindarena.pipeline.importing.reading import TITLES, Source
from blindarena.pipeline.importing.rows import Record
from blindarena.pipeline.importing.sampling import stratified
from blindarena.pipeline.importing.spool import Spool
from blindarena.pipeline.pii.detecting import Detection
from blindarena.pipeline.pii.placeholders import Placeholders
from blindarena.pipeline.pii.screening import PiiMode, screen

EXAMPLES = 5
SAID_EVERY = 250
_NUMBERS = {"reference"}
"""What an id is anyway."""
_SCREENED = ("prompt", "title", "category", "policy")
_CHANGING = ("redact", "block")


class Doubles(Protocol):
    """Remembers texts and tells which one a new one nearly repeats."""

    def add(self, text: str) -> int | None:
        """Remember a text; return the number of an earlier one that is nearly the same."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What the rows are prepared with.

    Attributes:
        pii: what is done about personal data.
        detection: what else is personal data in this arena.
        doubles: finds near-duplicates.
        language: tells a text's language, or "".
        key: secret of this installation; keys made from texts tell nobody the texts.
    """

    pii: PiiMode
    detection: Detection
    doubles: Doubles
    language: Callable[[str], str]
    key: bytes


class Prepared:
    """The rows of one file, on disk; `close` gives the space back."""

    def __init__(self, spool: Spool, taken: Sequence[int], merged: Mapping[int, list[int]]) -> None:
        self._spool = spool
        self._taken = taken
        self._merged = merged

    def __iter__(self) -> Iterator[Record]:
        """Yield the rows taken; answers of exact doubles are added to the row that stays."""
        for number in self._taken:
            record = self._spool[number]
            answers = dict(record.answers)
            for other in self._merged.get(number, ()):
                answers = {**self._spool[other].answers, **answers}
            yield replace(record, answers=answers)

    def close(self) -> None:
        """Give the disk space back."""
        self._spool.close()


def prepare(
    source: Source,
    tools: Tools,
    *,
    contestant_of: Callable[[str], str | None],
    sample: int | None = None,
    seed: int = 0,
    say: Callable[[int], None] = lambda rows: None,
) -> tuple[Prepared, Preview]:
    """Read a source to its end, screen its rows, leave doubles out and draw a sample.

    Memory does not grow with the texts: the rows wait in a temporary file, screened.

    Args:
        source: opened; its records are used up.
        tools: what to do it with.
        contestant_of: the contestant that a name in the file means; None is a stranger.
        sample: how many rows to take at most.
        seed: of the sample.
        say: called with the number of rows read, now and then.

    Raises:
        ImportFileError: a row cannot be read, or nothing is left to take.
    """
    spool = Spool()
    try:
        work = _Work(tools, spool, contestant_of)
        for number, record in enumerate(source.records, start=1):
            work.take(record)
            if number % SAID_EVERY == 0:
                say(number)
        say(work.rows)
        if not work.kept:
            raise ImportFileError(_nothing(source, work))
        labels = [work.categories[number] for number in work.kept]
        rng = random.Random(seed)  # noqa: S311 - a sample that can be drawn again
        at = stratified(labels, sample if sample is not None else len(labels), rng=rng)
        prepared = Prepared(spool, [work.kept[place] for place in at], work.merged)
        return prepared, _preview(source, work, prepared, tools.pii, len(at), sample, seed)
    except BaseException:
        spool.close()
        raise


class _Work:
    """What is known of the rows so far."""

    def __init__(
        self,
        tools: Tools,
        spool: Spool,
        contestant_of: Callable[[str], str | None],
    ) -> None:
        self._tools = tools
        self._spool = spool
        self._contestant_of = contestant_of
        self._first: dict[bytes, int] = {}
        self._numbers: list[int] = []
        self.rows = self.blocked = self.doubles = 0
        self.found: Counter[str] = Counter()
        self.strangers: Counter[str] = Counter()
        self.kept: list[int] = []
        self.merged: dict[int, list[int]] = {}
        self.categories: dict[int, str] = {}

    def take(self, record: Record) -> None:
        """Screen a row and keep it unless it is blocked or a double."""
        self.rows += 1
        screened = self._screened(record)
        if screened is None:
            self.blocked += 1
            return
        hashed = hashlib.sha256(screened.prompt.encode()).digest()[:16]
        twin = self._first.get(hashed)
        if twin is not None:
            self.doubles += 1
            if screened.answers:
                self.merged.setdefault(twin, []).append(self._spool.add(screened))
            return
        near = self._tools.doubles.add(screened.prompt)
        if near is not None:
            self.doubles += 1
            return
        screened = replace(
            screened,
            id=self._id(record),
            language=record.language or self._tools.language(screened.prompt),
        )
        number = self._spool.add(screened)
        self._first[hashed] = number
        self.kept.append(number)
        self.categories[number] = screened.category

    def _screened(self, record: Record) -> Record | None:
        """Return the row with every text screened; None where one is blocked.

        Its texts share their placeholders, so an answer names the same person as its prompt.
        """
        named: dict[str, str] = {}
        for name, text in record.answers.items():
            contestant = self._contestant_of(name)
            if contestant is None:
                self.strangers[name] += 1
            else:
                named[contestant] = text
        texts = {name: getattr(record, name) for name in _SCREENED}
        state: Placeholders | None = None
        for group in (texts, named):
            for name, text in group.items():
                result = screen(
                    text, mode=self._tools.pii, state=state, detection=self._tools.detection
                )
                self.found.update(result.counts())
                if result.blocked:
                    return None
                group[name], state = result.text, result.state
        return replace(record, **texts, answers=named)

    def _id(self, record: Record) -> str:
        """Return the row's id; made here where it has none or one that tells a person."""
        if not record.id:
            return self._key(record.prompt)
        result = screen(record.id, mode=self._tools.pii, detection=self._tools.detection)
        kinds = set(result.counts()) - _NUMBERS if result.mode in _CHANGING else set()
        return self._key(record.id) if kinds else record.id

    def _key(self, text: str) -> str:
        digest = hashlib.blake2b(text.encode(), key=self._tools.key, digest_size=8)
        return f"i-{digest.hexdigest()}"


def _nothing(source: Source, work: _Work) -> str:
    reasons = Counter(source.bad.counts) + Counter(source.bad.left_out)
    if work.blocked:
        reasons["personal data (blocked)"] = work.blocked
    why = ", ".join(f"{reason}: {n:,}" for reason, n in reasons.most_common())
    return f"{source.name}: there is no prompt to take" + (f" ({why})" if why else "")


def _preview(
    source: Source,
    work: _Work,
    prepared: Prepared,
    pii: PiiMode,
    taken: int,
    sample: int | None,
    seed: int,
) -> Preview:
    languages: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    examples: list[str] = []
    for record in prepared:
        languages[record.language] += 1
        categories[record.category] += 1
        answers.update(record.answers.keys())
        if len(examples) < EXAMPLES:
            examples.append(record.prompt)
    return Preview(
        name=source.name,
        format=TITLES[source.format],
        encoding=source.encoded.title,
        note=source.encoded.note,
        digest=source.encoded.digest,
        size=source.encoded.size,
        delimiter=source.delimiter,
        mapping=dict(source.mapping),
        pii=pii,
        rows=work.rows,
        bad=dict(source.bad.counts),
        bad_examples=tuple(source.bad.messages),
        left_out=dict(source.bad.left_out),
        found=dict(work.found.most_common()),
        blocked=work.blocked,
        doubles=work.doubles,
        taken=taken,
        sample=sample,
        seed=seed,
        languages=dict(languages.most_common()),
        categories=dict(categories.most_common()),
        examples=tuple(examples),
        answers=dict(answers.most_common()),
        strangers=dict(work.strangers.most_common()),
    )
