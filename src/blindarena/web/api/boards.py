"""Leaderboards: rows, win matrix, download, simulated voters, planted truth, export."""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal, cast, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from blindarena.bootstrap import App
from blindarena.domain.arenas import Arena
from blindarena.domain.boards import Population
from blindarena.errors import BattleStateError, NotFoundError
from blindarena.leaderboard.board import Board as LiveBoard
from blindarena.leaderboard.csv import board_csv
from blindarena.leaderboard.live_fit import LiveMethod
from blindarena.leaderboard.row_boards import Ask
from blindarena.leaderboard.views import Which
from blindarena.web.api.schemas import (
    Board,
    PairsOut,
    SimulateIn,
    SimulateOut,
    TruthOut,
    TruthRow,
)
from blindarena.web.api.schemas.boards import MethodKey
from blindarena.web.deps import BOARD_SEEN, AppDep, ArenaDep, ArenaVersionDep, ChangeDep, OwnerDep

router = APIRouter(prefix="/api/arenas/{slug}", tags=["boards"])
PopulationQuery = Annotated[
    Literal["people", "simulated", "published"] | None,
    Query(description="whose votes; a published arena has only published ones"),
]
CategoryQuery = Annotated[str, Query(max_length=100, description="empty for all votes")]
VotesQuery = Annotated[
    int | None, Query(ge=1, le=100_000_000, description="thin the board to this many votes")
]
SeedQuery = Annotated[int, Query(ge=0, le=2**31 - 1, description="seed of the thinning")]
MethodQuery = Annotated[
    MethodKey, Query(description="elo and contextual are computed from vote rows: dated boards")
]
StyleQuery = Annotated[bool, Query(description="style control; bt only, a dated board")]
ClusterQuery = Annotated[
    Literal["none", "voter", "prompt"],
    Query(description="votes that hang together; a dated board"),
]
IntervalQuery = Annotated[
    Literal["sandwich", "anytime"], Query(description="anytime holds at every look together")
]
ExcludedQuery = Annotated[
    Literal["without", "with"], Query(description="whether excluded votes count too")
]
WeightedQuery = Annotated[
    bool,
    Query(description="weigh votes by how seldom their pair is drawn; a dated board"),
]


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """Which board of an arena is asked for."""

    category: CategoryQuery = ""
    population: PopulationQuery = None
    votes: VotesQuery = None
    seed: SeedQuery = 0
    method: MethodQuery = "bt"
    style: StyleQuery = False
    cluster: ClusterQuery = "none"
    interval: IntervalQuery = "sandwich"
    excluded: ExcludedQuery = "without"
    weighted: WeightedQuery = False

    @property
    def dated(self) -> bool:
        """Say whether the board needs every single vote."""
        live = self.method in get_args(LiveMethod)
        return not live or self.style or self.weighted or self.cluster != "none"

    def which(self, arena: Arena) -> Which:
        """Return the live board that is asked for."""
        return Which(
            population=population_of(arena, self.population),
            category=self.category,
            votes=self.votes,
            seed=self.seed,
            method=cast("LiveMethod", self.method),
            interval=self.interval,
            with_excluded=self.excluded == "with",
        )

    def ask(self) -> Ask:
        """Return the dated board that is asked for; `votes` does not thin it."""
        return Ask(
            method=self.method,
            style=self.style,
            cluster=self.cluster,
            interval=self.interval if self.interval == "anytime" else None,
            categories=bool(self.category),
            weighted=self.weighted,
            with_excluded=self.excluded == "with",
        )


BoardQueryDep = Annotated[BoardQuery, Depends()]


@router.get("/leaderboard", dependencies=BOARD_SEEN)
async def read_board(
    arena: ArenaVersionDep,
    app: AppDep,
    query: BoardQueryDep,
) -> Board:
    """Return the leaderboard: live from the pair counts, or dated where it needs every vote.

    A dated board is computed in the background; while `status` is "computing", ask again.
    """
    board = await _board(app, arena, query)
    return Board.model_validate(asdict(board))


@router.get("/leaderboard.csv", response_class=Response, dependencies=BOARD_SEEN)
async def read_board_csv(
    arena: ArenaVersionDep,
    app: AppDep,
    query: BoardQueryDep,
) -> Response:
    """Return the leaderboard as CSV."""
    board = await _board(app, arena, query)
    name = f"{arena.slug}-leaderboard.csv"
    return Response(
        board_csv(board),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/pairs", dependencies=BOARD_SEEN)
async def read_pairs(
    arena: ArenaVersionDep,
    app: AppDep,
    query: BoardQueryDep,
) -> PairsOut:
    """Return the votes of every pair, for the win matrix."""
    pairs = await app.boards.pairs(
        arena,
        await app.pool.everyone(arena),
        population=population_of(arena, query.population),
        category=query.category,
        votes=query.votes,
        seed=query.seed,
        current=await _current(app, arena),
        with_excluded=query.excluded == "with",
    )
    return PairsOut.model_validate(asdict(pairs))


@router.post("/simulate")
async def simulate(
    body: SimulateIn, arena: ArenaDep, app: AppDep, session: ChangeDep
) -> SimulateOut:
    """Add simulated voters to the simulated board; the board of people stays untouched."""
    _require_truth(app, arena)
    voters, votes = await app.simulate(arena, voters=body.voters)
    return SimulateOut(voters=voters, votes=votes)


@router.get("/truth")
async def read_truth(arena: ArenaDep, app: AppDep) -> TruthOut:
    """Return the planted strengths beside the estimates from simulated voters."""
    _require_truth(app, arena)
    truth = app.truths[arena.slug]
    board = await _board(app, arena, BoardQuery(population="simulated"))
    if board.n == 0:
        raise BattleStateError("add simulated voters first; then the planted truth is told")
    estimates = {row.contestant: row for row in board.rows}
    rows = [
        TruthRow(
            contestant=name,
            planted=rating,
            rating=estimates[name].rating if name in estimates else None,
            lower=estimates[name].lower if name in estimates else None,
            upper=estimates[name].upper if name in estimates else None,
            strengths=truth.words[name],
        )
        for name, rating in truth.strengths.items()
    ]
    return TruthOut(rows=sorted(rows, key=lambda row: -row.planted), note=truth.note)


@router.get("/votes.parquet", tags=["owner"], response_class=FileResponse)
async def read_votes(arena: ArenaVersionDep, app: AppDep, owner: OwnerDep) -> FileResponse:
    """Export every vote on one version of the arena, for the owner."""
    folder = tempfile.TemporaryDirectory(prefix="blindarena-")
    path = Path(folder.name) / f"{arena.slug}-votes.parquet"
    rows = await app.export_votes(arena, path)
    await app.note(who="Owner", what="Exported votes", detail=f"{arena.slug}: {rows} rows, Parquet")
    return FileResponse(
        path,
        media_type="application/vnd.apache.parquet",
        filename=path.name,
        background=BackgroundTask(folder.cleanup),
    )


async def _board(app: App, arena: Arena, query: BoardQuery) -> LiveBoard:
    if query.dated:
        population = population_of(arena, query.population)
        return await app.desk.dated_board(
            arena, query.ask(), population=population, category=query.category
        )
    return await app.desk.live_board(arena, query.which(arena))


async def _current(app: App, arena: Arena) -> set[UUID]:
    return {contestant.id for contestant in await app.pool.contestants(arena)}


def population_of(arena: Arena, asked: Population | None) -> Population:
    """Return whose votes a board is of."""
    if arena.read_only:
        return "published"
    return asked or "people"


def _require_truth(app: App, arena: Arena) -> None:
    if arena.slug not in app.truths:
        raise NotFoundError(f"{arena.title!r} has no planted truth to simulate from")
