"""Sessions, consent, health."""

from fastapi import APIRouter, Request, Response

from blindarena import __version__
from blindarena.domain.battles import Session
from blindarena.web.api.schemas import Health, LoginIn, SessionIn, SessionOut, StatusOk
from blindarena.web.api.schemas.guards import CHALLENGED
from blindarena.web.api.schemas.sessions import LoginOptions
from blindarena.web.deps import (
    COOKIE,
    EMBEDDED_COOKIE,
    AppDep,
    ChangeDep,
    SecretDep,
    SolutionDep,
    address,
    is_embedded,
)

router = APIRouter(prefix="/api", tags=["sessions"])
_YEAR = 365 * 24 * 3600


@router.get("/health")
async def health(app: AppDep) -> Health:
    """Say that the server and its database answer."""
    await app.check()
    return Health(status="ok", version=__version__, database=app.database_kind)


@router.get("/session")
async def read_session(app: AppDep, secret: SecretDep) -> SessionOut | None:
    """Return this browser's session; null when there is none, which is no error."""
    session = await app.sessions.find(secret)
    return _out(session) if session else None


@router.post("/session", responses=CHALLENGED)
async def open_session(
    body: SessionIn,
    request: Request,
    response: Response,
    app: AppDep,
    secret: SecretDep,
    x_challenge: SolutionDep = None,
) -> SessionOut:
    """Agree to a consent version; opens a session where there is none."""
    app.limits.sessions.spend(address(request))
    known = await app.sessions.find(secret) is not None
    await app.guards.challenges.before_session(x_challenge, known=known)
    session, secret = await app.sessions.consent(secret, body.consent_version)
    if is_embedded(request):
        set_embedded_cookie(response, secret)
    else:
        set_session_cookie(response, secret, secure=app.settings.server.secure_cookies)
    return _out(session)


@router.get("/login")
async def login_options(app: AppDep) -> LoginOptions:
    """Say how one may log in beside the password."""
    return LoginOptions(oidc=app.login.title)


@router.post("/owner/login", tags=["owner"])
async def log_in(body: LoginIn, request: Request, response: Response, app: AppDep) -> SessionOut:
    """Log in with the owner's password."""
    app.limits.logins.spend(address(request))
    session, secret = await app.sessions.log_in(body.password)
    set_session_cookie(response, secret, secure=app.settings.server.secure_cookies)
    return _out(session)


@router.post("/owner/logout", tags=["owner"])
async def log_out(session: ChangeDep, response: Response, app: AppDep) -> StatusOk:
    """Forget this session."""
    await app.sessions.log_out(session)
    response.delete_cookie(COOKIE, path="/")
    return StatusOk(status="ok")


def _out(session: Session) -> SessionOut:
    return SessionOut(
        session_id=session.id,
        csrf_token=session.csrf_token,
        consents=sorted(session.consents),
        is_owner=session.is_owner,
        role=session.role,
        logged_in=bool(session.subject),
    )


def set_session_cookie(response: Response, secret: str, *, secure: bool) -> None:
    """Give the browser its session."""
    response.set_cookie(
        COOKIE, secret, max_age=_YEAR, path="/", httponly=True, samesite="lax", secure=secure
    )


def set_embedded_cookie(response: Response, secret: str) -> None:
    """Give a framed page its session: one per website that frames it, and only over TLS.

    `Partitioned` (CHIPS) lets browsers keep it although the page is another site's guest. The
    attribute is written here because Python knows it only from version 3.14.
    """
    response.headers.append(
        "Set-Cookie",
        f"{EMBEDDED_COOKIE}={secret}; Max-Age={_YEAR}; Path=/; HttpOnly; Secure; "
        "SameSite=None; Partitioned",
    )
