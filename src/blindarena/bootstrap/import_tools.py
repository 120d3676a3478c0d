"""What an arena's texts are prepared with: its own patterns, near-duplicates, languages."""

import re
from collections.abc import Iterator

from blindarena.domain.arenas import Arena, PiiMode
from blindarena.pipeline.duplicates import Doubles
from blindarena.pipeline.importing.preparing import Tools
from blindarena.pipeline.language import UNKNOWN, language_of
from blindarena.pipeline.pii import Detection, Finding


_ENOUGH = 600
"""Characters that tell a language; the model takes its time for each."""


def detection_of(arena: Arena) -> Detection:
    """Return what is personal data in an arena beside what everybody has."""
    if not arena.pii_patterns:
        return Detection()
    patterns = [(_label(p.name), re.compile(p.pattern)) for p in arena.pii_patterns]

    def own(text: str) -> Iterator[Finding]:
        for label, pattern in patterns:
            for match in pattern.finditer(text):
                if match.end() > match.start():
                    yield Finding(match.start(), match.end(), "reference", label)

    return Detection(own=own)


def tools_for(arena: Arena, pii: PiiMode, *, key: bytes) -> Tools:
    """Return what a file is prepared with; one file, as it remembers texts.

    Args:
        arena: for its own patterns.
        pii: what is done about personal data.
        key: secret of this installation.
    """
    return Tools(
        pii=pii, detection=detection_of(arena), doubles=Doubles(), language=_language, key=key
    )


def _language(text: str) -> str:
    found = language_of(text[:_ENOUGH])
    return "" if found == UNKNOWN else found


def _label(name: str) -> str:
    """Return a name as placeholders have it: up to 20 capital letters."""
    return "".join(sign for sign in name.upper() if "A" <= sign <= "Z")[:20] or "NUMBER"
