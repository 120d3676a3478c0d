"""Serves the built front-end: hashed assets for ever, index.html for its pages."""

from collections.abc import Mapping
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from blindarena.web.problems import ProblemResponse

STATIC = Path(__file__).parent.parent / "static"
_NO_BUILD = (
    "<!doctype html><title>BlindArena</title><p>The pages are not built. "
    "Run <code>make front</code>, or install the released wheel."
)


class _Assets(StaticFiles):
    """Files with a hash in their name never change."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def mount(api: FastAPI) -> None:
    """Add the asset folder and the page fallback; call it last."""
    if (STATIC / "assets").is_dir():
        assets = _Assets(directory=STATIC / "assets")
        api.mount("/assets", GZipMiddleware(assets, minimum_size=1024), name="assets")

    @api.get("/{path:path}", include_in_schema=False)
    async def page(request: Request, path: str) -> Response:
        if path.startswith("api/"):
            return ProblemResponse(404, "not-found", "Not found", f"There is no /{path}")
        file = (STATIC / path).resolve() if path else STATIC
        if path and file.is_file() and file.is_relative_to(STATIC.resolve()):
            return FileResponse(file)
        return index({"Cache-Control": "no-cache"})


def index(headers: Mapping[str, str]) -> Response:
    """Return the one page of the front-end."""
    file = STATIC / "index.html"
    if not file.is_file():
        return HTMLResponse(_NO_BUILD, status_code=503, headers=dict(headers))
    return FileResponse(file, headers=dict(headers))
