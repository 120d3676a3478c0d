"""A worker's side of joining: tell the gateway what runs here, that it lives, that it leaves."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

import aiohttp

from blindarena.errors import EngineError

TIMEOUT = aiohttp.ClientTimeout(total=10)
FIRST_BEAT_S = 3.0
NAME_TRIES = 8
"""A name may still belong to our own earlier run, until that has been silent for long enough."""

State = Literal["ready", "loading", "draining"]


@dataclass(frozen=True, slots=True)
class Place:
    """What the gateway is told when joining.

    Attributes:
        gateway: its root, without `/v1`.
        token: the worker token; it is sent, never shown.
        id: of this run.
        name: of the deployment.
        key: what the engine asks its clients for.
        slots: answers at the same time; 0 where the engine decides.
    """

    gateway: str
    token: str = field(repr=False)
    id: UUID
    name: str
    model: str
    key: str = field(repr=False)
    engine: str
    slots: int
    cost_per_hour: float | None = None


class RefusedError(EngineError):
    """The gateway will not take this worker, now or later; `status` is its answer's."""

    def __init__(self, message: str, *, status: int, code: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Membership:
    """Keeps a worker joined, whatever becomes of gateway and engine.

    Args:
        place: what to tell.
        http: whoever made it closes it.
        address: the engine's base URL for the gateway; None while it does not answer.
        busy: how many requests run or wait in the engine; None where it does not say.
        say: takes a line for whoever watches.
        sleep: waits between two polls of the draining.
    """

    def __init__(
        self,
        place: Place,
        *,
        http: aiohttp.ClientSession,
        address: Callable[[], str | None],
        busy: Callable[[], Awaitable[int | None]],
        say: Callable[[str], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._place = place
        self._http = http
        self._address = address
        self._busy = busy
        self._say = say
        self._sleep = sleep
        self._woken = asyncio.Event()
        self._joined_at: str | None = None
        self._beat_s = FIRST_BEAT_S
        self._in_flight = 0
        self._trouble = ""
        self._ever = False
        self._names_tried = 0

    def wake(self) -> None:
        """Tell the gateway at once that the engine's state has changed."""
        self._woken.set()

    async def run(self) -> None:
        """Join and heartbeat until cancelled.

        Raises:
            RefusedError: the gateway refuses to take this worker in at all.
        """
        while True:
            self._woken.clear()
            address = self._address()
            try:
                if address is not None and address != self._joined_at:
                    await self._join(address)
                elif self._joined_at is not None:
                    await self._beat("loading" if address is None else "ready")
                self._all_well()
            except RefusedError as error:
                if not self._ever and not self._may_pass(error):
                    raise
                self._tell(str(error))
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                reason = _reason(error)
                self._tell(f"the gateway {self._place.gateway} does not answer: {reason[:200]}")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._beat_s):
                    await self._woken.wait()

    async def drain(self, timeout_s: float) -> bool:
        """Ask for nothing new and wait until all that runs has ended; return whether it has.

        At least one heartbeat's time passes: so long other gateways may not know of it yet.
        """
        if self._joined_at is None:
            return True
        loop = asyncio.get_running_loop()
        began = loop.time()
        known_everywhere = began + 1.2 * self._beat_s
        idle = 0
        while loop.time() < began + timeout_s:
            gateway_knows = True
            try:
                await self._beat("draining")
            except RefusedError:
                self._in_flight = 0
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
                gateway_knows, self._in_flight = False, 0
            busy = await self._busy()
            running = self._in_flight if busy is None else busy  # the engine knows best
            idle = 0 if running else idle + 1
            if idle >= 2 and (loop.time() >= known_everywhere or not gateway_knows):
                return True
            await self._sleep(min(0.25, self._beat_s))
        return False

    async def leave(self) -> None:
        """Say good-bye; a gateway that does not answer notices by itself."""
        if self._joined_at is None:
            return
        self._joined_at = None
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError, RefusedError):
            await self._post("leave", {"id": str(self._place.id)})

    async def _join(self, address: str) -> None:
        place = self._place
        told = await self._post(
            "join",
            {
                "id": str(place.id),
                "name": place.name,
                "model": place.model,
                "base_url": address,
                "key": place.key,
                "engine": place.engine,
                "slots": place.slots,
                "cost_per_hour": place.cost_per_hour,
                "state": "ready",
            },
        )
        self._take_pace(told)
        again = "again " if self._ever else ""
        self._joined_at, self._ever = address, True
        self._say(f"joined {again}{place.gateway} as {place.name}, for the model {place.model}")

    async def _beat(self, state: State) -> None:
        body = {"id": str(self._place.id), "state": state, "busy": await self._busy()}
        try:
            told = await self._post("heartbeat", body)
        except RefusedError as error:
            if error.code == "unknown_worker":
                self._joined_at = None
                self.wake()
                return
            raise
        self._take_pace(told)
        found = told.get("in_flight")
        self._in_flight = found if isinstance(found, int) else 0

    async def _post(self, what: str, body: Mapping[str, object]) -> Mapping[str, object]:
        place = self._place
        async with self._http.post(
            f"{place.gateway}/v1/workers/{what}",
            json=body,
            headers={"Authorization": f"Bearer {place.token}"},
            timeout=TIMEOUT,
            allow_redirects=False,
        ) as reply:
            told = await reply.json(content_type=None)
            if reply.status == 200 and isinstance(told, dict):
                return told
            error = told.get("error") if isinstance(told, dict) else None
            said = error if isinstance(error, dict) else {}
        if reply.status >= 500 or reply.status == 429:
            raise ValueError(f"status {reply.status}")
        raise RefusedError(
            f"the gateway {place.gateway} refuses this worker ({reply.status}): "
            f"{str(said.get('message', 'it gives no reason'))[:500]}",
            status=reply.status,
            code=str(said.get("code", "")),
        )

    def _take_pace(self, told: Mapping[str, object]) -> None:
        pace = told.get("heartbeat_s")
        if isinstance(pace, int | float) and 0.01 <= pace <= 600:
            self._beat_s = float(pace)

    def _may_pass(self, error: RefusedError) -> bool:
        self._names_tried += 1
        return error.code == "name_taken" and self._names_tried < NAME_TRIES

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._say(f"{trouble}; trying again")

    def _all_well(self) -> None:
        self._trouble = ""


def _reason(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error.strerror or str(error.os_error)
    return str(error) or type(error).__name__
