"""Which votes do not count, and why."""

from dataclasses import dataclass
from datetime import datetime

NOT_BLIND = "not-blind"
"""The contestants were known before the vote. Nobody can let such a vote count."""
RETRACTED = "retracted"
"""The voter has voted again on the same battle. This can't be undone either."""
IDENTITY_LEAK = "identity-leak"
TOO_FAST = "too-fast"
VOTE_CAP = "vote-cap"
DUPLICATE_PROMPT = "duplicate-prompt"
NEVER_COUNTED = (NOT_BLIND, RETRACTED)
"""Not even on a board that shows what would be without exclusions."""
RULES = (NOT_BLIND, RETRACTED, IDENTITY_LEAK, TOO_FAST, VOTE_CAP, DUPLICATE_PROMPT)
"""Reasons that the program gives, the first that holds first. Any other is the owner's own."""


@dataclass(frozen=True, slots=True)
class VoteRules:
    """The rules of an arena by which a vote is left out; None is off.

    Attributes:
        max_votes_per_voter: a voter's votes that count; those after them do not.
        min_seconds: a vote cast sooner after the answers ended does not count.
        duplicate_prompts: a voter's votes that count where the first message is the same.
    """

    max_votes_per_voter: int | None = None
    min_seconds: float | None = None
    duplicate_prompts: int | None = None


@dataclass(frozen=True, slots=True)
class VoterExclusion:
    """A voter whose votes do not count, the later ones neither."""

    voter: str
    reason: str
    at: datetime


def early_reason(
    *, leaked: bool, seconds: float | None, rules: VoteRules, named: bool = False
) -> str | None:
    """Return why a vote does not count by what is known before it is stored.

    Args:
        leaked: an answer told who wrote it.
        seconds: from the answers to the vote; what was not measured (None) is not too fast.
        rules: the arena's.
        named: the voter chose the contestants.
    """
    if named:
        return NOT_BLIND
    if leaked:
        return IDENTITY_LEAK
    if rules.min_seconds is not None and seconds is not None and seconds < rules.min_seconds:
        return TOO_FAST
    return None


def late_reason(*, earlier: int, same_prompt: int, rules: VoteRules) -> str | None:
    """Return why a vote does not count by the voter's earlier votes, whether these count or not.

    Args:
        earlier: how many votes the voter has cast in the arena before.
        same_prompt: how many of these were on the same prompt.
        rules: the arena's.
    """
    if rules.max_votes_per_voter is not None and earlier >= rules.max_votes_per_voter:
        return VOTE_CAP
    if rules.duplicate_prompts is not None and same_prompt >= rules.duplicate_prompts:
        return DUPLICATE_PROMPT
    return None


def told_to_voter(reason: str | None) -> str | None:
    """Return the reason as far as a voter learns it: nobody is told that the owner excluded them.

    Whoever votes to distort a board would otherwise begin anew under another name.
    """
    return reason if reason in RULES else None
