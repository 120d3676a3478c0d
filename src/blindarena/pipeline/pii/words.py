"""Pieces of the patterns that several detectors share.

Every pattern of this package repeats a bounded number of times, so that a text of n characters
costs a constant times n, whatever it holds.
"""

import re
import sys
import unicodedata


def _capitals() -> str:
    letters = (chr(code) for code in range(0x41, 0x530))
    return "".join(re.escape(sign) for sign in letters if unicodedata.category(sign) == "Lu")


CAPITALS = sys.intern(_capitals())
CAPITALISED = rf"[{CAPITALS}][\w’'-]{{0,30}}"
SPACE = r"[ \t\u00a0\u202f]"
DIGIT = "[0-9]"
# The two characters behind "number" in four languages: no., nr., n°, nº, núm., #.
NUMBER_SIGN = r"(?:no\.?|nr\.?|n[°ºo]\.?|n\.º|n\.°|núm\.?|num\.?|#)"


def compact(text: str) -> str:
    """Return letters and digits alone, in capitals."""
    return "".join(sign for sign in text if sign.isalnum()).upper()


def digits_of(text: str) -> str:
    """Return the ASCII digits alone."""
    return "".join(sign for sign in text if "0" <= sign <= "9")
