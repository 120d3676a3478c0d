"""The pieces of a streamed reply as the arena reads an answer."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

from blindarena.domain.chat import FinishReason, StreamEvent, TextDelta
from blindarena.errors import ProviderError
from blindarena.gateway.answers import AnswerBuilder
from blindarena.gateway.translate.pieces import Ended, Piece, Reason, Refusal, Text, Used

_FINISH: Final[dict[Reason, FinishReason]] = {
    "length": "length",
    "content_filter": "content_filter",
}


async def answer_events(
    pieces: AsyncIterator[Piece], answer: AnswerBuilder, *, deployment: str
) -> AsyncGenerator[StreamEvent, None]:
    """Yield text deltas, then one Finished.

    Raises:
        ProviderError: no text came, or the stream ended without saying why.
    """
    used: Used | None = None
    ended: Ended | None = None
    refused = False
    async for piece in pieces:
        if isinstance(piece, Text):
            if shown := answer.add(piece.text):
                yield TextDelta(shown)
            if answer.full:
                yield answer.finish("length")
                return
        elif isinstance(piece, Used):
            used = piece
        elif isinstance(piece, Ended):
            ended = piece
        else:
            refused |= isinstance(piece, Refusal)
    if ended is None:
        raise ProviderError(
            f"{deployment}: the stream broke off without saying why",
            fault="reset",
            deployment=deployment,
        )
    reason = "content_filter" if refused else _FINISH.get(ended.reason, "stop")
    usage = used.usage() if used is not None else None
    yield answer.finish(reason, usage=usage, cached_tokens=used.cached if used else 0)
