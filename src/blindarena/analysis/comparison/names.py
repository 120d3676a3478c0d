"""Contestants of several evaluations: who is in which, and who may be meant by another name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

CLOSE = 0.75
"""Similarity from which a name is suggested; nothing is ever taken for another name by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Two names that may stand for one contestant.

    Attributes:
        one: a name.
        other: of another evaluation.
        where: the evaluations, in the order of the names.
    """

    one: str
    other: str
    where: tuple[str, str]

    @property
    def option(self) -> str:
        """How to say so on the command line."""
        return f"--alias '{self.one}={self.other}'"


def suggest(
    name: str, mine: Sequence[str], other: str, theirs: Sequence[str]
) -> tuple[Suggestion, ...]:
    """Return for each name that is in one evaluation only the closest such name of the other.

    Args:
        name: of the one evaluation.
        mine: its contestants.
        other: name of the other evaluation.
        theirs: its contestants.
    """
    free = {_plain(n): n for n in theirs if n not in mine}
    found = []
    for one in mine:
        if one in theirs:
            continue
        close = get_close_matches(_plain(one), free, n=3, cutoff=CLOSE)
        likely = [free[k] for k in close if _numbers_go_together(one, free[k])]
        if likely:
            found.append(Suggestion(one=one, other=likely[0], where=(name, other)))
    return tuple(found)


def _numbers_go_together(one: str, other: str) -> bool:
    """Say whether the one name has no number that the other lacks: 7b and 13b are two models."""
    mine, theirs = (set(re.findall(r"\d+(?:\.\d+)*", name)) for name in (one, other))
    return mine <= theirs or theirs <= mine


def _plain(name: str) -> str:
    """Return a name without what spellings differ in: case, marks, the owner before a slash."""
    return re.sub(r"[^a-z0-9.]+", "", name.rsplit("/", 1)[-1].lower())
