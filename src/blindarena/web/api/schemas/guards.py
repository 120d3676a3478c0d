"""Proof of work, moderation in numbers, the audit log."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from blindarena.web.api.schemas.base import Problem


class ChallengeOut(BaseModel):
    """A proof of work in ALTCHA's format: find the number with SHA-256(salt + number) = challenge.

    The number is from 0 to `maxnumber`. Send base64 of the JSON object {algorithm, challenge,
    number, salt, signature} as the header `X-Challenge`.
    """

    algorithm: Literal["SHA-256"]
    challenge: str
    maxnumber: int
    salt: str
    signature: str


class ChallengeProblem(Problem):
    """A proof of work is asked for, or the one given is worth nothing; solve this one."""

    challenge: ChallengeOut


CHALLENGED: dict[int | str, dict[str, Any]] = {428: {"model": ChallengeProblem}}
"""For routes that may ask for a proof of work."""


class AuditEntryOut(BaseModel):
    """One line of the audit log."""

    id: int
    at: datetime
    who: str
    what: str
    detail: str


class AuditPage(BaseModel):
    """Lines of the audit log, newest first; `before` leads to the next page, null is the end."""

    lines: list[AuditEntryOut]
    before: int | None


class ModerationOut(BaseModel):
    """What moderation did in one arena, in numbers.

    Attributes:
        on: whether anything is configured.
        messages_refused: messages that were neither sent nor stored.
        answers_flagged: answers that were marked; they were shown all the same.
        checks_failed: how often the endpoint did not answer.
    """

    arena: str
    on: bool
    messages_refused: int
    answers_flagged: int
    checks_failed: int
