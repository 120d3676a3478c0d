"""Pages that work without JavaScript: the public leaderboard and an arena's terms."""

from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import FileResponse, HTMLResponse

from blindarena.errors import BoardHeldError
from blindarena.leaderboard.usable import LiveRow
from blindarena.web.deps import AppDep, ArenaDep, SecretDep, check_board

router = APIRouter(prefix="/plain", include_in_schema=False)
TEMPLATES = Path(__file__).parent / "templates"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _render(template: str, **values: object) -> HTMLResponse:
    return HTMLResponse(_environment().get_template(template).render(**values))


@router.get("/plain.css")
async def styles() -> FileResponse:
    """Return the one style sheet of these pages."""
    return FileResponse(TEMPLATES / "plain.css", media_type="text/css")


@router.get("")
async def index(app: AppDep) -> HTMLResponse:
    """List the arenas."""
    return _render("index.html", arenas=await app.pool.all())


@router.get("/{slug}")
async def board(arena: ArenaDep, app: AppDep, secret: SecretDep) -> HTMLResponse:
    """Show a leaderboard as one table, or why it is held back."""
    try:
        await check_board(app, arena, secret)
    except BoardHeldError as error:
        return _render("held.html", arena=arena, said=str(error))
    found = await app.boards.board(
        arena,
        await app.pool.everyone(arena),
        population="published" if arena.read_only else "people",
        now=app.now(),
        current={contestant.id for contestant in await app.pool.contestants(arena)},
    )
    asked = any(isinstance(row, LiveRow) for row in found.rows)
    return _render("board.html", arena=arena, board=found, asked=asked)


@router.get("/{slug}/terms")
async def terms(arena: ArenaDep) -> HTMLResponse:
    """Show an arena's consent text with every possible recipient."""
    return _render("terms.html", arena=arena)
