"""What was found in a text: kind and place, never the value."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "url",  # an address with a token, a login or a long number in it
    "email",
    "iban",
    "card",  # payment card
    "ip",
    "national_id",  # social security, tax, health or identity-card number
    "birth_date",
    "address",  # street with number, postcode with town
    "phone",
    "reference",  # number of an order, parcel, customer, contract
    "name",  # of a person
]
KINDS: tuple[Kind, ...] = get_args(Kind)
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One piece of personal data, `text[start:end]`.

    It does not hold the value, so it may be logged, counted and stored.

    Args:
        start: index of the first character.
        end: index behind the last character.
        kind: what it is.
        label: for the placeholder, in capitals; "" takes the kind's own.
    """

    start: int
    end: int
    kind: Kind
    label: str = ""


def without_overlaps(findings: Iterable[Finding]) -> list[Finding]:
    """Resolve overlaps: the kind earlier in `KINDS` keeps its span, then the longer finding.

    Of the other finding the parts that stick out are kept, so that nothing found is lost.

    Returns:
        Findings in the order of the text; no two share a character.
    """
    wanted = sorted(findings, key=lambda f: (_RANK[f.kind], f.start - f.end, f.start))
    taken = bytearray(max((finding.end for finding in wanted), default=0))
    kept = []
    for finding in wanted:
        start = taken.find(0, finding.start, finding.end)
        while start >= 0:
            end = taken.find(1, start, finding.end)
            end = finding.end if end < 0 else end
            taken[start:end] = b"\1" * (end - start)
            kept.append(Finding(start, end, finding.kind, finding.label))
            start = taken.find(0, end, finding.end)
    return sorted(kept)
