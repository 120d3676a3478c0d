"""AlpacaEval's files: outputs of models, and annotations of pairs.

Its preference is 1 where the first output, the baseline's, is better, 2 where the second is, and
anything between for judges that tell how sure they are. Which of the two was shown first is drawn
by lot and not kept, so the order is unknown.

Source: tatsu-lab/alpaca_eval (Apache-2.0), `annotations.json` and `model_outputs.json`.
"""

from typing import Any, Final

import msgspec

from blindarena.domain.judging import AnswerTurn, FiveWay, Judgment, ModelAnswer, Question
from blindarena.errors import InputError
from blindarena.judge.formats.rows import FileRow
from blindarena.judge.keys import digest_of

EVEN: Final = 1.5


class _Output(msgspec.Struct):
    instruction: str
    output: str
    generator: str
    dataset: str | None = None


class _Annotation(msgspec.Struct):
    instruction: str
    output_1: str
    output_2: str
    generator_1: str
    generator_2: str
    annotator: str
    preference: float | None = None
    dataset: str | None = None
    raw_completion: Any = None
    price_per_example: float | None = None
    time_per_example: float | None = None


def read_output(row: FileRow) -> tuple[Question, ModelAnswer]:
    """Return an item of `model_outputs.json`, and the question that it answers.

    Raises:
        InputError: the item is no output.
    """
    found = row.read(_Output, "an output of AlpacaEval")
    question = _question(found.instruction, found.dataset, row.where)
    return question, _answer(question, found.generator, found.output)


def read_annotation(row: FileRow) -> tuple[Question, list[ModelAnswer], Judgment]:
    """Return an item of `annotations.json`: the question, both answers, and the judgment.

    The contestants are the model and the baseline; `score` is how far the model is preferred,
    0 to 1, which AlpacaEval's win rate is the mean of.

    Raises:
        InputError: the item is no annotation.
    """
    found = row.read(_Annotation, "an annotation of AlpacaEval")
    preference = found.preference
    if preference == 0:  # its older files say so of a tie
        preference = EVEN
    if preference is not None and not 1 <= preference <= 2:
        raise InputError(f'{row.where}: "preference" is {preference:g}; it is 1 to 2')
    if found.generator_1 == found.generator_2:
        raise InputError(f"{row.where}: {found.generator_1!r} is compared with itself")
    question = _question(found.instruction, found.dataset, row.where)
    pair = (found.generator_2, found.generator_1)
    verdict: FiveWay | None = None
    if preference is not None:
        verdict = "A>B" if preference > EVEN else "B>A" if preference < EVEN else "A=B"
    said = found.raw_completion
    judgment = Judgment(
        key=digest_of("imported", "baseline", found.annotator, question.id, pair),
        protocol="baseline",
        judge=found.annotator,
        prompt="alpaca-eval",
        question_id=question.id,
        category=question.category,
        contestants=pair,
        turn=1,
        order=None,
        repeat=0,
        text=said if isinstance(said, str) else "",
        tstamp=0.0,
        score=None if preference is None else preference - 1,
        verdict=verdict,
        seconds=found.time_per_example,
        cost_usd=found.price_per_example,
    )
    answers = [
        _answer(question, found.generator_1, found.output_1),
        _answer(question, found.generator_2, found.output_2),
    ]
    return question, answers, judgment


def _question(instruction: str, dataset: str | None, where: str) -> Question:
    if not instruction.strip():
        raise InputError(f'{where}: "instruction" is empty')
    return Question(digest_of(instruction)[:12], dataset or "general", (instruction,))


def _answer(question: Question, contestant: str, text: str) -> ModelAnswer:
    name = digest_of("imported", contestant, question.id, [text])
    return ModelAnswer(name, question.id, contestant, (AnswerTurn(text),), 0.0)
