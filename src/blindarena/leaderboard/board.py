"""A leaderboard as people see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from blindarena.domain.boards import Population

Status = Literal["live", "ready", "computing", "none"]
RankSetsStatus = Literal["ready", "computing", "none"]


@dataclass(frozen=True, slots=True)
class Row:
    """One contestant. None is unknown or not determined, never 0.

    Attributes:
        rating: Elo points; None where no finite estimate exists.
        lower, upper: ends of the interval of the rating's distance from the board's centre.
        rank: 1 + how many ranked contestants lie above for certain; None for a preliminary row.
        rank_low, rank_high: best and worst rank that the votes leave open; on a live board they
            follow in the background.
        both_bad: votes in which both were bad; not among `ties`.
        win_rate: share of votes won, a tie and a both-bad vote counting half.
        preliminary: fewer votes than the arena asks for, `needs_votes` missing.
        not_connected: it has votes, but no chain of wins and losses leads to the rated ones.
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


@dataclass(frozen=True, slots=True)
class StyleCoefficient:
    """What one standard deviation more of a feature of style is worth, in Elo points."""

    feature: str
    coefficient_elo: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Board:
    """A leaderboard with what is needed to compute it again.

    Attributes:
        n: votes it is computed from, after thinning.
        rows: by rating, highest first; those without one last, by votes.
        anchor: the contestant that is held at a rating, "NAME = RATING"; None centres at 1000.
        excluded: votes that do not count, by reason.
        data_hash: of all votes of the board, before thinning; see `data_hash`.
        thinned_from: votes there were before thinning; None where nothing was thinned.
        seed: of the thinning.
        method_key: the method's name in an address.
        dated: computed from vote rows at `computed_at`; not dated is computed from counts, now.
        status: "computing" and "none" have no rows, or those of votes before.
        snapshot_id: under which a dated board is kept.
        style_coefficients: with style control.
        rank_sets: whether the rows have their `rank_low` and `rank_high`.
        rank_seed: of the draws behind the rank sets.
        margin: smallest difference that matters to the arena, in Elo points.
        warnings: why there is no board, or what not to trust on it, each a sentence.
        notes: the method's own parameters, each a sentence.
    """

    arena: str
    method: str
    n: int
    computed_at: datetime
    rows: tuple[Row, ...]
    category: str
    population: Population
    categories: tuple[str, ...]
    interval: str
    anchor: str | None
    excluded: Mapping[str, int]
    data_hash: str
    thinned_from: int | None
    seed: int | None
    min_votes: int
    method_key: str = "bt"
    dated: bool = False
    status: Status = "live"
    snapshot_id: str | None = None
    style_coefficients: tuple[StyleCoefficient, ...] = ()
    rank_sets: RankSetsStatus = "computing"
    rank_seed: int | None = None
    margin: float | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PairRow:
    """Votes between two contestants, wins as seen from each."""

    a: str
    b: str
    wins_a: int
    wins_b: int
    ties: int
    both_bad: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """The win matrix: contestants as on the board, and the pairs that have votes."""

    contestants: tuple[str, ...]
    pairs: tuple[PairRow, ...]
