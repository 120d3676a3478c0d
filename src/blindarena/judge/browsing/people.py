"""What people say of a run's items, beside what its judges say; as votes for other commands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from blindarena.analysis.clusters import Share
from blindarena.analysis.position import share_with
from blindarena.domain.battles import Outcome
from blindarena.domain.judge_votes import JudgeVote
from blindarena.judge.browsing.items import DECIDED, Item, Result

HUMAN: Final = "human:"
"""What the names of voters begin with in an export, beside `judge:` of those that are judges."""
_SAME: Final[Mapping[Outcome, Result]] = {
    "model_a": "first",
    "model_b": "second",
    "tie": "tie",
    "both_bad": "tie",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How often people say what a judge says; both bad counts as a tie.

    Attributes:
        judge: the judge.
        protocol: how it judged.
        blind: of votes that were cast before the judge's word was seen.
        all: of all votes.
        undecided: votes on items of which the judge has no one word: its orders differ, or a text
            has no verdict.
    """

    judge: str
    protocol: str
    blind: Share
    all: Share
    undecided: int


def agreements(items: Mapping[str, Item], votes: Sequence[JudgeVote]) -> list[Agreement]:
    """Return the agreement with every judge on whose items people voted.

    A vote on a text that is no longer in the run is left out.

    Args:
        items: of the run, by key.
        votes: that count.
    """
    numbers: dict[str, int] = {}
    found: dict[tuple[str, str], list[tuple[bool, bool, int]]] = {}
    without: dict[tuple[str, str], int] = {}
    for vote in votes:
        item = items.get(vote.item)
        if item is None:
            continue
        question = numbers.setdefault(item.question.id, len(numbers))
        for one in item.said:
            who = (one.judge, one.protocol)
            mine = found.setdefault(who, [])
            without.setdefault(who, 0)
            if one.result in DECIDED:
                same = one.result == _SAME[vote.outcome]
                mine.append((same, vote.blind, question))
            else:
                without[who] += 1
    return [
        Agreement(
            judge=judge,
            protocol=protocol,
            blind=_share([one for one in mine if one[1]]),
            all=_share(mine),
            undecided=without[judge, protocol],
        )
        for (judge, protocol), mine in found.items()
    ]


def vote_rows(items: Mapping[str, Item], votes: Sequence[JudgeVote]) -> list[dict[str, Any]]:
    """Return votes as `blindarena rank` and `blindarena agreement` read them, marked as people's.

    Args:
        items: of the run, for categories; what is not there any more has none.
        votes: that count.
    """
    rows = []
    for vote in votes:
        item = items.get(vote.item)
        rows.append(
            {
                "model_a": vote.model_a,
                "model_b": vote.model_b,
                "winner": vote.outcome,
                "voter": f"{HUMAN}{vote.rater}",
                "question_id": vote.question_id,
                "category": item.category if item is not None else None,
                "turn": vote.turn,
                "tstamp": vote.at.timestamp(),
                "blind": vote.blind,
                "source": "human",
            }
        )
    return rows


def _share(rows: Sequence[tuple[bool, bool, int]]) -> Share:
    same = np.array([one[0] for one in rows], dtype=np.bool_)
    question = np.array([one[2] for one in rows], dtype=np.int64)
    return share_with(same, question)
