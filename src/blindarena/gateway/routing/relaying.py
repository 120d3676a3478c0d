"""The relay's way: attempts, pauses and fallbacks until a reply has begun."""

import math
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from blindarena.errors import GatewayError, ProviderError
from blindarena.gateway.calls import Call, Reply, Upstream
from blindarena.gateway.prices import Price
from blindarena.gateway.routing.choosing import Chooser, Refused
from blindarena.gateway.routing.entry import Attempt, Entry
from blindarena.gateway.routing.models import Models


class RelayedReply:
    """A reply with the deployment's place; see `Relayed`."""

    __slots__ = ("_attempt", "attempts", "deployment", "price", "reply")

    def __init__(
        self, reply: Reply, attempt: Attempt, *, deployment: str, attempts: int, price: Price
    ) -> None:
        self.reply = reply
        self.deployment = deployment
        self.attempts = attempts
        self.price = price
        self._attempt = attempt

    def end(self, error: ProviderError | None) -> None:
        """Give the place back and count the outcome; a second call does nothing."""
        self._attempt.end(error)


class Relaying:
    """Sends calls; one for a whole router.

    Args:
        chooser: takes places.
        models: the router's.
        time, sleep, retries: see `Router`.
    """

    def __init__(
        self,
        chooser: Chooser,
        *,
        models: Models,
        time: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        retries: int,
    ) -> None:
        self._chooser = chooser
        self._models = models
        self._time = time
        self._sleep = sleep
        self._retries = retries
        self.fallbacks: Counter[str] = Counter()

    async def relay(self, call: Call, deadline: float) -> RelayedReply:
        """Ask one model after the other; see `Router.relay`."""
        models = self._models.chain(call.model)
        if not models:
            raise GatewayError(
                f"the model {call.model!r:.200} does not exist",
                status=404,
                type="not_found_error",
                code="model_not_found",
                param="model",
            )
        journey = _Journey(call, deadline)
        for model in models:
            relayed = await self._ask(journey, model, last=model == models[-1])
            if relayed is not None:
                if model != models[0]:
                    self.fallbacks[models[0]] += 1
                return relayed
        raise journey.failed or journey.refused or RuntimeError("neither failed nor refused")

    async def _ask(self, journey: "_Journey", model: str, *, last: bool) -> RelayedReply | None:
        """Ask the deployments of one model; None where another model may be asked."""
        call = journey.call
        prefix = call.prefix if self._models.hashes_prefixes(model) else None
        unfit: set[Entry] = set()
        before: Entry | None = None

        def find() -> list[Entry]:
            entries = self._models.entries(model)
            return [entry for entry in entries if entry not in unfit] if unfit else entries

        failures = 0
        while failures <= self._retries:
            if failures and not await self._paused(journey, find(), failures, may_rest=last):
                return None
            try:
                attempt = await self._chooser.balanced(
                    find, journey.deadline, prefix=prefix, last=before
                )
            except Refused as refusal:
                journey.refused = refusal.error
                return None
            entry = attempt.entry
            upstream = _upstream(entry)
            journey.attempts += 1
            if call.trace is not None:
                attempt.trace = call.trace.attempt(call, entry.name)
            try:
                reply = await upstream.send(call)
            except ProviderError as error:
                attempt.end(error)
                if not (error.retryable or error.fault == "auth"):
                    raise
                journey.failed = error
                if error.fault in ("auth", "bad_request"):  # it would say so again
                    unfit.add(entry)
                failures += 1
            except GatewayError:  # it lacks a feature that another may have
                attempt.end()
                unfit.add(entry)
                if not find():
                    raise
            except BaseException:
                attempt.end()
                raise
            else:
                attempt.begun()
                return RelayedReply(
                    reply,
                    attempt,
                    deployment=entry.name,
                    attempts=journey.attempts,
                    price=upstream.price,
                )
            before = entry
        return None

    async def _paused(
        self, journey: "_Journey", entries: Sequence[Entry], failures: int, *, may_rest: bool
    ) -> bool:
        """Wait before the next attempt, also until the first rest is over, if there is time.

        Returns:
            Whether one of the deployments may be asked now.
        """
        if not self._chooser.any_open(entries):
            now = self._time()
            able = [entry for entry in entries if entry.up and entry.breaker.allows(now)]
            rest = min((entry.rest_until for entry in able), default=math.inf) - now
            if not may_rest or rest > journey.deadline - now:
                return False
            await self._sleep(rest)
        await self._chooser.pause(failures)
        return self._chooser.any_open(entries)


class _Journey:
    """What one call has met so far."""

    __slots__ = ("attempts", "call", "deadline", "failed", "refused")

    def __init__(self, call: Call, deadline: float) -> None:
        self.call = call
        self.deadline = deadline
        self.attempts = 0
        self.failed: ProviderError | None = None
        self.refused: GatewayError | None = None


def _upstream(entry: Entry) -> Upstream:
    if entry.upstream is None:
        raise RuntimeError(f"{entry.name} has no upstream")  # `_ask` lets none of these in
    return entry.upstream
