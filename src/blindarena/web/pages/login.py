"""To the identity provider and back: two redirects, never to a page that is not ours."""

import logging
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from blindarena.bootstrap import App
from blindarena.errors import LoginError
from blindarena.web.api.sessions import set_session_cookie
from blindarena.web.deps import AppDep, address, base_url

log = logging.getLogger("blindarena.login")
router = APIRouter(include_in_schema=False)
COOKIE = "blindarena_login"
_PATH = "/login/oidc"
_MINUTES = 10
_Text = Annotated[str, Query(max_length=4_000)]


@router.get(_PATH)
async def begin(request: Request, app: AppDep, back: _Text = "/") -> Response:
    """Send the browser to the provider."""
    app.limits.sessions.spend(address(request))  # nobody guesses here: a team logs in at once
    try:
        url, secret = await app.login.begin(redirect_uri=_callback(app, request), back=back)
    except LoginError as error:
        return _failed(error, "provider")
    response = RedirectResponse(url, status_code=303, headers={"Cache-Control": "no-store"})
    response.set_cookie(
        COOKIE,
        secret,
        max_age=_MINUTES * 60,
        path=_PATH,
        httponly=True,
        samesite="lax",
        secure=app.settings.server.secure_cookies,
    )
    return response


@router.get(f"{_PATH}/callback")
async def finish(
    request: Request,
    app: AppDep,
    state: _Text = "",
    code: _Text = "",
    error: _Text = "",
    iss: Annotated[str | None, Query(max_length=4_000)] = None,
) -> Response:
    """Take the browser back from the provider and open its session."""
    app.limits.sessions.spend(address(request))  # nobody guesses here: a team logs in at once
    if error or not code:
        return _failed(LoginError(f"the provider said {error or 'nothing'!r:.100}"), "denied")
    try:
        _, secret, back = await app.login.finish(
            state=state,
            code=code,
            issuer=iss,
            browser=request.cookies.get(COOKIE),
            redirect_uri=_callback(app, request),
        )
    except LoginError as refused:
        return _failed(refused, "refused")
    response = RedirectResponse(back, status_code=303, headers={"Cache-Control": "no-store"})
    set_session_cookie(response, secret, secure=app.settings.server.secure_cookies)
    response.delete_cookie(COOKIE, path=_PATH)
    return response


def _failed(error: LoginError, cause: str) -> Response:
    """Say why in the log; the page says what to do."""
    log.warning("login by OpenID Connect: %s", error)
    headers = {"Cache-Control": "no-store"}
    return RedirectResponse(f"/owner?login={quote(cause)}", status_code=303, headers=headers)


def _callback(app: App, request: Request) -> str:
    return f"{base_url(app, request)}{_PATH}/callback"
