"""BlindArena: your own Chatbot Arena.

`blindarena.rank(votes)` ranks models from a file or frame of votes, `blindarena.read_votes` reads
one. Nothing is imported before it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blindarena.leaderboard.public import rank, verify_snapshot
    from blindarena.leaderboard.result import Leaderboard
    from blindarena.votes.reading import read_votes

__version__ = "0.1.0"

_HOMES = {
    "Leaderboard": "leaderboard.result",
    "rank": "leaderboard.public",
    "read_votes": "votes.reading",
    "verify_snapshot": "leaderboard.public",
}

__all__ = ["Leaderboard", "__version__", "rank", "read_votes", "verify_snapshot"]


def __getattr__(name: str) -> object:
    """Import what is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
