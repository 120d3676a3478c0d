"""All detectors over one text, until nothing more is found."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from blindarena.pipeline.pii.accounts import cards, ibans, national_ids
from blindarena.pipeline.pii.addresses import addresses
from blindarena.pipeline.pii.copies import copies_of
from blindarena.pipeline.pii.dates import birth_dates
from blindarena.pipeline.pii.findings import Finding, without_overlaps
from blindarena.pipeline.pii.names import names
from blindarena.pipeline.pii.network import emails, ips, urls
from blindarena.pipeline.pii.phones import phones
from blindarena.pipeline.pii.placeholders import PLACEHOLDER
from blindarena.pipeline.pii.references import NumberPattern, own_numbers, references

NameFinder = Callable[[str], Iterable[tuple[int, int]]]

_HOLE = "\ue000"
_PASSES = 6
# What is left of such a finding beside another one counts only with a digit in it.
_WITH_DIGITS = frozenset({"iban", "card", "birth_date", "phone", "reference"})
_DETECTORS = (
    urls, emails, ibans, cards, ips, national_ids, birth_dates, phones, references,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Detection:
    """What to look for beside what everybody has.

    Args:
        numbers: the arena's own shapes of numbers.
        name_finder: a language model for names, see `spacy_names`; it gives spans.
    """

    numbers: tuple[NumberPattern, ...] = ()
    name_finder: NameFinder | None = None


DEFAULT = Detection()


def find(
    text: str, *, detection: Detection = DEFAULT, known: Mapping[str, Finding] | None = None
) -> list[Finding]:
    """Find the personal data of a text.

    A value that was found once is found wherever it stands as whole words. Placeholders in the text
    are left alone. What was found is taken out and the rest looked at again, until nothing more is
    found (at most six times), which is why redacting twice changes nothing.

    Args:
        text: one message, of any length.
        detection: what to look for.
        known: values found before in the same conversation, with a finding that gives their kind.

    Returns:
        Findings in the order of the text; no two share a character.
    """
    values = dict(known or {})
    found: list[Finding] = []
    holes = [match.span() for match in PLACEHOLDER.finditer(text)]
    for _ in range(_PASSES):
        view = _View.of(text, holes)
        fresh = view.in_the_original(without_overlaps(_look(view.text, detection)))
        for finding in fresh:
            values.setdefault(text[finding.start : finding.end], finding)
        again = view.in_the_original(copies_of(view.text, values))
        new = without_overlaps([*fresh, *again])
        if not new:
            break
        found += new
        holes = sorted([*holes, *((finding.start, finding.end) for finding in new)])
    return sorted(found)


def _look(text: str, detection: Detection) -> list[Finding]:
    found = [finding for detector in _DETECTORS for finding in detector(text)]
    places = list(addresses(text))
    found += places
    found += names(text, addresses=places)
    found += own_numbers(text, detection.numbers)
    if detection.name_finder is not None:
        found += (Finding(start, end, "name") for start, end in detection.name_finder(text))
    return found


@dataclass(frozen=True, slots=True)
class _View:
    """A text in which each piece that was taken out is one sign that no pattern knows.

    So it looks the same whether the piece is the value or its placeholder.
    """

    text: str
    starts: Sequence[int]  # of the pieces that stay, in the view
    shifts: Sequence[int]  # from the view to the original, for each of them
    original: str

    @classmethod
    def of(cls, original: str, holes: Iterable[tuple[int, int]]) -> "_View":
        pieces, starts, shifts = [], [], []
        at = length = 0
        for start, end in [*holes, (len(original), len(original))]:
            starts.append(length)
            shifts.append(at - length)
            pieces.append(original[at:start])
            length += start - at + 1
            at = end
        return cls(_HOLE.join(pieces), starts, shifts, original)

    def in_the_original(self, findings: Iterable[Finding]) -> list[Finding]:
        """Move findings, split where something was taken out, without blanks at their ends."""
        moved = []
        for finding in findings:
            for part in re.finditer(rf"[^{_HOLE}]+", self.text[finding.start : finding.end]):
                value = part[0].strip()
                needed = str.isdigit if finding.kind in _WITH_DIGITS else str.isalnum
                if not any(map(needed, value)):
                    continue
                start = finding.start + part.start() + part[0].index(value)
                start += self.shifts[bisect_right(self.starts, start) - 1]
                moved.append(Finding(start, start + len(value), finding.kind, finding.label))
        return moved
