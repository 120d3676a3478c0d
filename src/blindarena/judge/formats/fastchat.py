"""FastChat's files of MT-Bench, row by row: answers, and judgments of both kinds.

Source: FastChat `fastchat/llm_judge/common.py` (Apache-2.0): what `play_a_match_single` and
`play_a_match_pair` write, and what `load_model_answers` reads.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from blindarena.domain.judging import AnswerTurn, FiveWay, Judgment, ModelAnswer, Order
from blindarena.errors import InputError
from blindarena.judge.formats.rows import FileRow, number_or_text
from blindarena.judge.keys import digest_of
from blindarena.judge.verdicts import swapped

ERROR: Final = "$ERROR$"
"""What FastChat writes where a call failed."""
NO_SCORE: Final = -1
_WINNERS: Final[dict[str, FiveWay | None]] = {
    "model_1": "A>B",
    "model_2": "B>A",
    "tie": "A=B",
    "error": None,
}
_OF_VERDICT: Final[dict[FiveWay | None, str]] = {
    "A>>B": "model_1",
    "A>B": "model_1",
    "A=B": "tie",
    "B>A": "model_2",
    "B>>A": "model_2",
    None: "error",
}


class _Choice(msgspec.Struct):
    turns: list[str | dict[str, Any]]


class _Answer(msgspec.Struct):
    question_id: int | str
    model_id: str
    choices: list[_Choice]
    answer_id: str = ""
    tstamp: float = 0.0


class _Single(msgspec.Struct):
    question_id: int | str
    model: str
    judge: list[str]
    score: float
    judgment: str = ""
    turn: int = 1
    tstamp: float = 0.0


class _Pair(msgspec.Struct):
    question_id: int | str
    model_1: str
    model_2: str
    g1_winner: str
    g2_winner: str
    judge: list[str]
    g1_judgment: str = ""
    g2_judgment: str = ""
    turn: int = 1
    tstamp: float = 0.0


def read_answer(row: FileRow) -> ModelAnswer:
    """Return a line of `model_answer` or `reference_answer`; its first choice is the answer.

    A failed answer, which FastChat writes as its error mark, is one with an error.

    Raises:
        InputError: the line is no answer.
    """
    found = row.read(_Answer, "an answer")
    if not found.choices:
        raise InputError(f'{row.where}: "choices" is empty; an answer has at least one choice')
    said = [
        turn if isinstance(turn, str) else str(turn.get("content", ""))
        for turn in found.choices[0].turns
    ]
    bad = next((n for n, text in enumerate(said, 1) if text.strip() == ERROR), None)
    kept = said if bad is None else said[: bad - 1]
    question = str(found.question_id)
    return ModelAnswer(
        id=found.answer_id or digest_of("imported", found.model_id, question, said),
        question_id=question,
        contestant=found.model_id,
        turns=tuple(AnswerTurn(text) for text in kept),
        tstamp=found.tstamp,
        error=None if bad is None else f"turn {bad} failed ({ERROR} in the imported file)",
    )


def read_single(row: FileRow, *, category: str, repeat: int = 0) -> Judgment:
    """Return a line of `JUDGE_single.jsonl`; the score -1 is an unparsed one.

    Raises:
        InputError: the line is no single judgment.
    """
    found = row.read(_Single, "a single judgment")
    judge, prompt = _judge(found.judge, row.where)
    failed = found.judgment.strip() == ERROR
    if found.score != NO_SCORE and not 0 <= found.score <= 10:
        raise InputError(
            f'{row.where}: "score" is {found.score:g}; a score is 1 to 10, -1 for none'
        )
    return _judgment(
        "single",
        judge,
        prompt,
        question=str(found.question_id),
        category=category,
        contestants=(found.model,),
        turn=found.turn,
        order=None,
        repeat=repeat,
        text=found.judgment,
        tstamp=found.tstamp,
        score=None if failed or found.score == NO_SCORE else found.score,
    )


def read_pair(row: FileRow, *, category: str, repeat: int = 0) -> tuple[Judgment, Judgment]:
    """Return both games of a line of `JUDGE_pair.jsonl`; the second shows the pair swapped.

    Raises:
        InputError: the line is no pair of games, or names a winner that cannot be.
    """
    found = row.read(_Pair, "a pair judgment")
    judge, prompt = _judge(found.judge, row.where)
    if found.model_1 == found.model_2:
        raise InputError(f"{row.where}: {found.model_1!r} is compared with itself")
    games: list[Judgment] = []
    orders: tuple[Order, Order] = ("ab", "ba")
    texts = (found.g1_judgment, found.g2_judgment)
    for order, winner, text in zip(orders, (found.g1_winner, found.g2_winner), texts, strict=True):
        if winner not in _WINNERS:
            known = ", ".join(_WINNERS)
            raise InputError(f"{row.where}: winner {winner!r} is none of {known}")
        named = _WINNERS[winner]
        shown = swapped(named) if named is not None and order == "ba" else named
        games.append(
            _judgment(
                "pair",
                judge,
                prompt,
                question=str(found.question_id),
                category=category,
                contestants=(found.model_1, found.model_2),
                turn=found.turn,
                order=order,
                repeat=repeat,
                text=text,
                tstamp=found.tstamp,
                verdict=shown,
            )
        )
    return games[0], games[1]


def answer_row(answer: ModelAnswer) -> dict[str, Any]:
    """Return an answer as a line of `model_answer`."""
    turns = [turn.text for turn in answer.turns]
    return {
        "question_id": number_or_text(answer.question_id),
        "answer_id": answer.id,
        "model_id": answer.contestant,
        "choices": [{"index": 0, "turns": turns}],
        "tstamp": answer.tstamp,
    }


def single_row(judgment: Judgment, *, asked: str) -> dict[str, Any]:
    """Return a judgment as a line of `JUDGE_single.jsonl`.

    Args:
        judgment: of the protocol "single".
        asked: the user message that the judge was sent; "" where it is not known.
    """
    score = NO_SCORE if judgment.score is None else judgment.score
    return {
        "question_id": number_or_text(judgment.question_id),
        "model": judgment.contestants[0],
        "judge": [judgment.judge, judgment.prompt],
        "user_prompt": asked,
        "judgment": judgment.text if judgment.error is None else ERROR,
        "score": int(score) if score == int(score) else score,
        "turn": judgment.turn,
        "tstamp": judgment.tstamp,
    }


def pair_row(
    games: tuple[Judgment | None, Judgment | None], *, asked: Sequence[str]
) -> dict[str, Any]:
    """Return both orders of a comparison as a line of `JUDGE_pair.jsonl`.

    A strong verdict becomes a plain one; a game that was not played, failed or has no verdict is
    "error", which FastChat's tools leave out.

    Args:
        games: as named, and swapped; one may be missing.
        asked: the user message of each; "" where it is not known.
    """
    some = next(game for game in games if game is not None)
    row: dict[str, Any] = {
        "question_id": number_or_text(some.question_id),
        "model_1": some.contestants[0],
        "model_2": some.contestants[1],
    }
    texts: dict[str, Any] = {}
    for number, (game, message) in enumerate(zip(games, asked, strict=True), 1):
        verdict = game.verdict if game is not None and game.error is None else None
        if verdict is not None and game is not None and game.order == "ba":
            verdict = swapped(verdict)
        row[f"g{number}_winner"] = _OF_VERDICT[verdict]
        texts[f"g{number}_user_prompt"] = message
        texts[f"g{number}_judgment"] = ERROR if game is None or game.error else game.text
    stamp = max(game.tstamp for game in games if game is not None)
    return {
        **row,
        "judge": [some.judge, some.prompt],
        **texts,
        "turn": some.turn,
        "tstamp": stamp,
    }


def _judge(names: list[str], where: str) -> tuple[str, str]:
    if len(names) != 2 or not names[0]:
        raise InputError(f'{where}: "judge" is {names!r}; give the judge and the prompt\'s name')
    return names[0], names[1]


def _judgment(
    protocol: Any,
    judge: str,
    prompt: str,
    *,
    question: str,
    category: str,
    contestants: tuple[str, ...],
    turn: int,
    order: Order | None,
    repeat: int,
    text: str,
    tstamp: float,
    score: float | None = None,
    verdict: FiveWay | None = None,
) -> Judgment:
    failed = text.strip() == ERROR
    return Judgment(
        key=digest_of(
            "imported", protocol, judge, prompt, question, contestants, turn, order, repeat
        ),
        protocol=protocol,
        judge=judge,
        prompt=prompt,
        question_id=question,
        category=category,
        contestants=contestants,
        turn=turn,
        order=order,
        repeat=repeat,
        text="" if failed else text,
        tstamp=tstamp,
        score=score,
        verdict=None if failed else verdict,
        error=f"the call failed ({ERROR} in the imported file)" if failed else None,
    )
