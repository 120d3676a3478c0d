"""What an arena's texts are prepared with: its own patterns, near-duplicates, languages."""

import logging
from functools import cache

from blindarena.domain.arenas import Arena, PiiMode
from blindarena.pipeline.duplicates import Doubles
from blindarena.pipeline.importing.preparing import Tools
from blindarena.pipeline.language import UNKNOWN, language_of
from blindarena.pipeline.pii import Detection, NameFinder, NumberPattern
from blindarena.pipeline.pii.spacy_names import installed_name_finder

log = logging.getLogger("blindarena")
_ENOUGH = 600
"""Characters that tell a language; the model takes its time for each."""


def detection_of(arena: Arena) -> Detection:
    """Return what is personal data in an arena beside what everybody has.

    Raises:
        InputError: a shape cannot be used.
    """
    return Detection(
        numbers=tuple(NumberPattern(p.name, p.shape) for p in arena.pii_patterns),
        name_finder=_names() if arena.name_model else None,
    )


@cache
def _names() -> NameFinder | None:
    """Load the language models for names once; it takes seconds."""
    found = installed_name_finder()
    if found is None:
        log.warning("name_model = true, but no language model for names is installed; rules only")
    return found


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
