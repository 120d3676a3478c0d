"""One conversation with two anonymous contestants, its answers and its vote."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from blindarena.domain.chat import FinishReason
from blindarena.domain.style import Style
from blindarena.errors import ProviderFault

Side = Literal["a", "b"]
SIDES: tuple[Side, Side] = ("a", "b")
Outcome = Literal["model_a", "model_b", "tie", "both_bad"]
OUTCOMES: tuple[Outcome, ...] = ("model_a", "model_b", "tie", "both_bad")
BattleMode = Literal["battle", "queue", "side_by_side", "direct"]
NAMED: frozenset[BattleMode] = frozenset({"side_by_side", "direct"})
"""The voter chose the contestants and knows them: nothing of these counts on a board."""
Role = Literal["owner", "reviewer", "voter"]
BattleStatus = Literal["waiting", "streaming", "votable", "failed", "skipped", "voted"]
"""waiting: a turn may be sent; votable: every turn so far is complete on both sides."""
TurnStatus = Literal["streaming", "complete", "failed", "interrupted", "replaced"]
"""replaced: both sides answered, and were then asked to answer again."""
TurnOrigin = Literal["typed", "suggested", "prepared"]
"""Who wrote a message: the voter, or the owner, as a suggestion that was sent unchanged or as a
prepared prompt."""


@dataclass(frozen=True, slots=True)
class Session:
    """One browser. The cookie's secret is stored only as a hash.

    Attributes:
        consents: versions agreed to.
        subject: a keyed hash of who logged in by OpenID Connect; "" is nobody known.
        until: when the session ends by itself; None is never.
    """

    id: UUID
    secret_hash: str
    csrf_token: str
    created_at: datetime
    consents: frozenset[str] = frozenset()
    is_owner: bool = False
    is_reviewer: bool = False
    subject: str = ""
    until: datetime | None = None

    @property
    def role(self) -> Role:
        """`owner`, `reviewer` (boards, progress, report) or `voter`."""
        return "owner" if self.is_owner else "reviewer" if self.is_reviewer else "voter"


@dataclass(frozen=True, slots=True)
class Battle:
    """Sides are shuffled once, here, and kept with the probability that this pair was drawn.

    `voter_group` is that of a rater in the review queue. `images`: its messages may have pictures,
    as all contestants that could be drawn take them.
    """

    id: UUID
    arena_id: UUID
    session_id: UUID
    voter: str
    contestant_a: UUID
    contestant_b: UUID
    probability: float
    policy: str
    consent_version: str
    created_at: datetime
    status: BattleStatus = "waiting"
    mode: BattleMode = "battle"
    prompt_id: UUID | None = None
    version: int = 1
    voter_group: str | None = None
    images: bool = False

    def contestant(self, side: Side) -> UUID:
        """Return the contestant on one side."""
        return self.contestant_a if side == "a" else self.contestant_b

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides that answer: a direct chat has only `a`, and the same contestant as `b`."""
        return ("a",) if self.mode == "direct" else SIDES


@dataclass(frozen=True, slots=True)
class Turn:
    """One user message of a battle; `attempt` grows when the same message is answered again."""

    id: UUID
    battle_id: UUID
    number: int
    attempt: int
    content: str
    status: TurnStatus
    created_at: datetime
    origin: TurnOrigin = "typed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one side answered in one turn, measured. Unknown cost is None."""

    turn_id: UUID
    side: Side
    contestant_id: UUID
    text: str
    style: Style
    deployment: str | None = None
    finish_reason: FinishReason | None = None
    fault: ProviderFault | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    tokens_reported: bool = False
    ttft_s: float | None = None
    seconds: float | None = None
    cost_usd: float | None = None
    price: str | None = None
    leaked: bool = False
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Vote:
    """One decisive vote. Append-only: an exclusion is a new row that points at an old one.

    Attributes:
        excluded: reason why it does not count, e.g. "identity-leak"; None counts.
        version: of the arena, taken from the battle.
        revision: 0, or how often this voter has changed the vote on this battle; only the latest
            counts, those before it are excluded as "retracted".
    """

    id: UUID
    battle_id: UUID
    arena_id: UUID
    voter: str
    outcome: Outcome
    created_at: datetime
    category: str = ""
    reasons: tuple[str, ...] = ()
    comment: str = ""
    excluded: str | None = None
    seconds: float | None = None
    version: int = 1
    prompt_mark: str | None = None
    revision: int = 0


class VoterVote(NamedTuple):
    """What a vote says about its voter; a tuple, because there may be millions."""

    voter: str
    contestant_a: UUID
    contestant_b: UUID
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """A turn with its answers, by side; a side without an answer yet is missing."""

    turn: Turn
    answers: dict[Side, Answer]
