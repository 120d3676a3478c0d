"""The way of arena and judges: a contestant's deployments in their order of preference."""

from collections.abc import AsyncGenerator, Callable, Sequence

from blindarena.domain.chat import ChatRequest, Finished, StreamEvent
from blindarena.errors import ProviderError
from blindarena.gateway.ports import ChatModel
from blindarena.gateway.routing.choosing import Chooser, Refused
from blindarena.gateway.routing.entry import Entry
from blindarena.gateway.streams import closing


async def stream_in_order(
    deployments: Sequence[str],
    request: ChatRequest,
    *,
    chooser: Chooser,
    known: Callable[[Sequence[str]], Sequence[Entry]],
    deadline: float,
) -> AsyncGenerator[StreamEvent, None]:
    """Stream one answer; see `Router.stream`.

    Args:
        deployments: in order of preference.
        request: what to ask.
        chooser: takes places.
        known: finds those that are in the router and have a chat model.
        deadline: until when to wait for a place.
    """
    failed: ProviderError | None = None
    left = list(deployments)

    def find() -> Sequence[Entry]:
        return known(left)

    while True:
        if failed is not None and chooser.any_open(find()):
            await chooser.pause(1)
        try:
            attempt = await chooser.in_order(
                lambda: known(left), deadline, again=failed is not None
            )
        except Refused as refusal:
            raise failed or ProviderError(
                f"none of the deployments {', '.join(deployments) or '(none)'} is ready: "
                f"{refusal.error}",
                fault="unavailable",
            ) from None
        entry = attempt.entry
        left.remove(entry.name)
        began = finished = False
        try:
            async with closing(_model(entry).stream(request)) as events:
                async for event in events:
                    if not began:
                        began = True
                        attempt.begun()
                    finished = isinstance(event, Finished)
                    yield event
            if not finished:
                text = f"{entry.name}: the stream ended without its Finished"
                raise ProviderError(text, fault="malformed", deployment=entry.name)
        except ProviderError as error:
            attempt.end(error)
            if began or not (error.retryable or error.fault == "auth"):
                raise
            failed = error
        else:
            return
        finally:
            attempt.end()


def _model(entry: Entry) -> ChatModel:
    if entry.model is None:
        raise RuntimeError(f"{entry.name} has no chat model")  # `known` lets none of these in
    return entry.model
