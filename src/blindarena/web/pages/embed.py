"""An arena inside another website's page: the script that adds the frame, and what is framed."""

from fastapi import APIRouter, Response
from starlette.responses import FileResponse

from blindarena.errors import NotFoundError
from blindarena.web.deps import AppDep, ArenaDep
from blindarena.web.middleware import content_security_policy
from blindarena.web.pages.board import TEMPLATES
from blindarena.web.pages.spa import index

router = APIRouter(include_in_schema=False)


@router.get("/embed.js")
async def script() -> Response:
    """Return the script that other websites load; it holds nothing but the frame's address."""
    return FileResponse(
        TEMPLATES / "embed.js",
        media_type="text/javascript",
        headers={
            "Cache-Control": "public, max-age=3600",
            "Cross-Origin-Resource-Policy": "cross-origin",
        },
    )


@router.get("/embed/{slug}")
@router.get("/embed/{slug}/{rest:path}")
async def framed(arena: ArenaDep, app: AppDep, rest: str = "") -> Response:
    """Return the pages of one arena, which only the websites of its file may frame.

    Raises:
        NotFoundError: the arena is shown nowhere else.
    """
    if not arena.embed_origins:
        raise NotFoundError(f"{arena.title!r} is not shown on other websites")
    return index(
        {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": content_security_policy(arena.embed_origins),
        }
    )
