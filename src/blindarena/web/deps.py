"""What routes ask for: the application, the session, the arena, the rate limits."""

from typing import Annotated

from fastapi import Depends, Header, Query, Request

from blindarena.bootstrap import App
from blindarena.domain.arenas import Arena
from blindarena.domain.battles import Session
from blindarena.errors import ForbiddenError

COOKIE = "blindarena_session"
EMBEDDED_COOKIE = "blindarena_embedded"
EMBEDDED = "x-blindarena-embedded"
"""The header of what a framed page asks. Another site's page cannot send it: browsers ask first."""


def is_embedded(request: Request) -> bool:
    """Say whether a page asks that stands in the frame of another website."""
    return EMBEDDED in request.headers


def secret_of(request: Request) -> str | None:
    """Return the secret of the session's cookie; a framed page has one of its own."""
    return request.cookies.get(EMBEDDED_COOKIE if is_embedded(request) else COOKIE)


async def get_app(request: Request) -> App:
    """Return the application that this server serves."""
    app = request.app.state.blindarena
    if not isinstance(app, App):
        raise TypeError("the web application was made without a blindarena App")
    return app


AppDep = Annotated[App, Depends(get_app)]


async def get_secret(request: Request) -> str | None:
    """Return the cookie's secret."""
    return secret_of(request)


SecretDep = Annotated[str | None, Depends(get_secret)]


async def get_session(app: AppDep, secret: SecretDep) -> Session:
    """Return the session, for reading."""
    return await app.sessions.require(secret)


async def get_changing_session(
    app: AppDep,
    secret: SecretDep,
    x_csrf_token: Annotated[str | None, Header(description="csrf_token of the session")] = None,
) -> Session:
    """Return the session, for changing: the CSRF token is checked."""
    return await app.sessions.require_change(secret, csrf=x_csrf_token)


SessionDep = Annotated[Session, Depends(get_session)]
ChangeDep = Annotated[Session, Depends(get_changing_session)]


async def get_owner(session: SessionDep) -> Session:
    """Return the owner's session, for reading."""
    if not session.is_owner:
        raise ForbiddenError("this is for the owner; please log in")
    return session


async def get_changing_owner(session: ChangeDep) -> Session:
    """Return the owner's session, for changing."""
    return await get_owner(session)


async def get_reviewer(session: SessionDep) -> Session:
    """Return the session of an owner or a reviewer, for reading boards, progress and reports."""
    if session.role == "voter":
        raise ForbiddenError("this is for owners and reviewers; please log in")
    return session


async def get_changing_reviewer(session: ChangeDep) -> Session:
    """Return the session of an owner or a reviewer, for changing."""
    return await get_reviewer(session)


ReviewerDep = Annotated[Session, Depends(get_reviewer)]
ReviewerChangeDep = Annotated[Session, Depends(get_changing_reviewer)]
OwnerDep = Annotated[Session, Depends(get_owner)]
OwnerChangeDep = Annotated[Session, Depends(get_changing_owner)]


async def get_arena(app: AppDep, slug: str) -> Arena:
    """Return the arena of the path."""
    return await app.pool.by_slug(slug)


ArenaDep = Annotated[Arena, Depends(get_arena)]
VersionQuery = Annotated[
    int | None, Query(ge=1, description="of what is compared; without it, the current one")
]


async def get_arena_version(app: AppDep, arena: ArenaDep, version: VersionQuery = None) -> Arena:
    """Return the arena of the path as of the version that is asked for: its votes, its board."""
    return await app.store.at_version(arena, version)


ArenaVersionDep = Annotated[Arena, Depends(get_arena_version)]


async def check_board(app: AppDep, arena: ArenaDep, secret: SecretDep) -> None:
    """Refuse the board of an open review queue to all but the owner and reviewers."""
    session = await app.sessions.find(secret)
    if session is None or session.role == "voter":
        await app.queue.boards.check(arena)


BOARD_SEEN = [Depends(check_board)]
"""Dependencies of every route that tells how contestants stand."""

SolutionDep = Annotated[
    str | None,
    Header(alias="X-Challenge", description="the solved proof of work, where one is asked for"),
]


def base_url(app: App, request: Request) -> str:
    """Return where people reach this server, without a slash at the end; links begin with it."""
    return app.settings.server.public_url or str(request.base_url).rstrip("/")


def address(request: Request) -> str:
    """Return the client's address, for rate limits only: it is never stored."""
    return request.client.host if request.client else "unknown"
