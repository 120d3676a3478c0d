"""The file of an arena, read and written on the owner's page, and the arena's versions."""

from dataclasses import asdict, replace

from fastapi import APIRouter

from blindarena.bootstrap import App
from blindarena.domain.arenas import Arena
from blindarena.web.api.schemas import (
    ArenaFileIn,
    ArenaFileOut,
    ArenaVersionOut,
    ArenaVersionsOut,
    FileProblemOut,
)
from blindarena.web.api.schemas.arena_files import ArenaFileCheck, ArenaFileCheckIn
from blindarena.web.deps import AppDep, ArenaDep, OwnerChangeDep, OwnerDep

router = APIRouter()


@router.get("/api/arenas/{slug}/versions", tags=["boards"])
async def list_versions(arena: ArenaDep, app: AppDep) -> ArenaVersionsOut:
    """List the versions of what the arena compares; each has a board of its own."""
    return ArenaVersionsOut(versions=await _versions(app, arena))


@router.get("/api/owner/arenas/{slug}/file", tags=["owner"])
async def read_file(arena: ArenaDep, app: AppDep, owner: OwnerDep) -> ArenaFileOut:
    """Return the arena's file as it is now, with what is wrong in it."""
    return await _file(app, arena)


@router.post("/api/owner/arenas/{slug}/file/check", tags=["owner"])
async def check_file(
    body: ArenaFileCheckIn, arena: ArenaDep, app: AppDep, owner: OwnerChangeDep
) -> ArenaFileCheck:
    """Tell what is wrong in a file, and whether it would begin a new version of the arena."""
    found = await app.arena_files.check(arena.slug, body.text)
    return ArenaFileCheck(
        problems=[FileProblemOut(**asdict(problem)) for problem in found.problems],
        version=arena.version,
        becomes=found.becomes,
        new=found.new,
    )


@router.post("/api/owner/arenas/{slug}/file", tags=["owner"])
async def write_file(
    body: ArenaFileIn, arena: ArenaDep, app: AppDep, owner: OwnerChangeDep
) -> ArenaFileOut:
    """Replace the arena's file and use it at once.

    409 where the file is no longer the one of `revision`, or the arena has none; 422 with `errors`,
    one per problem with its line, where it is not valid. Nothing is written then.
    """
    return await _file(
        app, await app.arena_files.write(arena.slug, body.text, revision=body.revision)
    )


async def _file(app: App, arena: Arena) -> ArenaFileOut:
    state = await app.arena_files.read(arena.slug)
    parsed = state.parsed.model_dump(mode="json", exclude={"path"}) if state.parsed else None
    return ArenaFileOut(
        name=state.name,
        text=state.text,
        revision=state.revision,
        version=arena.version,
        parsed=parsed,
        problems=[FileProblemOut(**asdict(problem)) for problem in state.problems],
        read_only=state.read_only,
        versions=await _versions(app, arena),
    )


async def _versions(app: App, arena: Arena) -> list[ArenaVersionOut]:
    return [
        ArenaVersionOut(
            number=version.number,
            created_at=version.created_at,
            current=version.number == arena.version,
            votes=await app.boards.votes(
                replace(arena, version=version.number), population="people"
            ),
        )
        for version in await app.store.versions(arena)
    ]
