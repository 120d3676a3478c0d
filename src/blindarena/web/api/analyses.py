"""Can we decide yet, quality against cost, and whether categories need boards of their own."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from blindarena.leaderboard.live_costs import Measure
from blindarena.leaderboard.views import Which
from blindarena.web.api.boards import (
    CategoryQuery,
    PopulationQuery,
    SeedQuery,
    VotesQuery,
    population_of,
)
from blindarena.web.api.schemas import CategoriesFitOut, DecisionOut, ParetoOut
from blindarena.web.deps import BOARD_SEEN, AppDep, ArenaVersionDep

router = APIRouter(prefix="/api/arenas/{slug}", tags=["boards"])
ALPHA = 0.05


@router.get("/decision", dependencies=BOARD_SEEN)
async def read_decision(
    arena: ArenaVersionDep,
    app: AppDep,
    population: PopulationQuery = None,
    category: CategoryQuery = "",
    votes: VotesQuery = None,
    seed: SeedQuery = 0,
) -> DecisionOut:
    """Say whether one can decide yet, for the board and for each pair."""
    asked = population_of(arena, population)
    which = Which(population=asked, category=category, votes=votes, seed=seed)
    found = await app.desk.decision(arena, which)
    return DecisionOut.model_validate(
        {
            **asdict(found),
            "arena": arena.slug,
            "population": asked,
            "category": category,
            "min_votes": arena.min_votes,
            "seed": seed if votes is not None else None,
            "alpha": ALPHA,
        }
    )


@router.get("/pareto", dependencies=BOARD_SEEN)
async def read_pareto(
    arena: ArenaVersionDep,
    app: AppDep,
    x: Annotated[Measure, Query(description="what stands against the rating")] = "cost",
    population: PopulationQuery = None,
    category: CategoryQuery = "",
    votes: VotesQuery = None,
    seed: SeedQuery = 0,
) -> ParetoOut:
    """Return the ratings against cost or speed, with who is beaten by nobody in both."""
    asked = population_of(arena, population)
    which = Which(population=asked, category=category, votes=votes, seed=seed)
    return ParetoOut.model_validate(asdict(await app.desk.front(arena, which, x)))


@router.get("/categories/fit", dependencies=BOARD_SEEN)
async def read_categories_fit(
    arena: ArenaVersionDep, app: AppDep, population: PopulationQuery = None
) -> CategoriesFitOut:
    """Say whether category boards predict votes better than the one board.

    It is computed in the background; while `status` is "computing", ask again.
    """
    found = await app.desk.categories_fit(arena, population=population_of(arena, population))
    return CategoriesFitOut.model_validate(asdict(found))
