"""Ask deployments now and then whether they are well, so that nobody's request has to find out."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Protocol

import aiohttp

from blindarena.errors import ProviderError
from blindarena.gateway.faults import provider_errors

log = logging.getLogger("blindarena.health")

TIMEOUT_S = 5.0
MISSES = 2
"""So many unanswered questions in a row make a deployment unwell; one answer makes it well."""

Question = Callable[[], Awaitable[None]]
"""Returns where the deployment is well, and raises ProviderError where it is not."""


class Told(Protocol):
    """The router as the watch sees it."""

    def set_health(self, name: str, unwell: str | None) -> None:
        """Take what was found: None is well."""
        ...


class HealthWatch:
    """Asks each watched deployment at its own, drawn times.

    Args:
        router: is told what was found.
        interval_s: mean time between two questions, in seconds; 0 asks nothing. Each pause is
            drawn between half and one and a half of it, so that several gateways spread out.
        rng: draws the pauses.
        sleep: waits; a test gives one that does not.
        timeout_s: longest wait for an answer.
    """

    def __init__(
        self,
        router: Told,
        *,
        interval_s: float,
        rng: random.Random | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._router = router
        self._interval_s = interval_s
        self._rng = rng or random.Random()  # noqa: S311 - spreads questions, guards nothing
        self._sleep = sleep
        self._timeout_s = timeout_s
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def watch(self, name: str, ask: Question) -> None:
        """Ask about a deployment from now on; a question that it had before is dropped."""
        self.unwatch(name)
        if self._interval_s > 0:
            self._tasks[name] = asyncio.create_task(self._watch(name, ask))

    def unwatch(self, name: str) -> None:
        """Ask no longer, and take it for well."""
        if (task := self._tasks.pop(name, None)) is not None:
            task.cancel()
        self._router.set_health(name, None)

    async def close(self) -> None:
        """Ask nothing any more."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self, name: str, ask: Question) -> None:
        missed = 0
        while True:
            await self._sleep(self._interval_s * self._rng.uniform(0.5, 1.5))
            unwell = await self._asked(name, ask)
            missed = 0 if unwell is None else missed + 1
            if missed == MISSES:
                log.warning("deployment %s: %s", name, unwell)
            if missed == 0 or missed >= MISSES:
                self._router.set_health(name, unwell)

    async def _asked(self, name: str, ask: Question) -> str | None:
        """Return what is wrong; None is nothing."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await ask()
        except ProviderError as error:
            return str(error)
        except TimeoutError:
            return f"no answer within {self._timeout_s:g} s"
        except Exception as error:  # a provider plugin's question must not end the watch
            log.exception("deployment %s: its health question failed", name)
            return f"its health question failed: {type(error).__name__}"
        return None


def models_question(
    *, name: str, http: aiohttp.ClientSession, base_url: str, key: str | None = None
) -> Question:
    """Return the question `GET base_url/models`; every answer below 500 means well.

    A server that lacks the route, or refuses the key, is there all the same: what it says to
    requests is for the breaker.

    Args:
        name: the deployment's.
        http: the session of `open_session()`.
        base_url: without a slash at its end.
        key: sent as a bearer token.
    """
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def ask() -> None:
        with provider_errors(name, secret=key):
            async with http.get(
                f"{base_url}/models", headers=headers, allow_redirects=False
            ) as reply:
                if reply.status < 500:
                    return
                status = reply.status
        raise ProviderError(
            f"{name}: HTTP {status} to GET /models", fault="server", deployment=name, status=status
        )

    return ask
