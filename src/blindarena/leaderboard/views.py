"""A live board and what it was computed from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.boards import ContestantStats, Population
from blindarena.domain.usable import UsableCount
from blindarena.leaderboard.board import Board, RankSetsStatus, Row
from blindarena.leaderboard.counted import Counted
from blindarena.leaderboard.decision import RankSets
from blindarena.leaderboard.live_fit import LiveFit, LiveMethod

LiveInterval = Literal["sandwich", "anytime"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which live board of an arena.

    Attributes:
        category: "" is all votes.
        votes: thin the board to so many votes, drawn at random; None takes all.
        seed: of the thinning.
        with_excluded: count the votes too that are excluded.
    """

    population: Population
    category: str = ""
    votes: int | None = None
    seed: int = 0
    method: LiveMethod = "bt"
    interval: LiveInterval = "sandwich"
    with_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Everything read for one board; `contestants` are in the order of the arrays.

    `usable` is None where the arena does not ask whether answers are usable.
    """

    version: int
    contestants: tuple[Contestant, ...]
    counted: Counted
    data_hash: str
    stats: Mapping[UUID, ContestantStats]
    categories: tuple[str, ...]
    excluded: Mapping[str, int]
    usable: Mapping[UUID, UsableCount] | None = None


@dataclass(slots=True, eq=False)
class View:
    """A board, perhaps thinned, and what it was computed from.

    Attributes:
        sets: best and worst rank by place of the contestant; None while there are none.
        rank_sets: whether they have come.
        found: what was computed from this view beside the board, by name.
    """

    source: Source
    arena: Arena
    which: Which
    current: frozenset[UUID] | None
    counted: Counted
    fit: LiveFit
    rows: tuple[Row, ...]
    sets: RankSets | None
    rank_sets: RankSetsStatus
    found: dict[str, object]
    board: Board | None = None

    @property
    def names(self) -> list[str]:
        """The contestants in the order of the arrays."""
        return [contestant.name for contestant in self.source.contestants]

    @property
    def ranked(self) -> list[int]:
        """The places of those that have a rank."""
        return [i for i, rank in enumerate(self.fit.estimates.rank.tolist()) if rank]


def board_of(view: View, now: datetime, *, rank_seed: int) -> Board:
    """Put a board's rows and facts together."""
    source, arena, which = view.source, view.arena, view.which
    thinned = view.counted is not source.counted
    anchor = None
    if arena.anchor is not None and view.fit.estimates.anchored:
        anchor = f"{arena.anchor[0]} = {arena.anchor[1]:g}"
    return Board(
        arena=arena.slug,
        method=view.fit.method,
        n=view.counted.total,
        computed_at=now,
        rows=view.rows if view.sets is None else _with_sets(view, view.sets),
        category=which.category,
        population=which.population,
        categories=source.categories,
        interval=view.fit.interval,
        anchor=anchor,
        excluded=source.excluded,
        data_hash=source.data_hash,
        thinned_from=source.counted.total if thinned else None,
        seed=which.seed if thinned else None,
        min_votes=arena.min_votes,
        method_key=which.method,
        status="none" if view.fit.failed else "live",
        rank_sets=view.rank_sets,
        rank_seed=rank_seed if view.rank_sets == "ready" else None,
        margin=arena.margin,
        warnings=view.fit.warnings,
        notes=view.fit.notes,
    )


def _with_sets(view: View, sets: RankSets) -> tuple[Row, ...]:
    low, high = (ranks.tolist() for ranks in sets)
    # The retired come last: of two with one name the present one has the row.
    place = {name: i for i, name in reversed([*enumerate(view.names)])}
    return tuple(
        replace(
            row,
            rank_low=low[place[row.contestant]] or None,
            rank_high=high[place[row.contestant]] or None,
        )
        for row in view.rows
    )
