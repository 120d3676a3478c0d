"""Arena-Hard's files: answers in both of its spellings, and judgments against a baseline.

In its first game the baseline is shown first, in its second the model.

Source: arena-hard-auto `gen_judgment.py` and `show_result.py`, v0.1 (2024) and v2.0 (2025).
"""

from typing import Any, Final

import msgspec

from blindarena.domain.judging import AnswerTurn, FiveWay, Judgment, ModelAnswer, Order
from blindarena.errors import InputError
from blindarena.judge.formats.rows import FileRow
from blindarena.judge.keys import digest_of

BASELINE: Final = "gpt-4-0314"
"""Of Arena-Hard v0.1, whose files do not name it."""
PROMPT: Final = "arena-hard"
_LABELS: Final[dict[str, FiveWay]] = {
    "A>>B": "A>>B",
    "A>B": "A>B",
    "A=B": "A=B",
    "B=A": "A=B",
    "B>A": "B>A",
    "B>>A": "B>>A",
    "A<B": "B>A",
    "A<<B": "B>>A",
    "B<A": "A>B",
    "B<<A": "A>>B",
}


class _Message(msgspec.Struct):
    role: str
    content: str | dict[str, Any]


class _Answer(msgspec.Struct):
    uid: str
    model: str
    messages: list[_Message]
    ans_id: str = ""
    tstamp: float = 0.0


class _Game(msgspec.Struct):
    score: str | None = None
    judgment: str | dict[str, Any] | None = None


class _Judged(msgspec.Struct):
    model: str
    games: list[_Game | None]
    question_id: int | str | None = None
    uid: str | None = None
    judge: str | None = None
    baseline: str | None = None
    category: str | None = None
    tstamp: float = 0.0


def read_answer(row: FileRow) -> ModelAnswer:
    """Return a line of `model_answer` as of v2.0; those of v0.1 are FastChat's.

    Raises:
        InputError: the line is no answer.
    """
    found = row.read(_Answer, "an answer")
    said = [_text(message.content) for message in found.messages if message.role == "assistant"]
    if not said:
        raise InputError(f"{row.where}: no message of an assistant in it")
    return ModelAnswer(
        id=found.ans_id or digest_of("imported", found.model, found.uid, said),
        question_id=found.uid,
        contestant=found.model,
        turns=tuple(AnswerTurn(text) for text in said),
        tstamp=found.tstamp,
    )


def read_judged(
    row: FileRow, *, folder: str, baseline: str | None, category: str | None
) -> list[Judgment]:
    """Return the games of a line of `model_judgment`; the contestants are model and baseline.

    Args:
        row: the line.
        folder: the file's folder, which is the judge's name where the line has none.
        baseline: goes before the line's own.
        category: of the question; None takes the line's.

    Raises:
        InputError: the line is no judgment, or a game has a label that cannot be.
    """
    found = row.read(_Judged, "a judgment of Arena-Hard")
    number = found.question_id if found.question_id is not None else found.uid
    if number is None:
        raise InputError(f'{row.where}: "question_id" is missing')
    against = baseline or found.baseline or BASELINE
    if found.model == against:
        raise InputError(f"{row.where}: {found.model!r} is compared with itself; give --baseline")
    judge, question = found.judge or folder, str(number)
    judgments: list[Judgment] = []
    orders: tuple[Order, ...] = ("ba", "ab")
    for order, game in zip(orders, found.games, strict=False):
        label = None if game is None or game.score is None else "".join(game.score.split())
        if label is not None and label not in _LABELS:
            raise InputError(f"{row.where}: score {label!r} is none of {', '.join(_LABELS)}")
        pair = (found.model, against)
        judgments.append(
            Judgment(
                key=digest_of("imported", "baseline", judge, question, pair, order),
                protocol="baseline",
                judge=judge,
                prompt=PROMPT,
                question_id=question,
                category=category or found.category or "general",
                contestants=pair,
                turn=1,
                order=order,
                repeat=0,
                text="" if game is None or game.judgment is None else _text(game.judgment),
                tstamp=found.tstamp,
                verdict=None if label is None else _LABELS[label],
                error="the game is missing in the imported file" if game is None else None,
            )
        )
    return judgments


def _text(content: str | dict[str, Any]) -> str:
    """Return a text, which v2.0 puts into an object."""
    return content if isinstance(content, str) else str(content.get("answer", ""))
