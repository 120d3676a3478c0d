"""Ask contestants the questions of a set, turn by turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from blindarena.domain.chat import ChatRequest, Message, Parameters
from blindarena.domain.judging import AnswerTurn, ModelAnswer, Question
from blindarena.errors import ProviderError
from blindarena.judge.calling import Caller, Line
from blindarena.judge.keys import Digest, answer_key, digest_of

CATEGORY_TEMPERATURE: Final[Mapping[str, float]] = {
    "writing": 0.7,
    "roleplay": 0.7,
    "extraction": 0.0,
    "math": 0.0,
    "coding": 0.0,
    "reasoning": 0.0,
    "stem": 0.1,
    "humanities": 0.1,
}
"""MT-Bench's (FastChat, `llm_judge/common.py`)."""
OTHER_TEMPERATURE: Final = 0.7


@dataclass(frozen=True, slots=True)
class AskedContestant:
    """A contestant as it is asked.

    Attributes:
        name: under which it is scored.
        line: the way to it.
        identity: what its deployments are (models, addresses); changes what the same name means.
        system: its own system prompt; a question's stands before it.
        parameters: temperature None takes the question's or the category's.
    """

    name: str
    line: Line
    identity: str
    system: str | None = None
    parameters: Parameters = Parameters()

    @property
    def digest(self) -> Digest:
        """A digest of all that makes its answers its own."""
        sampled = self.parameters
        stop = sampled.stop
        return digest_of(
            self.identity,
            self.system,
            (sampled.temperature, sampled.top_p, sampled.max_tokens, sampled.seed, stop),
        )


def temperature_of(question: Question, own: float | None) -> float:
    """Return the question's required temperature, or the contestant's own, or its category's."""
    if question.required_temperature is not None:
        return question.required_temperature
    if own is not None:
        return own
    return CATEGORY_TEMPERATURE.get(question.category, OTHER_TEMPERATURE)


def request_of(
    contestant: AskedContestant, question: Question, said: tuple[AnswerTurn, ...]
) -> ChatRequest:
    """Return the request for the turn after those that were answered."""
    system = "\n\n".join(filter(None, (question.system, contestant.system)))
    messages = [Message("system", system)] if system else []
    for asked, answer in zip(question.turns, said, strict=False):
        messages += [Message("user", asked), Message("assistant", answer.text)]
    messages.append(Message("user", question.turns[len(said)]))
    parameters = contestant.parameters
    return ChatRequest(
        tuple(messages),
        replace(parameters, temperature=temperature_of(question, parameters.temperature)),
    )


async def answer(
    contestant: AskedContestant,
    question: Question,
    *,
    caller: Caller,
    now: Callable[[], float],
) -> ModelAnswer:
    """Ask all turns; a failure is an answer with an error, never an empty text.

    Args:
        contestant: whom to ask.
        question: what.
        caller: makes the calls.
        now: seconds since 1970.

    Raises:
        SpendCapError: the cap has no room for the next turn; what was said is not kept.
    """
    said: tuple[AnswerTurn, ...] = ()
    error: str | None = None
    try:
        for _ in question.turns:
            reply = await caller.say(contestant.line, request_of(contestant, question, said))
            finished = reply.finished
            said += (
                AnswerTurn(
                    text=reply.text,
                    prompt_tokens=finished.usage.prompt_tokens,
                    completion_tokens=finished.usage.completion_tokens,
                    seconds=finished.seconds,
                    ttft_s=finished.ttft_s,
                    cost_usd=finished.cost_usd,
                ),
            )
    except ProviderError as failure:
        error = str(failure)
    return ModelAnswer(
        id=answer_key(contestant.name, contestant.digest, question),
        question_id=question.id,
        contestant=contestant.name,
        turns=said,
        tstamp=now(),
        error=error,
    )
