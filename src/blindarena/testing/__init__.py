"""Fakes that we ship, for our tests and for those of people who build on us.

Everything is imported on first use: `from blindarena.testing import FakeUpstream`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blindarena.testing.fake_model import FakeChatModel
    from blindarena.testing.fake_upstream import Behaviour, FakeUpstream

__all__ = ["Behaviour", "FakeChatModel", "FakeUpstream"]

_HOMES = {
    "Behaviour": "fake_upstream",
    "FakeChatModel": "fake_model",
    "FakeUpstream": "fake_upstream",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
