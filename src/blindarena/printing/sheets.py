"""The style sheets of pages that need nothing from elsewhere."""

from importlib.resources import files
from typing import Literal

Sheet = Literal["tokens", "board", "report"]


def style_of(*sheets: Sheet) -> str:
    """Return style sheets as one text, in the order in which they override each other."""
    folder = files("blindarena.printing")
    return "".join((folder / f"{name}.css").read_text("utf-8") for name in sheets)
