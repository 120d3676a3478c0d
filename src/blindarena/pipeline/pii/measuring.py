"""How well a finder works on labelled messages: recall and precision per kind.

A labelled file holds messages with a line `---` between them, and each piece of personal data in
them as `<<kind:value>>`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from blindarena.errors import InputError
from blindarena.pipeline.pii.findings import Finding, Kind

_MARK = re.compile(r"<<([a-z_]+):(.*?)>>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message and the personal data in it."""

    text: str
    spans: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one kind.

    Args:
        labelled: pieces in the messages.
        covered: of these, found to the last letter and digit, under whatever kind.
        found: findings.
        right: of these, without a letter or digit outside the pieces.
    """

    labelled: int = 0
    covered: int = 0
    found: int = 0
    right: int = 0

    @property
    def recall(self) -> float | None:
        """Share of the pieces that were found; None without any."""
        return self.covered / self.labelled if self.labelled else None

    @property
    def precision(self) -> float | None:
        """Share of the findings that are right; None without any."""
        return self.right / self.found if self.found else None

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.labelled + other.labelled,
            self.covered + other.covered,
            self.found + other.found,
            self.right + other.right,
        )


def read_labelled(content: str, *, where: str) -> list[Labelled]:
    """Read the messages of a labelled file.

    Args:
        content: the file.
        where: its name, for errors.

    Raises:
        InputError: a kind is unknown.
    """
    messages = []
    for number, block in enumerate(re.split(r"(?m)^---$\n?", content), 1):
        pieces: list[str] = []
        spans: list[Finding] = []
        at = length = 0
        block = block.rstrip("\n")
        for mark in _MARK.finditer(block):
            if mark[1] not in get_args(Kind):
                raise InputError(f"{where}, message {number}: kind {mark[1]!r} is unknown")
            pieces += (block[at : mark.start()], mark[2])
            start = length + mark.start() - at
            length = start + len(mark[2])
            spans.append(Finding(start, length, mark[1]))  # type: ignore[arg-type]
            at = mark.end()
        messages.append(Labelled("".join([*pieces, block[at:]]), tuple(spans)))
    return messages


def measure(
    messages: Sequence[Labelled], finder: Callable[[str], Iterable[Finding]]
) -> dict[Kind, Score]:
    """Compare what a finder finds with the labels.

    Strict on both sides: a piece counts as found when all its letters and digits are, a finding as
    right when none of its letters and digits is outside the pieces.
    """
    scores: dict[Kind, Score] = {kind: Score() for kind in get_args(Kind)}
    for message in messages:
        findings = list(finder(message.text))
        truth = signs_of(message.text, message.spans)
        seen = signs_of(message.text, findings)
        for span in message.spans:
            covered = signs_of(message.text, [span]) <= seen
            scores[span.kind] += Score(labelled=1, covered=int(covered))
        for finding in findings:
            right = signs_of(message.text, [finding]) <= truth
            scores[finding.kind] += Score(found=1, right=int(right))
    return scores


def signs_of(text: str, spans: Iterable[Finding]) -> set[int]:
    """Return the places of the letters and digits within spans."""
    return {at for span in spans for at in range(span.start, span.end) if text[at].isalnum()}
