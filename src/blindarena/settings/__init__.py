"""`blindarena.toml` and `arenas/*.toml`: read once, frozen; an unknown key is an error."""

from blindarena.settings.base import KeySource
from blindarena.settings.checking import checked_arena, read_text
from blindarena.settings.guards import Limits, Moderation
from blindarena.settings.loading import load_arena, load_server, load_settings
from blindarena.settings.login import Oidc
from blindarena.settings.tables import (
    ArenaFile,
    Contestant,
    Deployment,
    Privacy,
    Prompts,
    Server,
    Settings,
)

__all__ = [
    "ArenaFile",
    "Contestant",
    "Deployment",
    "KeySource",
    "Limits",
    "Moderation",
    "Oidc",
    "Privacy",
    "Prompts",
    "Server",
    "Settings",
    "checked_arena",
    "load_arena",
    "load_server",
    "load_settings",
    "read_text",
]
