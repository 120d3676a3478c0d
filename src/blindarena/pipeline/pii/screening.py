"""The one question before a text goes upstream: what is in it, and what may go on?"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from blindarena.errors import InputError
from blindarena.pipeline.pii.detecting import DEFAULT, Detection, find
from blindarena.pipeline.pii.findings import KINDS, Finding, Kind
from blindarena.pipeline.pii.placeholders import Placeholders, replaced

PiiMode = Literal["off", "warn", "redact", "block"]

_SPOKEN: Mapping[Kind, tuple[str, str]] = MappingProxyType(
    {
        "url": ("personal link", "personal links"),
        "email": ("e-mail address", "e-mail addresses"),
        "iban": ("bank account", "bank accounts"),
        "card": ("payment card", "payment cards"),
        "ip": ("IP address", "IP addresses"),
        "national_id": ("personal id number", "personal id numbers"),
        "birth_date": ("date of birth", "dates of birth"),
        "address": ("postal address", "postal addresses"),
        "phone": ("phone number", "phone numbers"),
        "reference": ("order or customer number", "order or customer numbers"),
        "name": ("name", "names"),
    }
)


@dataclass(frozen=True, slots=True)
class Screening:
    """What was found in one text and what may go on.

    Args:
        mode: what was asked for.
        text: what may go on: as it was for `off` and `warn`, with placeholders for `redact`, and
            for `block` as it was if nothing was found, else "". Not shown by `repr`.
        findings: places in the text that was given in, in its order; they hold no values.
        state: the conversation's placeholders, for its next text; it grows with `redact` alone.
    """

    mode: PiiMode
    text: str = field(repr=False)
    findings: tuple[Finding, ...]
    state: Placeholders = field(repr=False)

    @property
    def blocked(self) -> bool:
        """The text must not go on."""
        return self.mode == "block" and bool(self.findings)

    def counts(self) -> dict[Kind, int]:
        """Return how many there are of each kind that was found."""
        found = Counter(finding.kind for finding in self.findings)
        return {kind: found[kind] for kind in KINDS if kind in found}

    def summary(self) -> str:
        """Say in a few words what was found, without values: "2 names and 1 phone number"."""
        parts = [f"{n} {_SPOKEN[kind][n > 1]}" for kind, n in self.counts().items()]
        if len(parts) < 2:
            return parts[0] if parts else "nothing"
        return f"{', '.join(parts[:-1])} and {parts[-1]}"


def screen(
    text: str,
    *,
    mode: PiiMode,
    state: Placeholders | None = None,
    detection: Detection = DEFAULT,
) -> Screening:
    """Look for personal data in a text before it goes anywhere.

    Pure: the same text, mode, state and detection give the same result.

    Args:
        text: one message, of any length; the cost is proportional to it.
        mode: `off` does not look; `warn` looks; `redact` puts placeholders; `block` lets nothing
            pass that has findings.
        state: the placeholders of the conversation until now; None at its beginning.
        detection: the arena's own numbers, and a language model for names.

    Raises:
        InputError: the mode is unknown.
    """
    if mode not in get_args(PiiMode):
        raise InputError(f"pii = {mode!r} is unknown; choose one of off, warn, redact, block")
    state = state or Placeholders()
    if mode == "off":
        return Screening(mode, text, (), state)
    findings = tuple(find(text, detection=detection, known=state.known()))
    if mode == "redact":
        text, state = replaced(text, findings, state=state)
    result = Screening(mode, text, findings, state)
    return Screening(mode, "", findings, state) if result.blocked else result
