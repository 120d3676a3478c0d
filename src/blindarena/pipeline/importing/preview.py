"""What a file of prompts holds, for the owner to look at before it is taken."""

from collections.abc import Mapping
from dataclasses import dataclass

from blindarena.pipeline.pii.screening import PiiMode


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file holds and what would be taken of it; texts are screened already.

    Attributes:
        rows: that could be read.
        bad: rows that could not be read, by reason; `bad_examples` says of the first ones why.
        left_out: rows that are well but no prompt, by reason.
        found: pieces of personal data by kind, in all rows that could be read.
        blocked: rows left out because of personal data.
        doubles: rows left out because they nearly repeat an earlier one.
        taken: rows that enter the arena.
        answers: answers in the file by contestant, of the rows taken.
        strangers: answers in a log by models that are no contestants.
    """

    name: str
    format: str
    encoding: str
    note: str
    digest: str
    size: int
    delimiter: str
    mapping: Mapping[str, str]
    pii: PiiMode
    rows: int
    bad: Mapping[str, int]
    bad_examples: tuple[str, ...]
    left_out: Mapping[str, int]
    found: Mapping[str, int]
    blocked: int
    doubles: int
    taken: int
    sample: int | None
    seed: int
    languages: Mapping[str, int]
    categories: Mapping[str, int]
    examples: tuple[str, ...]
    answers: Mapping[str, int]
    strangers: Mapping[str, int]
