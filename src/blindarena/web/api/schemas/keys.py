"""Keys of providers, entered on the owner's page; no reply ever holds one."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from blindarena.web.api.schemas.base import In


class KeyOut(BaseModel):
    """One key that `blindarena.toml` names; `set_at` is null for one of the environment."""

    name: str
    source: Literal["vault", "environment"]
    deployments: list[str]
    is_set: bool
    set_at: datetime | None


class KeysOut(BaseModel):
    """All keys; `problem` says why none can be read or entered, and is empty where they can."""

    keys: list[KeyOut]
    problem: str


class KeyIn(In):
    """A key, in place of the one there may be."""

    value: str
