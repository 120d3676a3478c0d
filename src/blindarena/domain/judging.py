"""What judges are asked about and what they say: questions, answers, judgments."""

from dataclasses import dataclass
from typing import Literal

Protocol = Literal["single", "pair", "baseline", "rubric"]
"""MT-Bench's grading 1-10; MT-Bench's pairs in both orders; Arena-Hard's five-way verdict against
a baseline in both orders; a checklist with a verdict per item."""

FiveWay = Literal["A>>B", "A>B", "A=B", "B>A", "B>>A"]
Order = Literal["ab", "ba"]
"""Which contestant the judge saw first: "ab" shows the pair as named, "ba" the other way round."""


@dataclass(frozen=True, slots=True)
class RubricItem:
    """One thing that an answer must (or must not) do.

    Attributes:
        id: unique in its question.
        text: what the judge is asked, answerable by yes or no.
        weight: its share in the score.
    """

    id: str
    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a set, of one turn or more.

    Attributes:
        id: unique in its set; FastChat's numbers are kept as their digits.
        turns: what the user says, in order.
        reference: the right answer per turn; empty where there is none, shorter where only the
            first turns have one.
        required_temperature: goes before the category's.
        system: a system prompt for every contestant; it goes before the contestant's own.
        rubric: for the protocol "rubric".
    """

    id: str
    category: str
    turns: tuple[str, ...]
    reference: tuple[str, ...] = ()
    required_temperature: float | None = None
    system: str | None = None
    tags: tuple[str, ...] = ()
    rubric: tuple[RubricItem, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerTurn:
    """One turn of an answer; a price or a count that is unknown is None, never 0."""

    text: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float | None = None
    ttft_s: float | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a contestant answered to a question, all turns, or why there is no answer.

    Attributes:
        id: the key of the asking (`judge.keys.answer_key`), or what a file of others called it.
        error: what went wrong; the turns before it are kept, and the next run asks again.
        tstamp: when it was complete, in seconds since 1970.
    """

    id: str
    question_id: str
    contestant: str
    turns: tuple[AnswerTurn, ...]
    tstamp: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Judgment:
    """One call of a judge and what was read from its text.

    Attributes:
        key: of the call: judge, prompt, parameters, question, answers, order, repeat.
        prompt: id and version of the prompt text, such as "pair-v2" or "blindarena-pair@1".
        contestants: one for "single" and "rubric", else two, in the order as named.
        turn: 1-based; 0 stands for the whole conversation at once.
        order: how the two were shown; None for one, and for two where a file of others does not
            tell: the verdict is then about the two as named.
        repeat: 0-based; k repeats give the variance.
        text: what the judge wrote.
        score: 1-10 for "single", the weighted share of items fulfilled, 0-1, for "rubric"; beside a
            verdict, how far the first as named is preferred, 0-1, where a file of others tells.
        verdict: about A and B as *shown*; None where unparsed.
        items: verdict per rubric item.
        error: why there is no text; such a judgment is asked for again.
        flagged: an answer holds what looks like a verdict, and the prompt does not fence it in.
    """

    key: str
    protocol: Protocol
    judge: str
    prompt: str
    question_id: str
    category: str
    contestants: tuple[str, ...]
    turn: int
    order: Order | None
    repeat: int
    text: str
    tstamp: float
    score: float | None = None
    verdict: FiveWay | None = None
    items: tuple[tuple[str, bool | None], ...] = ()
    error: str | None = None
    flagged: bool = False
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float | None = None
    cost_usd: float | None = None

    @property
    def unparsed(self) -> bool:
        """Say whether the judge wrote something from which no verdict could be read."""
        nothing = self.score is None and self.verdict is None
        return self.error is None and nothing
