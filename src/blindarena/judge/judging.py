"""Ask a judge once and write down what it decided."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from blindarena.domain.chat import ChatRequest, Message, Parameters
from blindarena.domain.judging import FiveWay, Judgment
from blindarena.errors import ProviderError
from blindarena.judge.calling import Caller, Line, Said
from blindarena.judge.keys import digest_of
from blindarena.judge.planning import JudgeCall, texts_of
from blindarena.judge.verdicts import (
    holds_verdict,
    parse_five_way,
    parse_items,
    parse_pair,
    parse_score,
)

_Schema = dict[str, object]
_LETTERS: Final[_Schema] = {"type": "string", "enum": ["A", "B", "C"]}
_FIVE: Final[_Schema] = {"type": "string", "enum": ["A>>B", "A>B", "A=B", "B>A", "B>>A"]}
_RATING: Final[_Schema] = {"type": "number", "minimum": 1, "maximum": 10}


@dataclass(frozen=True, slots=True)
class Judge:
    """A judge as it is asked.

    Attributes:
        name: under which its judgments are kept.
        line: the way to it.
        identity: what its deployments are; changes what the same name means.
        parameters: how it is sampled.
        structured: it takes a JSON schema for its answer.
    """

    name: str
    line: Line
    identity: str
    parameters: Parameters = Parameters(temperature=0.0, max_tokens=2048)
    structured: bool = False

    @property
    def digest(self) -> str:
        """A digest of all that makes its judgments its own."""
        return digest_of(self.identity, msgspec.to_builtins(self.parameters), self.structured)


async def judge_once(
    judge: Judge, call: JudgeCall, *, caller: Caller, now: Callable[[], float]
) -> Judgment:
    """Ask a judge; a failure is a judgment with an error, an answer without verdict is unparsed.

    Args:
        judge: whom to ask.
        call: about what.
        caller: makes the call.
        now: seconds since 1970.

    Raises:
        SpendCapError: the cap has no room for it.
    """
    said: Said | None = None
    error: str | None = None
    try:
        said = await caller.say(judge.line, request_of(judge, call))
    except ProviderError as failure:
        error = str(failure)
    written = Judgment(
        key=call.key,
        protocol=call.prompt.protocol,
        judge=judge.name,
        prompt=call.prompt.name,
        question_id=call.question.id,
        category=call.question.category,
        contestants=tuple(answer.contestant for answer in call.answers),
        turn=call.turn,
        order=call.order,
        repeat=call.repeat,
        text=said.text if said else "",
        tstamp=now(),
        error=error,
        flagged=not call.prompt.fenced and _attacked(call),
    )
    if said is None:
        return written
    finished = said.finished
    score, verdict, items = read(call, said.text)
    return replace(
        written,
        score=score,
        verdict=verdict,
        items=items,
        prompt_tokens=finished.usage.prompt_tokens,
        completion_tokens=finished.usage.completion_tokens,
        seconds=finished.seconds,
        cost_usd=finished.cost_usd,
    )


def request_of(judge: Judge, call: JudgeCall) -> ChatRequest:
    """Return what a judge is sent."""
    prompt = call.prompt
    messages = [Message("system", prompt.system)] if prompt.system else []
    messages.append(Message("user", prompt.render(texts_of(call))))
    schema = schema_of(call) if judge.structured else None
    return ChatRequest(tuple(messages), judge.parameters, schema)


def read(
    call: JudgeCall, text: str
) -> tuple[float | None, FiveWay | None, tuple[tuple[str, bool | None], ...]]:
    """Return score, verdict about the two as shown, and items, as far as they can be read.

    A checklist has a score only where every item has a verdict.
    """
    match call.prompt.verdicts:
        case "rating":
            return parse_score(text, bare=not call.prompt.fenced), None, ()
        case "letters":
            return None, parse_pair(text), ()
        case "five_way":
            return None, parse_five_way(text), ()
        case "items":
            rubric = call.question.rubric
            items = parse_items(text, [item.id for item in rubric])
            whole = sum(item.weight for item in rubric)
            if whole <= 0 or any(verdict is None for _, verdict in items):
                return None, None, items
            weights = {item.id: item.weight for item in rubric}
            return sum(weights[name] for name, good in items if good) / whole, None, items


def schema_of(call: JudgeCall) -> str:
    """Return the JSON schema of a judge's answer: its reasons first, then its verdict."""
    last: _Schema
    match call.prompt.verdicts:
        case "rating":
            name, last = "rating", _RATING
        case "letters":
            name, last = "verdict", _LETTERS
        case "five_way":
            name, last = "verdict", _FIVE
        case "items":
            ids = [item.id for item in call.question.rubric]
            name, last = "items", _object({one: {"type": "boolean"} for one in ids})
    schema = _object({"reasons": {"type": "string"}, name: last})
    return msgspec.json.encode(schema).decode()


def _object(properties: _Schema) -> _Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _attacked(call: JudgeCall) -> bool:
    return any(holds_verdict(turn.text) for answer in call.answers for turn in answer.turns)
