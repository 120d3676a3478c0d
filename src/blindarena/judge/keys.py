"""The key of a call: the same call has the same key, whenever and wherever it is made."""

import hashlib
from collections.abc import Sequence

import msgspec

from blindarena.domain.chat import Parameters
from blindarena.domain.judging import ModelAnswer, Order, Protocol, Question

Digest = str


def digest_of(*parts: object) -> Digest:
    """Return a digest of values that JSON can say, distinct for distinct values."""
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]


def question_digest(question: Question) -> Digest:
    """Return the digest of all that a contestant or a judge is shown of a question."""
    rubric = [(item.id, item.text, item.weight) for item in question.rubric]
    return digest_of(question.id, question.system, question.turns, question.reference, rubric)


def answer_digest(answer: ModelAnswer) -> Digest:
    """Return the digest of an answer's texts, whoever wrote them and when."""
    return digest_of([turn.text for turn in answer.turns])


def answer_key(contestant: str, asked: Digest, question: Question) -> Digest:
    """Return the key of a contestant's answer.

    Args:
        contestant: its name.
        asked: digest of what it is: deployments, models, system prompt, parameters.
        question: what it was asked.
    """
    return digest_of("answer", contestant, asked, question_digest(question))


def judgment_key(
    *,
    protocol: Protocol,
    judge: str,
    prompt: Digest,
    parameters: Parameters,
    question: Question,
    answers: Sequence[ModelAnswer],
    turn: int,
    order: Order | None,
    repeat: int,
) -> Digest:
    """Return the key of one call of a judge.

    Args:
        protocol: what is judged.
        judge: its name and what it is.
        prompt: digest of the text that it is asked with.
        parameters: how it is sampled.
        question: the question.
        answers: of one contestant or of two, in the order as named; their texts count, and whose.
        turn: which turn is judged.
        order: which of two was shown first.
        repeat: a repeated call is another call.
    """
    sampled = msgspec.to_builtins(parameters)
    shown = [(answer.contestant, answer_digest(answer)) for answer in answers]
    return digest_of(
        protocol, judge, prompt, sampled, question_digest(question), shown, turn, order, repeat
    )
