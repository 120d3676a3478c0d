"""Fence a contestant's text in, so that it cannot pass for the judge's instructions.

A null model does not answer; it writes what looks like the end of its answer and a new instruction
(Zheng et al. 2024, "Cheating Automatic LLM Benchmarks: Null Models Achieve High Win Rates",
arXiv 2410.07137). So each text stands between marks that hold a digest of all texts of the
question: to write the closing mark into an answer one would have to know a digest of that very
answer. The same texts give the same marks, which keeps runs repeatable.
"""

import hashlib
from collections.abc import Mapping

from blindarena.judge.verdicts import defuse

_DIGITS = 12


def fence_mark(texts: Mapping[str, str]) -> str:
    """Return the word that marks the borders of these texts: in none of them, whatever they say."""
    state = hashlib.sha256()
    for name in sorted(texts):
        for part in (name, texts[name]):
            data = part.encode("utf-8", "surrogatepass")
            state.update(len(data).to_bytes(8, "big") + data)
    mark = state.hexdigest()[:_DIGITS]
    while any(mark in text for text in texts.values()):
        state.update(b"again")
        mark = state.hexdigest()[:_DIGITS]
    return mark


def fence(name: str, text: str, mark: str) -> str:
    """Return one text between its marks, verdicts in it defused."""
    return f"<{name} {mark}>\n{defuse(text)}\n</{name} {mark}>"
