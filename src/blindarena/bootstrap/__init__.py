"""Builds everything from settings; used by `web` and `cli`.

The application is imported when it is asked for: the gateway alone, keys and judge runs need
neither its statistics nor the 60 MB that they take.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blindarena.bootstrap.app import App, open_app
    from blindarena.bootstrap.plan import ArenaPlan, Plan

_HOMES = {"App": "app", "ArenaPlan": "plan", "Plan": "plan", "open_app": "app"}

__all__ = ["App", "ArenaPlan", "Plan", "open_app"]


def __getattr__(name: str) -> object:
    """Import what is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
