"""The processing record: what is done with whose data, to hand to a data-protection officer."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from blindarena.domain.arenas import Arena, Contestant, PiiMode, Recipient

_PII: Mapping[PiiMode, str] = {
    "off": "Messages are not searched for personal data.",
    "warn": "Messages are searched for personal data before they are sent; the voter is asked.",
    "redact": (
        "Personal data found in messages and comments are replaced by placeholders before they "
        "are sent or stored. What no rule finds, such as a name within a sentence, is not."
    ),
    "block": (
        "Messages in which personal data are found are refused and not stored; in comments "
        "placeholders take their place. What no rule finds is not refused."
    ),
}
_CATEGORIES = (
    "messages that voters write, pictures where an arena takes them, and the answers of models",
    "votes, reasons, comments, with their times",
    "a pseudonym of each voter in this arena, and the random id of the browser behind it",
    "which version of the consent was agreed to, and when",
    "no names, no addresses on the network, no other data about voters",
)
_MEASURES = (
    "pseudonyms by a secret key for each arena; it is destroyed when nothing is left to delete",
    "raw network addresses are used for rate limits in memory and never stored",
    "session cookies are HttpOnly and SameSite=Lax; every change needs a CSRF token",
    "the owner's page needs a login; passwords and session secrets are stored as hashes",
    "pages load nothing from third parties; answers of models are shown without active content",
    "logs hold no messages and no answers",
    "deleted texts are overwritten in SQLite files; in PostgreSQL its server reuses the space",
    "every export, erasure, exclusion and change is in the audit log",
)
_GATEWAY: Mapping[str, tuple[str, ...]] = {
    "purpose": ("billing, limits and error finding for programs that use models at /v1",),
    "people": ("holders of API keys, as far as a key's name tells who they are",),
    "categories": (
        "of a key: its name, its limits, when it was made and revoked, the last day it was used",
        "of a request: time, key, model, deployment, tokens, cost, seconds, status, request id",
        "no text of prompts or answers, no network address",
    ),
    "kept": ("requests: usage_days of [gateway] in blindarena.toml; keys: for good, as hashes",),
}
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Processing:
    """What one arena does with personal data; unknown is said as unknown, never left out."""

    arena: str
    title: str
    controller: str
    purpose: str
    people: str
    categories: tuple[str, ...]
    personal_data_in_messages: str
    legal_basis: str
    consent_version: str
    contestants: tuple[str, ...]
    recipients: tuple[Recipient, ...]
    retention: str
    storage: str
    measures: tuple[str, ...] = _MEASURES

    @classmethod
    def of(cls, arena: Arena, contestants: Sequence[Contestant], *, database: str) -> "Processing":
        """Return what an arena does, as it is configured.

        Args:
            arena: as stored, with the recipients of its consent.
            contestants: of its present version.
            database: its kind, in words.
        """
        groups = ", ".join(group.name for group in arena.groups)
        return cls(
            arena=arena.slug,
            title=arena.title,
            controller=arena.owner or _UNKNOWN,
            purpose=arena.question or arena.title,
            people=f"voters: {groups}" if groups else "voters",
            categories=_CATEGORIES,
            personal_data_in_messages=_PII[arena.pii],
            legal_basis="consent of the voter before the first message; for the officer to judge",
            consent_version=arena.consent.version,
            contestants=tuple(c.name for c in contestants if c.enabled),
            recipients=arena.consent.recipients,
            retention=retention_text(arena.retention_days),
            storage=f"{database}, on the operator's own machine",
        )


def retention_text(days: int | None) -> str:
    """Say how long texts are kept."""
    if days is None:
        return "no limit is set: texts are kept until they are erased"
    after = f"{days} day{'' if days == 1 else 's'}"
    return (
        f"texts, comments and the link between votes and browser are deleted after {after} (within "
        "a day); votes, times, costs and style counts stay without them"
    )


def as_json(record: Sequence[Processing], *, at: datetime) -> dict[str, Any]:
    """Return a record as plain values; null is unknown."""
    gateway = {name: list(lines) for name, lines in _GATEWAY.items()}
    processing = [asdict(one) for one in record]
    return {"written_at": at.isoformat(), "processing": processing, "gateway": gateway}


def as_markdown(record: Sequence[Processing], *, at: datetime) -> str:
    """Return a record as a page to print and sign."""
    lines = [
        "# Record of processing",
        "",
        f"Written by BlindArena on {at:%Y-%m-%d}, from the configuration. It describes what the "
        "software does; it is no legal advice and claims no compliance.",
    ]
    for one in record:
        lines += [
            "",
            f"## {_line(one.title)}",
            "",
            f"- Controller: {_line(one.controller)}",
            f"- Purpose: {_line(one.purpose)}",
            f"- People: {_line(one.people)}",
            f"- Legal basis: {one.legal_basis} (version `{one.consent_version}`)",
            f"- Contestants: {_line(', '.join(one.contestants)) or 'none'}",
            f"- Kept: {one.retention}",
            f"- Stored in: {one.storage}",
            f"- Personal data in messages: {one.personal_data_in_messages}",
            "",
            "### Categories of data",
            "",
            *(f"- {category}" for category in one.categories),
            "",
            "### Recipients",
            "",
            *_recipients(one.recipients),
            "",
            "### Measures",
            "",
            *(f"- {measure}" for measure in one.measures),
        ]
    lines += ["", "## The gateway, for programs", ""]
    lines += [f"- {name.capitalize()}: {'; '.join(said)}" for name, said in _GATEWAY.items()]
    return "\n".join([*lines, "", "Checked by, on: ______________________________", ""])


def _recipients(recipients: Sequence[Recipient]) -> list[str]:
    if not recipients:
        return ["None: messages do not leave this machine."]
    rows = ["| recipient | region | kept for | trains on it |", "| --- | --- | --- | --- |"]
    for one in recipients:
        trains = {True: "yes", False: "no", None: _UNKNOWN}[one.trains_on_data]
        cells = (one.name, one.region or _UNKNOWN, one.retention or _UNKNOWN, trains)
        rows.append("| " + " | ".join(_line(cell).replace("|", "\\|") for cell in cells) + " |")
    return rows


def _line(text: str) -> str:
    return " ".join(text.split())
