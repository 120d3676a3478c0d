"""Guess what a name that is not known was meant to be."""

import difflib
from collections.abc import Collection


def meant(key: str, known: Collection[str]) -> str:
    """Return the known name that was probably meant, or all of them."""
    close = difflib.get_close_matches(key, known, n=1)
    if close:
        return f'did you mean "{close[0]}"?'
    return f"known: {', '.join(known)}" if known else "none is defined"
