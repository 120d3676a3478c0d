"""What is asked: the user message of a turn, and the request to each side."""

from collections.abc import Sequence

from blindarena.domain.arenas import Arena, Contestant, Prompt
from blindarena.domain.battles import Side, TurnRecord
from blindarena.domain.chat import ChatRequest, Message
from blindarena.errors import BattleStateError, InvalidInputError

MAX_TURNS = 12


def content_of(
    given: str, *, arena: Arena, prepared: Prompt | None, done: int, longest: int
) -> str:
    """Return the message that is sent: the prepared prompt, else what the voter wrote.

    Args:
        given: what the voter wrote; ignored where the prompt is prepared.
        arena: says whether there are follow-up messages.
        prepared: the prompt of a first turn, where the arena has prepared ones.
        done: how many turns are complete.
        longest: most characters taken.

    Raises:
        BattleStateError: no further message is taken.
        InvalidInputError: it is empty or too long.
    """
    if done and not arena.follow_ups:
        raise BattleStateError("this arena has no follow-up messages; please vote")
    if done >= MAX_TURNS:
        raise BattleStateError(f"a battle has at most {MAX_TURNS} messages; please vote")
    if prepared is not None:
        return prepared.text
    if not given.strip():
        raise InvalidInputError("the message is empty; write a prompt first")
    if len(given) > longest:
        raise InvalidInputError(
            f"the message has {len(given):,} characters; "
            f"at most {longest:,} are taken, please shorten it"
        )
    return given


def request_of(
    contestant: Contestant, side: Side, done: Sequence[TurnRecord], content: str
) -> ChatRequest:
    """Return the request to one side: its system prompt, its own past answers, the message."""
    messages = [Message("system", contestant.system)] if contestant.system else []
    for record in done:
        messages.append(Message("user", record.turn.content))
        messages.append(Message("assistant", record.answers[side].text))
    messages.append(Message("user", content))
    return ChatRequest(tuple(messages), contestant.parameters)
