"""`[login]`: how owners, reviewers and voters may log in beside the password."""

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from blindarena.settings.base import KeySource, Section

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Oidc(Section):
    """`[login.oidc]`: an OpenID Connect provider, such as the company's own."""

    issuer: str
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: KeySource | None = None
    title: Annotated[str, Field(min_length=1, max_length=60)] = "your organisation"
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    roles_claim: Annotated[str, Field(min_length=1)] = "groups"
    roles: Mapping[Literal["owner", "reviewer"], tuple[str, ...]] = {}
    allowed_domains: tuple[str, ...] = ()
    session_hours: Annotated[float, Field(gt=0, le=720)] = 12

    @model_validator(mode="after")
    def _safe(self) -> "Oidc":
        parts = urlsplit(self.issuer)
        local = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not parts.hostname or not (parts.scheme == "https" or local):
            raise ValueError(f'"issuer" is {self.issuer!r}; give its https:// address')
        if "openid" not in self.scopes:
            raise ValueError('"scopes" must hold "openid"')
        if self.client_secret is not None and self.client_secret.env is None:
            raise ValueError('"client_secret" is read from the environment: { env = "NAME" }')
        return self


NO_PROVIDER = '"require_login" is true, but blindarena.toml has no [login.oidc]'
NO_PROVIDER_CURE = "set up the login, or remove require_login"
"""Where an arena is for people who log in, and nobody can."""


class Login(Section):
    """`[login]`: ways to log in."""

    oidc: Oidc | None = None
