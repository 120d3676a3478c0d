"""The votes of a report one by one, and what they tell about who voted and why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import numpy as np

from blindarena.domain.arenas import VoterGroup
from blindarena.domain.battles import Outcome
from blindarena.leaderboard.reporting.parts import (
    ReportComment,
    ReportGroup,
    ReportReason,
    ReportVoters,
)
from blindarena.leaderboard.reporting.words import plural

FEWEST = 3
"""People in a group below which nothing is told of it: an aggregate of one is that one."""

_COLUMNS = (
    "voter",
    "model_a",
    "model_b",
    "winner",
    "tstamp",
    "category",
    "language",
    "prompt_id",
    "reasons",
    "comment",
    "excluded",
)
_LATER = ("voter_group", "origin")
"""Columns that exports of older versions do not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """One vote that counts; its voter never leaves this package.

    Attributes:
        group: "" is none.
        prompt: id of the prepared prompt; None where the voter wrote one.
        origin: of the first message: typed, suggested or prepared; "" is unknown.
    """

    voter: str
    a: str
    b: str
    outcome: Outcome
    at: datetime
    category: str = ""
    language: str = ""
    prompt: str | None = None
    group: str = ""
    origin: str = ""
    reasons: tuple[str, ...] = ()
    comment: str = ""


def read_ballots(parquet: bytes) -> list[Ballot]:
    """Return the votes of an export that count."""
    import pyarrow.parquet as pq  # takes long to import

    table = pq.read_table(BytesIO(parquet))
    names = [*_COLUMNS, *(name for name in _LATER if name in table.column_names)]
    rows = table.select(names).to_pylist()
    return [
        Ballot(
            voter=row["voter"],
            a=row["model_a"],
            b=row["model_b"],
            outcome=row["winner"],
            at=row["tstamp"],
            category=row["category"] or "",
            language=row["language"] or "",
            prompt=row["prompt_id"],
            group=row.get("voter_group") or "",
            origin=row.get("origin") or "",
            reasons=tuple(row["reasons"] or ()),
            comment=row["comment"] or "",
        )
        for row in rows
        if row["excluded"] is None
    ]


def voters_of(ballots: Sequence[Ballot], groups: Sequence[VoterGroup]) -> ReportVoters:
    """Count voters and their votes, as aggregates; of fewer than FEWEST people nothing is told.

    Args:
        ballots: that count.
        groups: as declared; others that votes name come after them.
    """
    per_voter = Counter(ballot.voter for ballot in ballots)
    counts = np.array(sorted(per_voter.values()), dtype=np.int64)
    told = len(counts) >= FEWEST
    votes = len(ballots)
    return ReportVoters(
        voters=len(counts),
        votes=votes,
        quartiles=(tuple(np.quantile(counts, (0, 0.25, 0.5, 0.75, 1)).tolist()) if told else None),
        heaviest_share=float(counts[-1] / votes) if told else None,
        first=min((ballot.at for ballot in ballots), default=None),
        last=max((ballot.at for ballot in ballots), default=None),
        groups=_groups(ballots, groups),
        sentence=(
            f"{plural(votes, 'vote')} by {plural(len(counts), 'voter')}."
            if votes
            else "Nobody has voted yet."
        ),
    )


def _groups(ballots: Sequence[Ballot], declared: Sequence[VoterGroup]) -> tuple[ReportGroup, ...]:
    votes = Counter(ballot.group for ballot in ballots)
    voters = {name: len({b.voter for b in ballots if b.group == name}) for name in votes}
    invited = {group.name: group.invited for group in declared}
    others = sorted(name for name in votes if name and name not in invited)
    names = [*invited, *others, *([""] if votes[""] and (invited or others) else [])]
    found = []
    for name in names:
        people = voters.get(name, 0)
        told = people == 0 or people >= FEWEST
        found.append(
            ReportGroup(
                name=name or "no group",
                invited=invited.get(name),
                voters=people if told else None,
                votes=votes[name] if told else None,
            )
        )
    hidden = [i for i, group in enumerate(found) if group.voters is None]
    if len(hidden) == 1:  # one hidden number could be had by subtracting from the total
        others_told = [i for i, group in enumerate(found) if group.voters]
        if others_told:
            least = min(others_told, key=lambda i: found[i].voters or 0)
            found[least] = ReportGroup(found[least].name, found[least].invited, None, None)
    return tuple(found)


def reasons_of(ballots: Sequence[Ballot], chips: Sequence[str]) -> tuple[ReportReason, ...]:
    """Count each reason in the votes on each contestant, by what became of it.

    Args:
        ballots: that count.
        chips: as the arena offers them; others that votes name come after them.
    """
    found: dict[tuple[str, str], Counter[str]] = {}
    for ballot in ballots:
        for reason in ballot.reasons:
            for name, won in ((ballot.a, "model_a"), (ballot.b, "model_b")):
                became = "even"
                if ballot.outcome in ("model_a", "model_b"):
                    became = "won" if ballot.outcome == won else "lost"
                found.setdefault((name, reason), Counter())[became] += 1
    order = {reason: place for place, reason in enumerate(chips)}
    return tuple(
        ReportReason(name, reason, counts["won"], counts["lost"], counts["even"])
        for (name, reason), counts in sorted(
            found.items(), key=lambda one: (one[0][0], order.get(one[0][1], len(order)), one[0][1])
        )
    )


def comments_of(ballots: Sequence[Ballot]) -> tuple[ReportComment, ...]:
    """Return what voters wrote, sorted by text, so that their order tells nothing."""
    return tuple(
        sorted(
            (
                ReportComment(ballot.a, ballot.b, ballot.outcome, ballot.comment)
                for ballot in ballots
                if ballot.comment.strip()
            ),
            key=lambda one: (one.text, one.a, one.b, one.outcome),
        )
    )
