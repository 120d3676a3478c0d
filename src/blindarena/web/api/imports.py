"""The owner drops a file of prompts: upload, preview, confirm; then makes the missing answers."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request

from blindarena.bootstrap import App
from blindarena.bootstrap.generating import Run
from blindarena.bootstrap.importing import ImportOptions
from blindarena.domain.arenas import Arena
from blindarena.domain.imports import Import
from blindarena.errors import InvalidInputError
from blindarena.web.api.schemas import (
    AnswersOut,
    EstimateOut,
    FaultOut,
    GenerateIn,
    ImportOut,
    ImportPreview,
    ImportsOut,
    ImportStaged,
    MakingOut,
    StatusOk,
)
from blindarena.web.deps import AppDep, ArenaDep, OwnerChangeDep, OwnerDep

router = APIRouter(prefix="/api/owner", tags=["owner"])
NameQuery = Annotated[
    str, Query(min_length=1, max_length=200, description="the file's name; its suffix counts")
]
PiiQuery = Annotated[
    Literal["off", "warn", "redact", "block"] | None,
    Query(description="what to do about personal data; the arena's own where it is left out"),
]
MapQuery = Annotated[
    list[str] | None, Query(alias="map", description="OURS=THEIRS, such as prompt=Question")
]
SampleQuery = Annotated[int | None, Query(ge=1, description="take so many prompts")]
SeedQuery = Annotated[int, Query(ge=0, le=2**31 - 1, description="of the sample")]
SkipQuery = Annotated[bool, Query(description="count wrong rows instead of stopping at one")]
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": _BINARY}}}


@router.post("/arenas/{slug}/imports", status_code=201, openapi_extra=_BODY)
async def upload_prompts(
    request: Request,
    arena: ArenaDep,
    app: AppDep,
    owner: OwnerChangeDep,
    name: NameQuery,
    pii: PiiQuery = None,
    columns: MapQuery = None,
    sample: SampleQuery = None,
    seed: SeedQuery = 0,
    skip_bad: SkipQuery = False,
) -> ImportStaged:
    """Read a file, which is the body of the request, and tell what would be taken.

    Its rows wait, screened, until they are confirmed; the file itself is deleted at once. 422 says
    file, row, column, value and cure of what is wrong.
    """
    options = ImportOptions(
        pii=pii, columns=_columns(columns or []), sample=sample, seed=seed, skip_bad=skip_bad
    )
    shown = Path(name.replace("\\", "/")).name or name
    async with _received(request) as path:
        prepared, preview = await app.importer.preview(arena, path, options, name=shown)
        try:
            made = await app.importer.stage(arena, prepared, preview)
        finally:
            prepared.close()
    costs = app.importer.would_cost(await app.pool.contestants(arena), preview)
    return ImportStaged(
        **_import(made).model_dump(), estimates=[EstimateOut(**asdict(cost)) for cost in costs]
    )


@router.get("/arenas/{slug}/imports")
async def list_imports(arena: ArenaDep, app: AppDep, owner: OwnerDep) -> ImportsOut:
    """List the files that were taken into the arena or wait for it."""
    return ImportsOut(imports=[_import(made) for made in await app.importer.of_arena(arena)])


@router.post("/imports/{import_id}/confirm")
async def confirm_import(import_id: UUID, app: AppDep, owner: OwnerChangeDep) -> ImportOut:
    """Make the rows prompts of the arena, all at once; again is no error."""
    return _import(await app.importer.finish(import_id, who="Owner"))


@router.delete("/imports/{import_id}")
async def discard_import(import_id: UUID, app: AppDep, owner: OwnerChangeDep) -> StatusOk:
    """Forget a file that waits; one that was confirmed stays."""
    await app.importer.discard(import_id)
    return StatusOk(status="ok")


@router.get("/arenas/{slug}/answers")
async def read_answers(arena: ArenaDep, app: AppDep, owner: OwnerDep) -> AnswersOut:
    """Return how many answers are missing, what they would cost and how far a run is."""
    return await _answers(app, arena)


@router.post("/arenas/{slug}/answers", status_code=202)
async def make_answers(
    body: GenerateIn, arena: ArenaDep, app: AppDep, owner: OwnerChangeDep
) -> AnswersOut:
    """Ask every contestant for its missing answers, in the background."""
    wanted, _ = await app.importer.missing(arena)
    app.generating.start(arena, wanted, max_spend=body.max_spend_usd)
    await app.note(who="Owner", what="Began to make answers", detail=f"{arena.slug}: {len(wanted)}")
    return await _answers(app, arena)


@router.post("/arenas/{slug}/answers/stop")
async def stop_answers(arena: ArenaDep, app: AppDep, owner: OwnerChangeDep) -> AnswersOut:
    """Stop making answers; those that are complete stay."""
    await app.generating.stop(arena)
    return await _answers(app, arena)


@asynccontextmanager
async def _received(request: Request) -> AsyncIterator[Path]:
    """Write the body to a temporary file, which is gone after the block."""
    with tempfile.TemporaryDirectory(prefix="blindarena-") as folder:
        path = Path(folder) / "upload"
        with path.open("wb") as file:
            async for chunk in request.stream():
                file.write(chunk)
        yield path


def _columns(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        ours, mark, theirs = pair.partition("=")
        if not (mark and ours.strip() and theirs.strip()):
            raise InvalidInputError(f"map={pair!r}; write OURS=THEIRS, such as prompt=Question")
        found[ours.strip()] = theirs.strip()
    return found


def _import(made: Import) -> ImportOut:
    return ImportOut(
        id=made.id,
        name=made.name,
        status=made.status,
        created_at=made.created_at,
        done_at=made.done_at,
        preview=ImportPreview.model_validate(made.facts),
    )


async def _answers(app: App, arena: Arena) -> AnswersOut:
    wanted, costs = await app.importer.missing(arena)
    run = app.generating.last(arena)
    return AnswersOut(
        missing=len(wanted),
        estimates=[EstimateOut(**asdict(cost)) for cost in costs],
        run=None if run is None else _run(run),
    )


def _run(run: Run) -> MakingOut:
    making = run.making
    return MakingOut(
        running=run.running,
        total=making.total,
        made=making.made,
        failed=making.failed,
        left=making.left,
        spent_usd=making.spent_usd,
        unpriced=making.unpriced,
        faults=[FaultOut(contestant=c, fault=f, n=n) for (c, f), n in making.faults.items()],
        given_up=sorted(making.given_up),
        capped=making.capped,
    )
