"""What a leaderboard is computed from."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Population = Literal["people", "simulated", "published"]


@dataclass(frozen=True, slots=True)
class PairCount:
    """Votes between two contestants, `first` < `second` by id; wins are of that contestant."""

    first: UUID
    second: UUID
    wins_first: int = 0
    wins_second: int = 0
    ties: int = 0
    both_bad: int = 0

    @property
    def total(self) -> int:
        """All votes of the pair."""
        return self.wins_first + self.wins_second + self.ties + self.both_bad


@dataclass(frozen=True, slots=True)
class ContestantStats:
    """Sums over the answers of one contestant; the `*_n` say over how many answers.

    Attributes:
        answers: requests made, failed ones included.
        errors: of these, how many failed; none of them is a loss.
        refusals: of the errors, how many the provider or the model declined to answer.
        timeouts: of the errors, how many took too long.
        tokens_sum, generation_seconds_sum: over the `speed_n` answers that have both.
        cost_sq, ttft_sq, tokens_sq, generation_seconds_sq: sums of squares.
        tokens_seconds: sum of the products of tokens and generation seconds.
    """

    contestant_id: UUID
    answers: int = 0
    errors: int = 0
    cost_sum: float = 0.0
    cost_n: int = 0
    ttft_sum: float = 0.0
    ttft_n: int = 0
    tokens_sum: int = 0
    generation_seconds_sum: float = 0.0
    cost_sq: float = 0.0
    ttft_sq: float = 0.0
    speed_n: int = 0
    tokens_sq: float = 0.0
    generation_seconds_sq: float = 0.0
    tokens_seconds: float = 0.0
    refusals: int = 0
    timeouts: int = 0
