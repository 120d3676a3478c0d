"""`[embed]` of an arena file: the websites that may show the arena."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from blindarena.settings.base import Section

_LOCAL = ("localhost", "127.0.0.1")


def _origin(text: str) -> str:
    """Return an origin as browsers spell it, for `frame-ancestors` of the security policy."""
    shown = (
        f'"{text}" is no website\'s origin; give it as "https://www.example.org", without a path'
    )
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise ValueError(shown) from error
    host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    if parts.scheme not in ("http", "https") or not host or parts.path not in ("", "/"):
        raise ValueError(shown)
    if parts.query or parts.fragment or parts.username or not set(host) <= _IN_HOSTS:
        raise ValueError(shown)
    if parts.scheme == "http" and host not in _LOCAL:
        raise ValueError(f'"{text}" is not encrypted; only https:// pages may show an arena')
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


_IN_HOSTS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-")


class Embed(Section):
    """`[embed]`: who may show the arena in a frame of their own page."""

    origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = ()
