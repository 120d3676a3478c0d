"""Both orders of a comparison, and what they say together."""

from collections.abc import Sequence
from typing import Final

from blindarena.domain.judging import FiveWay, Judgment
from blindarena.judge.verdicts import swapped

Games = tuple[Judgment | None, Judgment | None]
"""The pair shown as named, and swapped."""
STRENGTH: Final[dict[FiveWay, int]] = {"A>>B": 2, "A>B": 1, "A=B": 0, "B>A": -1, "B>>A": -2}


def games_of(judgments: Sequence[Judgment]) -> list[Games]:
    """Return both orders of each comparison, in the order of the first one's record.

    A judgment whose order is not known stands for both.

    Args:
        judgments: of one judge; those of one contestant are left out.
    """
    found: dict[tuple[object, ...], list[Judgment | None]] = {}
    for one in judgments:
        if one.protocol not in ("pair", "baseline"):
            continue
        key = (one.protocol, one.question_id, one.contestants, one.turn, one.repeat, one.prompt)
        games = found.setdefault(key, [None, None])
        for place in (0, 1) if one.order is None else (0 if one.order == "ab" else 1,):
            games[place] = one
    return [(first, second) for first, second in found.values()]


def named(game: Judgment | None) -> FiveWay | None:
    """Return a game's verdict about the two as named; None where there is none."""
    if game is None or game.error is not None or game.verdict is None:
        return None
    return swapped(game.verdict) if game.order == "ba" else game.verdict


def winner_of(games: Games) -> FiveWay | None:
    """Return what both orders say of the two as named; a tie where they differ, None without both.

    Of two strengths in the same direction the weaker counts.

    Source: FastChat `show_result.py`: a win needs both orders.
    """
    first, second = map(named, games)
    if first is None or second is None:
        return None
    one, other = STRENGTH[first], STRENGTH[second]
    if one == other:
        return first
    if one * other <= 0:
        return "A=B"
    return "A>B" if one > 0 else "B>A"
