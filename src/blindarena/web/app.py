"""The web application: API, pages, security."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from blindarena import __version__
from blindarena.bootstrap import App
from blindarena.domain.images import MAX_BYTES, MAX_IMAGES
from blindarena.web import problems
from blindarena.web.api import (
    agreement,
    analyses,
    arena_files,
    arenas,
    battles,
    boards,
    exclusions,
    exports,
    gateway,
    gateway_keys,
    guards,
    images,
    imports,
    judge_runs,
    judged_votes,
    keys,
    named,
    owner,
    privacy,
    queue,
    queue_owner,
    record,
    reports,
    sessions,
    shares,
    snapshots,
    usage,
    votes,
)
from blindarena.web.gateway_app import BesidePages
from blindarena.web.middleware import Guard
from blindarena.web.pages import board as board_page
from blindarena.web.pages import embed as embed_page
from blindarena.web.pages import login as login_page
from blindarena.web.pages import share as share_page
from blindarena.web.pages import spa


def create_api(app: App | None) -> FastAPI:
    """Build the routes; without an `App` only to read their OpenAPI description."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        if app is not None:
            await app.close()

    api = FastAPI(
        title="BlindArena",
        version=__version__,
        summary="Blind battles, votes and leaderboards.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
    )
    api.state.blindarena = app
    problems.install(api)
    for module in (sessions, arenas, battles, votes, boards, analyses, snapshots, owner):
        api.include_router(module.router)
    api.include_router(exclusions.router)
    api.include_router(exports.router)
    api.include_router(guards.router)
    api.include_router(arena_files.router)
    api.include_router(imports.router)
    api.include_router(reports.router)
    api.include_router(privacy.router)
    api.include_router(record.router)
    api.include_router(keys.router)
    api.include_router(gateway.router)
    api.include_router(gateway_keys.router)
    api.include_router(usage.router)
    api.include_router(judge_runs.router)
    api.include_router(judged_votes.router)
    api.include_router(agreement.router)
    api.include_router(named.router)
    api.include_router(shares.router)
    api.include_router(images.router)
    api.include_router(share_page.router)
    api.include_router(embed_page.router)
    api.include_router(queue.router)
    api.include_router(queue_owner.router)
    api.include_router(board_page.router)
    api.include_router(login_page.router)
    _describe_own_schemas(api)
    spa.mount(api)
    return api


def _describe_own_schemas(api: FastAPI) -> None:
    """Add the models that FastAPI cannot see, because their routes read the body themselves."""
    generate = api.openapi

    def openapi() -> dict[str, Any]:
        described = generate()
        described["components"]["schemas"].update(votes.SCHEMAS)
        problems.describe(described)
        return described

    api.openapi = openapi  # type: ignore[method-assign]


def create_web(app: App) -> ASGIApp:
    """Build the whole application that a server runs."""
    limits = app.settings.limits
    pages = Guard(
        create_api(app),
        max_body=limits.max_body_kb * 1024,
        max_upload=limits.max_upload_mb * 1024 * 1024,
        max_images=MAX_IMAGES * 4 * (MAX_BYTES // 3 + 1),
    )
    return BesidePages(app.gateway, pages) if app.settings.gateway.enabled else pages
