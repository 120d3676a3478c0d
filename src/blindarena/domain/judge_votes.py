"""What people say of pairs that a judge has judged."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blindarena.domain.battles import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeVote:
    """One person's vote on one turn of two answers; rows are only ever added.

    Attributes:
        run: name of the run's folder.
        item: key of the turn and the two texts: another text is another item.
        model_a, model_b: contestants in alphabetical order, wherever they were shown.
        outcome: about these two.
        blind: whether names and verdicts were hidden until the vote.
        rater: pseudonym of the session; of one rater's votes on an item the latest counts.
    """

    id: UUID
    run: str
    item: str
    question_id: str
    turn: int
    model_a: str
    model_b: str
    outcome: Outcome
    blind: bool
    rater: str
    at: datetime
