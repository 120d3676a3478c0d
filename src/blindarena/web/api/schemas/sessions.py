"""Sessions and the owner's login."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from blindarena.web.api.schemas.base import In, Role


class SessionIn(In):
    """Consent to one version; the versions are in `GET /api/arenas`."""

    consent_version: Annotated[str, Field(max_length=200)]


class SessionOut(BaseModel):
    """The session of this browser; send `csrf_token` as `X-CSRF-Token` with every change.

    `logged_in` is by OpenID Connect, whatever the role; the owner's password is no such login.
    """

    session_id: UUID
    csrf_token: str
    consents: list[str]
    is_owner: bool
    role: Role
    logged_in: bool


class LoginOptions(BaseModel):
    """How an owner or a reviewer may log in beside the password; null is not at all."""

    oidc: str | None


class LoginIn(In):
    """The owner's password, printed once at first run."""

    password: Annotated[str, Field(max_length=500)]
