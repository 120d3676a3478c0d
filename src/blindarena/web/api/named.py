"""The contestants that a voter may choose by name, where the arena has a named mode."""

from fastapi import APIRouter

from blindarena.web.api.schemas.named import ChoiceOut, ChoicesOut
from blindarena.web.deps import AppDep, ArenaDep

router = APIRouter(prefix="/api/arenas", tags=["arenas"])


@router.get("/{slug}/contestants")
async def list_choices(arena: ArenaDep, app: AppDep) -> ChoicesOut:
    """List the contestants for `side_by_side` and `direct`; refused in an arena without these."""
    return ChoicesOut(
        contestants=[
            ChoiceOut(name=c.name, description=c.description, ready=ready, images=c.images)
            for c, ready in await app.named.choices(arena)
        ]
    )
