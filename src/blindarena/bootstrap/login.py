"""Logging in at an identity provider: from our page there and back, and with which role."""

import hashlib
import hmac
import importlib.util
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from blindarena.arena.sessions import SessionService
from blindarena.domain.battles import Role, Session
from blindarena.domain.logins import Login
from blindarena.errors import ConfigError, LoginError, NotFoundError
from blindarena.settings import Oidc
from blindarena.storage.logins import Logins

if TYPE_CHECKING:
    from blindarena.login.oidc import OidcProvider

_MINUTES = 10


class LoginDesk:
    """Logins by OpenID Connect, where they are configured.

    Args:
        settings: None where they are not.
        environ: for the client's secret.
        now: the time, in UTC.

    Raises:
        ConfigError: the extra `oidc` is not installed, or the client's secret is missing.
    """

    def __init__(
        self,
        settings: Oidc | None,
        *,
        logins: Logins,
        sessions: SessionService,
        environ: Mapping[str, str],
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._logins = logins
        self._sessions = sessions
        self._now = now
        self._provider = _provider(settings, environ, now) if settings else None

    @property
    def title(self) -> str | None:
        """What the button says; None where there is none."""
        return None if self._settings is None else self._settings.title

    async def begin(self, *, redirect_uri: str, back: str) -> tuple[str, str]:
        """Begin a login.

        Returns:
            The provider's address to go to, and a secret for a cookie of this browser.

        Raises:
            NotFoundError: it is not configured.
            LoginError: the provider does not answer.
        """
        _, provider = self._configured()
        state, nonce, verifier, browser = (secrets.token_urlsafe(32) for _ in range(4))
        url = await provider.authorize_url(
            redirect_uri=redirect_uri, state=state, nonce=nonce, verifier=verifier
        )
        now = self._now()
        login = Login(
            state_hash=_hash(state),
            browser_hash=_hash(browser),
            verifier=verifier,
            nonce=nonce,
            back=own_page(back),
            until=now + timedelta(minutes=_MINUTES),
        )
        await self._logins.begin(login, now=now)
        return url, browser

    async def finish(
        self, *, state: str, code: str, issuer: str | None, browser: str | None, redirect_uri: str
    ) -> tuple[Session, str, str]:
        """End a login; a state can be used once.

        Returns:
            The new session, its cookie's secret, and the page to go to.

        Raises:
            LoginError: it did not begin in this browser, is too old, or the provider refuses.
        """
        settings, provider = self._configured()
        login = await self._logins.take(_hash(state))
        if login is None or login.until <= self._now():
            raise LoginError("this login is too old or was used already; begin again")
        if browser is None or not hmac.compare_digest(_hash(browser), login.browser_hash):
            raise LoginError("this login began in another browser; begin again in this one")
        if issuer is not None and issuer != settings.issuer:
            raise LoginError(f"the answer is of the issuer {issuer!r:.200}; begin again")
        claims = await provider.claims(
            code, redirect_uri=redirect_uri, verifier=login.verifier, nonce=login.nonce
        )
        check_domain(claims, settings.allowed_domains)
        session, secret = await self._sessions.log_in_as(
            f"{settings.issuer}\n{claims['sub']}",
            role_of(claims, settings),
            until=self._now() + timedelta(hours=settings.session_hours),
        )
        return session, secret, login.back

    def _configured(self) -> "tuple[Oidc, OidcProvider]":
        if self._settings is None or self._provider is None:
            raise NotFoundError("[login.oidc] is not configured on this server")
        return self._settings, self._provider


def role_of(claims: Mapping[str, Any], settings: Oidc) -> Role:
    """Return the highest role that the claims give; everybody is at least a voter.

    Where roles go by e-mail address, only one that the provider has verified counts.
    """
    held = claims.get(settings.roles_claim)
    if settings.roles_claim == "email" and claims.get("email_verified") is not True:
        held = None
    names = {held} if isinstance(held, str) else set(map(str, held or ()))
    if names & set(settings.roles.get("owner", ())):
        return "owner"
    return "reviewer" if names & set(settings.roles.get("reviewer", ())) else "voter"


def check_domain(claims: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    """Refuse an e-mail address that is not verified or of no allowed domain.

    Raises:
        LoginError: that is so.
    """
    if not allowed:
        return
    _, at, domain = str(claims.get("email", "")).rpartition("@")
    if claims.get("email_verified") is not True or not at:
        raise LoginError("the provider gives no verified e-mail address, which is needed here")
    if domain.casefold() not in {one.casefold() for one in allowed}:
        raise LoginError("e-mail addresses of this domain may not log in here")


def own_page(back: str) -> str:
    """Return a path of our own pages: what was asked for, or the first page."""
    parts = urlsplit(back)
    plain = back.isascii() and back.isprintable() and "\\" not in back and len(back) <= 300
    ours = back.startswith("/") and not back.startswith("//") and not parts.netloc
    inner = parts.path.split("/")[1] if ours else ""
    return back if plain and ours and inner not in ("api", "login") else "/"


def _provider(
    settings: Oidc, environ: Mapping[str, str], now: Callable[[], datetime]
) -> "OidcProvider":
    if importlib.util.find_spec("joserfc") is None:
        raise ConfigError("[login.oidc] needs an extra: pip install 'blindarena[oidc]'")
    from blindarena.login.oidc import OidcProvider

    secret = None
    if settings.client_secret is not None:
        variable = settings.client_secret.env or ""
        secret = environ.get(variable)
        if not secret:
            raise ConfigError(
                f"[login.oidc] client_secret: the environment variable {variable} is not set"
            )
    return OidcProvider(
        issuer=settings.issuer,
        client_id=settings.client_id,
        client_secret=secret,
        scopes=settings.scopes,
        now=now,
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
