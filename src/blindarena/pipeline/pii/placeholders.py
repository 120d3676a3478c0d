"""Placeholders such as [EMAIL_1]: the same value has the same one within a conversation."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from blindarena.errors import InputError
from blindarena.pipeline.pii.findings import Finding, Kind

# Models write them in other ways, too: [email_1], \[EMAIL\_1\].
PLACEHOLDER = re.compile(r"\\?\[([A-Za-z]{2,20})\\?_([0-9]{1,6})\\?\]")
LABELS: Mapping[Kind, str] = MappingProxyType(
    {
        "url": "LINK",
        "email": "EMAIL",
        "iban": "IBAN",
        "card": "CARD",
        "ip": "IP",
        "national_id": "ID",
        "birth_date": "BIRTHDATE",
        "address": "ADDRESS",
        "phone": "PHONE",
        "reference": "NUMBER",
        "name": "NAME",
    }
)
_KINDS = {label: kind for kind, label in LABELS.items()}


@dataclass(frozen=True, slots=True)
class Placeholders:
    """The placeholders of one conversation with the values behind them: keep it as secret as those.

    Args:
        values: by placeholder; not shown by `repr`.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    def restore(self, text: str) -> str:
        """Put the values back; a placeholder that is not ours stays as it is."""
        return PLACEHOLDER.sub(lambda match: self.values.get(name_of(match), match[0]), text)

    def known(self) -> dict[str, Finding]:
        """Return the values, each with a finding that gives its kind and label."""
        known = {}
        for placeholder, value in self.values.items():
            label = placeholder[1:].rpartition("_")[0]
            kind = _KINDS.get(label)
            own = "" if kind else label
            known[value] = Finding(0, len(value), kind or "reference", own)
        return known

    def as_dict(self) -> dict[str, str]:
        """Return plain values for storage; it holds the personal data."""
        return dict(self.values)

    @classmethod
    def from_dict(cls, values: Mapping[str, str]) -> "Placeholders":
        """Read what `as_dict` gave.

        Raises:
            InputError: a key is no placeholder.
        """
        for key in values:
            if not re.fullmatch(r"\[[A-Z]{2,20}_[0-9]{1,6}\]", key):
                raise InputError(f"placeholders: {key!r} is none; expected one such as [EMAIL_1]")
        return cls(dict(values))


def name_of(match: re.Match[str]) -> str:
    """Return a placeholder as we write it."""
    return f"[{match[1].upper()}_{match[2]}]"


def replaced(
    text: str, findings: Iterable[Finding], *, state: Placeholders
) -> tuple[str, Placeholders]:
    """Put placeholders in the place of findings.

    Args:
        text: what the findings were found in; placeholders that stand in it are not given out anew.
        findings: in the order of the text, without overlaps.
        state: the conversation's placeholders until now.

    Returns:
        The text, and the placeholders with the new ones.
    """
    values = dict(state.values)
    taken = {name_of(match) for match in PLACEHOLDER.finditer(text)}
    by_value = {(key[1:].rpartition("_")[0], value): key for key, value in values.items()}
    last: dict[str, int] = {}
    pieces: list[str] = []
    at = 0
    for finding in findings:
        value = text[finding.start : finding.end]
        label = finding.label or LABELS[finding.kind]
        key = by_value.get((label, value))
        if key is None:
            key, last[label] = _unused(label, last.get(label, 0), taken, values)
            by_value[label, value], values[key] = key, value
        pieces += (text[at : finding.start], key)
        at = finding.end
    return "".join([*pieces, text[at:]]), Placeholders(values)


def _unused(label: str, last: int, *used: Collection[str]) -> tuple[str, int]:
    number = last + 1
    while any(f"[{label}_{number}]" in keys for keys in used):
        number += 1
    return f"[{label}_{number}]", number
