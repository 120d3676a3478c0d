"""What is asked: the user message of a turn, and the request to each side."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from blindarena.domain.arenas import Arena, Contestant, Prompt
from blindarena.domain.battles import Side, Turn, TurnOrigin, TurnRecord
from blindarena.domain.chat import ChatRequest, Image, Message
from blindarena.errors import BattleStateError, InvalidInputError

MAX_TURNS = 12
MAX_AGAIN = 3
"""How often one message may be answered again."""


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


def origin_of(content: str, *, arena: Arena, prepared: Prompt | None) -> TurnOrigin:
    """Say who wrote a message, before anything in it is replaced."""
    if prepared is not None:
        return "prepared"
    suggested = {prompt.strip() for prompt in arena.suggested_prompts}
    return "suggested" if content.strip() in suggested else "typed"


def again_of(turns: Sequence[TurnRecord], *, arena: Arena) -> Turn:
    """Return the turn whose message is to be answered again: the last, when it is complete.

    Raises:
        BattleStateError: it is not, or it has been answered again too often.
    """
    if arena.kind == "replay":
        raise BattleStateError("the answers of this arena are prepared; asked again, they are same")
    last = turns[-1].turn if turns else None
    if last is None or last.status != "complete":
        raise BattleStateError("there is no finished answer to replace; send a message first")
    before = sum(r.turn.number == last.number and r.turn.status == "replaced" for r in turns)
    if before >= MAX_AGAIN:
        raise BattleStateError(
            f"a message is answered again at most {MAX_AGAIN} times; please vote on what you see"
        )
    return last


def request_of(
    contestant: Contestant,
    side: Side,
    done: Sequence[TurnRecord],
    content: str,
    images: Mapping[int, tuple[Image, ...]] = MappingProxyType({}),
) -> ChatRequest:
    """Return the request to one side: its system prompt, its own past answers, the message.

    `images` are the pictures by number of the message; those of earlier messages go along again.
    """
    messages = [Message("system", contestant.system)] if contestant.system else []
    for record in done:
        earlier = images.get(record.turn.number, ())
        messages.append(Message("user", record.turn.content, earlier))
        messages.append(Message("assistant", record.answers[side].text))
    messages.append(Message("user", content, images.get(len(done) + 1, ())))
    return ChatRequest(tuple(messages), contestant.parameters)
