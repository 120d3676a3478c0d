"""Leaderboards, win matrices, simulated voters and the planted truth."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from blindarena.web.api.schemas.base import In, Population
from blindarena.web.api.schemas.usable import UsableOut

MethodKey = Literal["bt", "davidson", "rao-kupper", "four-outcome", "elo", "contextual"]
BoardStatus = Literal["live", "ready", "computing", "none"]
"""live: from counts, now; ready: from vote rows, at `computed_at`; computing: ask again in a
second; none: it cannot be computed, a warning says why."""


class Row(BaseModel):
    """One line of a leaderboard. Null is unknown or not determined, never 0.

    `usable` is null where the arena does not ask, on dated boards and on thinned ones.
    """

    contestant: str
    description: str
    organization: str | None
    license: str | None
    rating: float | None
    lower: float | None
    upper: float | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    votes: int
    wins: int
    losses: int
    ties: int
    both_bad: int
    win_rate: float | None
    avg_cost_usd: float | None
    ttft_s: float | None
    tokens_per_s: float | None
    error_rate: float | None
    preliminary: bool
    needs_votes: int
    not_connected: bool
    refusal_rate: float | None = None
    timeout_rate: float | None = None
    usable: UsableOut | None = None


class StyleCoefficient(BaseModel):
    """What one standard deviation more of a feature of style is worth, in Elo points."""

    feature: str
    coefficient_elo: float
    lower: float | None
    upper: float | None


class Board(BaseModel):
    """A leaderboard; rows sorted by rating, those without one last.

    Rank sets follow a moment after the votes: until `rank_sets` is "ready", `rank_low` and
    `rank_high` are null. "none" says that there will be none for this board.
    """

    arena: str
    method: str
    n: int
    computed_at: datetime
    rows: list[Row]
    category: str
    population: Population
    categories: list[str]
    interval: str
    anchor: str | None
    excluded: dict[str, int]
    data_hash: str
    thinned_from: int | None
    seed: int | None
    min_votes: int
    method_key: MethodKey
    dated: bool
    status: BoardStatus
    snapshot_id: str | None
    style_coefficients: list[StyleCoefficient]
    rank_sets: Literal["ready", "computing", "none"]
    rank_seed: int | None
    margin: float | None
    warnings: list[str]
    notes: list[str]


class PairRow(BaseModel):
    """Votes between two contestants."""

    a: str
    b: str
    wins_a: int
    wins_b: int
    ties: int
    both_bad: int


class PairsOut(BaseModel):
    """The win matrix."""

    contestants: list[str]
    pairs: list[PairRow]


class SimulateIn(In):
    """How many simulated voters to add to the simulated board."""

    voters: Annotated[int, Field(ge=1, le=3000)] = 300


class SimulateOut(BaseModel):
    """What the simulated board holds now."""

    voters: int
    votes: int


class TruthRow(BaseModel):
    """A planted strength beside its estimate."""

    contestant: str
    planted: float
    rating: float | None
    lower: float | None
    upper: float | None
    strengths: str


class TruthOut(BaseModel):
    """The planted truth, told after simulated voters were added."""

    rows: list[TruthRow]
    note: str
