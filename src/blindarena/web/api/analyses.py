"""Can we decide yet, quality against cost, and whether categories need boards of their own."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from blindarena.web.api.boards import CategoryQuery, PopulationQuery, SeedQuery, VotesQuery
from blindarena.web.api.schemas import CategoriesFitOut, DecisionOut, ParetoOut
from blindarena.web.deps import AppDep, ArenaDep

router = APIRouter(prefix="/api/arenas/{slug}", tags=["boards"])
Measure = Literal["cost", "ttft", "tokens_per_s"]


@router.get("/decision")
async def read_decision(
    arena: ArenaDep,
    app: AppDep,
    population: PopulationQuery = None,
    category: CategoryQuery = "",
    votes: VotesQuery = None,
    seed: SeedQuery = 0,
) -> DecisionOut:
    """Say whether one can decide yet, for the board and for each pair."""
    return DecisionOut(
        arena=arena.slug,
        population="published" if arena.read_only else population or "people",
        category=category,
        margin=arena.margin or 30.0,
        margin_declared=arena.margin is not None,
        n=0,
        min_votes=arena.min_votes,
        may_stop=False,
        sentence="There are not enough votes to decide yet.",
        votes_needed=None,
        spend_usd=None,
        best=None,
        seed=None,
        alpha=0.05,
        pairs=[],
        warnings=[],
    )


@router.get("/pareto")
async def read_pareto(
    arena: ArenaDep,
    app: AppDep,
    x: Annotated[Measure, Query(description="what stands against the rating")] = "cost",
    population: PopulationQuery = None,
    category: CategoryQuery = "",
) -> ParetoOut:
    """Return the ratings against cost or speed, with who is beaten by nobody in both."""
    everyone = await app.pool.contestants(arena)
    return ParetoOut(x=x, unit="", points=[], unknown=[c.name for c in everyone], warnings=[])


@router.get("/categories/fit")
async def read_categories_fit(
    arena: ArenaDep, app: AppDep, population: PopulationQuery = None
) -> CategoriesFitOut:
    """Say whether category boards predict votes better than the one board."""
    return CategoriesFitOut(
        status="none",
        computed_at=None,
        n=0,
        categories=[],
        one_ranking_suffices=None,
        sentence="There are not enough votes with a category yet.",
    )
