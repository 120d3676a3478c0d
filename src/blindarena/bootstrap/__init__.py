"""Builds everything from settings; used by `web` and `cli`."""

from blindarena.bootstrap.app import App, open_app
from blindarena.bootstrap.plan import ArenaPlan, Plan

__all__ = ["App", "ArenaPlan", "Plan", "open_app"]
