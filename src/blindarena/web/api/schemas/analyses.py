"""Decisions, fronts, fit of categories, snapshots and history."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from blindarena.web.api.schemas.base import In, Population
from blindarena.web.api.schemas.boards import BoardStatus, MethodKey

PairVerdict = Literal["better", "equal", "undecided"]
Cluster = Literal["none", "voter", "prompt"]


class PairDecision(BaseModel):
    """Two contestants, the higher rating first; differences are a minus b in Elo points.

    `lower` and `upper` hold for a number of votes fixed in advance, for this pair alone; the
    anytime ones hold at every look, for all pairs together, and give the verdict.
    """

    a: str
    b: str
    verdict: PairVerdict
    winner: str | None
    cheaper: str | None
    difference: float
    lower: float | None
    upper: float | None
    anytime_lower: float | None
    anytime_upper: float | None
    votes: int
    votes_needed: int | None
    sentence: str


class DecisionOut(BaseModel):
    """Whether one can decide yet; pairs of neighbours first, 50 pairs at most.

    `margin_declared` is false where the arena has none and a usual one is taken instead.
    """

    arena: str
    population: Population
    category: str
    margin: float
    margin_declared: bool
    n: int
    min_votes: int
    may_stop: bool
    sentence: str
    votes_needed: int | None
    spend_usd: float | None
    best: str | None
    seed: int | None
    alpha: float
    pairs: list[PairDecision]
    warnings: list[str]


class ParetoPoint(BaseModel):
    """One contestant; `p_front` is the probability that nobody beats it in both."""

    contestant: str
    x: float
    x_lower: float | None
    x_upper: float | None
    rating: float
    lower: float | None
    upper: float | None
    on_front: bool
    p_front: float


class ParetoOut(BaseModel):
    """Rating against cost or speed, the best rating first; of tokens per second more is better."""

    x: Literal["cost", "ttft", "tokens_per_s"]
    unit: str
    points: list[ParetoPoint]
    unknown: list[str]
    warnings: list[str]


class CategoryFit(BaseModel):
    """How a category's own board predicts votes that it has not seen, in nats per vote."""

    category: str
    n: int
    enough: bool
    log_loss_category: float | None
    log_loss_global: float | None
    gain: float | None
    gain_lower: float | None
    gain_upper: float | None


class CategoriesFitOut(BaseModel):
    """Whether category boards predict held-out votes better than the one board."""

    status: BoardStatus
    computed_at: datetime | None
    n: int
    categories: list[CategoryFit]
    one_ranking_suffices: bool | None
    sentence: str


class SnapshotOut(BaseModel):
    """A board that was kept, without its rows."""

    id: str
    created_at: datetime
    method: MethodKey
    style: bool
    cluster: Cluster
    category: str
    automatic: bool
    options: dict[str, Any]
    n: int
    data_hash: str
    seed: int
    versions: dict[str, str]


class SnapshotsOut(BaseModel):
    """Kept boards, newest first."""

    snapshots: list[SnapshotOut]


class SnapshotIn(In):
    """Which board to keep."""

    method: MethodKey = "bt"
    style: bool = False
    cluster: Cluster = "none"
    category: Annotated[str, Field(max_length=100)] = ""


class HistoryPoint(BaseModel):
    """A rating at the time of a snapshot."""

    at: datetime
    n: int
    rating: float
    lower: float | None
    upper: float | None


class HistorySeries(BaseModel):
    """One contestant over time, oldest first."""

    contestant: str
    points: list[HistoryPoint]


class HistoryOut(BaseModel):
    """Ratings over time, from the snapshots of Bradley-Terry over all votes."""

    series: list[HistorySeries]
