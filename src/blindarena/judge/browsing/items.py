"""What there is to look at in a run: one turn of a question with two answers, and all about it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal

import numpy as np

from blindarena.domain.judging import Judgment, ModelAnswer, Protocol, Question
from blindarena.judge.judged_run import JudgedRun
from blindarena.judge.keys import answer_digest, digest_of, question_digest
from blindarena.judge.scoring.games import STRENGTH, Games, games_of, named

Result = Literal["first", "second", "tie", "flipped", "unparsed", "failed", "waiting"]
"""What a judge says of the two: of both orders, or of two grades. "flipped": the orders differ;
"unparsed", "failed": at least one part has no verdict, or no text; "waiting": a part is missing."""
Flag = Literal["flipped", "split", "unparsed", "failed", "flagged"]
DECIDED: Final = ("first", "second", "tie")


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """One judge's word on an item by one protocol.

    Attributes:
        judge, protocol, prompt, repeat: of the calls.
        result: about the contestants as the item names them.
        games: both orders of a comparison; none for grades.
        grades: of the contestants as the item names them; none for comparisons.
    """

    judge: str
    protocol: Protocol
    prompt: str
    repeat: int
    result: Result
    games: Games | None = None
    grades: tuple[Judgment | None, ...] = ()

    @property
    def judgments(self) -> tuple[Judgment, ...]:
        """The records that there are."""
        return tuple(one for one in (*(self.games or ()), *self.grades) if one is not None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Item:
    """One turn of a question, the answers to it and what judges say.

    Attributes:
        key: of question, turn and texts; other texts are another item.
        turn: 1-based; 0 is the whole conversation.
        contestants: in alphabetical order, two, or one where only one was graded.
        answers: theirs, in that order; None where the file does not have it.
        said: by judge and protocol.
        flags: what people may want to look at.
    """

    key: str
    question: Question
    category: str
    turn: int
    contestants: tuple[str, ...]
    answers: tuple[ModelAnswer | None, ...]
    said: tuple[Says, ...]
    flags: frozenset[Flag]


def items_of(run: JudgedRun) -> Iterator[Item]:
    """Yield all items, by question and turn; the pairs of one question in no telling order.

    Judged pairs come as they were judged. Of grades every two contestants with a grade on the same
    question and turn make an item; a contestant that is alone there makes one by itself.
    """
    said = _compared(run.judgments)
    _graded(run.judgments, said)
    questions = {question.id: question for question in run.questions}
    digests = {question.id: question_digest(question) for question in run.questions}
    number = {question.id: place for place, question in enumerate(run.questions)}
    found = []
    for (question_id, turn, contestants), words in said.items():
        question = questions.get(question_id)
        if question is None:
            continue
        answers = tuple(run.answers.get(name, {}).get(question_id) for name in contestants)
        texts = [None if one is None else answer_digest(one) for one in answers]
        key = digest_of("item", digests[question_id], turn, contestants, texts)
        item = Item(
            key=key,
            question=question,
            category=question.category,
            turn=turn,
            contestants=contestants,
            answers=answers,
            said=tuple(words),
            flags=frozenset(flags_of(words)),
        )
        found.append((number[question_id], turn, key, item))
    yield from (item for *_, item in sorted(found, key=lambda one: one[:3]))


def flags_of(said: Sequence[Says]) -> Iterator[Flag]:
    """Yield what people may want to look at."""
    if any(one.result == "flipped" for one in said):
        yield "flipped"
    if any(one.unparsed for each in said for one in each.judgments):
        yield "unparsed"
    if any(one.error is not None for each in said for one in each.judgments):
        yield "failed"
    if any(one.flagged for each in said for one in each.judgments):
        yield "flagged"
    decided = [one for one in said if one.result in DECIDED]
    if len({one.judge for one in decided}) > 1 and len({one.result for one in decided}) > 1:
        yield "split"


_Place = tuple[str, int, tuple[str, ...]]


def _compared(judgments: Sequence[Judgment]) -> dict[_Place, list[Says]]:
    """Return comparisons by question, turn and contestants in alphabetical order."""
    by_judge: dict[str, list[Judgment]] = defaultdict(list)
    for one in judgments:
        by_judge[one.judge].append(one)
    found: dict[_Place, list[Says]] = defaultdict(list)
    for mine in by_judge.values():
        for games in games_of(mine):
            some = next(game for game in games if game is not None)
            names = tuple(sorted(some.contestants))
            found[some.question_id, some.turn, names].append(
                Says(
                    judge=some.judge,
                    protocol=some.protocol,
                    prompt=some.prompt,
                    repeat=some.repeat,
                    result=_of_games(games, turned=names != some.contestants),
                    games=games,
                )
            )
    return found


def _graded(judgments: Sequence[Judgment], said: dict[_Place, list[Says]]) -> None:
    """Add what grades say of every two contestants."""
    grades: dict[tuple[str, int], dict[str, list[Judgment]]] = defaultdict(dict)
    for one in judgments:
        if len(one.contestants) == 1:
            mine = grades[one.question_id, one.turn].setdefault(one.contestants[0], [])
            mine.append(one)
    for (question_id, turn), given in grades.items():
        names = sorted(given)
        groups: list[tuple[str, ...]] = list(combinations(names, 2)) or [(names[0],)]
        for group in groups:
            calls: dict[tuple[str, Protocol, str, int], list[Judgment | None]] = {}
            for place, name in enumerate(group):
                for one in given[name]:
                    call = (one.judge, one.protocol, one.prompt, one.repeat)
                    calls.setdefault(call, [None] * len(group))[place] = one
            said.setdefault((question_id, turn, group), []).extend(
                Says(
                    judge=judge,
                    protocol=protocol,
                    prompt=prompt,
                    repeat=repeat,
                    result=_of_grades(both),
                    grades=tuple(both),
                )
                for (judge, protocol, prompt, repeat), both in calls.items()
            )


def _of_games(games: Games, *, turned: bool) -> Result:
    if any(game is not None and game.error is not None for game in games):
        return "failed"
    if any(game is not None and game.verdict is None for game in games):
        return "unparsed"
    first, second = map(named, games)
    if first is None or second is None:
        return "waiting"
    one, other = (int(np.sign(STRENGTH[verdict])) for verdict in (first, second))
    return "flipped" if one != other else _result(-one if turned else one)


def _of_grades(grades: Sequence[Judgment | None]) -> Result:
    if any(one is not None and one.error is not None for one in grades):
        return "failed"
    if any(one is not None and one.score is None for one in grades):
        return "unparsed"
    scores = [one.score for one in grades if one is not None and one.score is not None]
    return "waiting" if len(scores) < 2 else _result(int(np.sign(scores[0] - scores[1])))


def _result(sign: int) -> Result:
    return "tie" if sign == 0 else "first" if sign > 0 else "second"
