"""A judge's comparisons as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.verdicts import FIRST, MISSING, SECOND, TIE, Codes
from blindarena.domain.judging import FiveWay, Judgment
from blindarena.judge.planning import Answers
from blindarena.judge.scoring.games import STRENGTH, games_of, named, winner_of

_CODE: Mapping[FiveWay | None, int] = {
    "A>>B": FIRST,
    "A>B": FIRST,
    "A=B": TIE,
    "B>A": SECOND,
    "B>>A": SECOND,
    None: MISSING,
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PairTable:
    """Comparisons of one judge, a row each; numbers are places in `contestants`.

    Attributes:
        contestants: sorted.
        categories: sorted.
        question, category, turn, repeat: (n,) of each comparison.
        first, second: (n,) the two as named.
        shown: (n,) verdict where the two are shown as named, FIRST being what was shown first.
        swapped: (n,) verdict in the other order, FIRST again being what was shown first then.
        verdict: (n,) of both orders about the two as named: what both say, else a tie; MISSING
            where an order has none.
        strength: (n, 2) of both orders about the two as named, -2 to 2; NaN where there is none.
        preferred: (n,) how far the first is preferred, 0-1, where a file of others tells; else NaN.
        ordered: (n,) whether the order is known; where not, `shown` and `swapped` are MISSING.
        length: (n, 2) characters of the two answers; NaN where they are not there.
    """

    contestants: tuple[str, ...]
    categories: tuple[str, ...]
    question: Codes
    category: Codes
    turn: Codes
    repeat: Codes
    first: Codes
    second: Codes
    shown: Codes
    swapped: Codes
    verdict: Codes
    strength: FloatArray
    preferred: FloatArray
    ordered: np.ndarray[tuple[int], np.dtype[np.bool_]]
    length: FloatArray

    def __len__(self) -> int:
        return len(self.question)


def pair_table(
    judgments: Sequence[Judgment], answers: Answers, *, numbers: Mapping[str, int]
) -> PairTable:
    """Return the comparisons of one judge.

    Args:
        judgments: of one judge and one protocol.
        answers: for their lengths.
        numbers: of the questions, by id.
    """
    games = games_of(judgments)
    some = [first or second for first, second in games]
    rows = [one for one in some if one is not None]
    contestants = tuple(sorted({name for one in rows for name in one.contestants}))
    categories = tuple(sorted({one.category for one in rows}))
    place = {name: number for number, name in enumerate(contestants)}
    kind = {name: number for number, name in enumerate(categories)}
    ordered = np.array([one.order is not None for one in rows], dtype=np.bool_)

    def codes(values: Sequence[int]) -> Codes:
        return np.array(values, dtype=np.int64)

    shown = codes([_CODE[_verdict(first)] for first, _ in games])
    swapped = codes([_CODE[_verdict(second)] for _, second in games])
    return PairTable(
        contestants=contestants,
        categories=categories,
        question=codes([numbers[one.question_id] for one in rows]),
        category=codes([kind[one.category] for one in rows]),
        turn=codes([one.turn for one in rows]),
        repeat=codes([one.repeat for one in rows]),
        first=codes([place[one.contestants[0]] for one in rows]),
        second=codes([place[one.contestants[1]] for one in rows]),
        shown=np.where(ordered, shown, MISSING),
        swapped=np.where(ordered, swapped, MISSING),
        verdict=codes([_CODE[winner_of(pair)] for pair in games]),
        strength=np.array(
            [[_strength(named(game)) for game in pair] for pair in games], dtype=np.float64
        ).reshape(-1, 2),
        preferred=np.array([np.nan if one.score is None else one.score for one in rows], float),
        ordered=ordered,
        length=np.array(
            [[length_of(answers, name, one) for name in one.contestants] for one in rows], float
        ).reshape(-1, 2),
    )


def length_of(answers: Answers, contestant: str, judgment: Judgment) -> float:
    """Return the characters of the turn that was judged; NaN where the answer is not there.

    Turn 0, the whole conversation, has the characters of all turns.
    """
    answer = answers.get(contestant, {}).get(judgment.question_id)
    if answer is None or len(answer.turns) < judgment.turn:
        return np.nan
    turns = answer.turns if judgment.turn == 0 else answer.turns[judgment.turn - 1 : judgment.turn]
    return float(sum(len(turn.text) for turn in turns))


def _verdict(game: Judgment | None) -> FiveWay | None:
    return None if game is None or game.error is not None else game.verdict


def _strength(verdict: FiveWay | None) -> float:
    return np.nan if verdict is None else STRENGTH[verdict]
