"""Lets requests in: who asks, for which model, and within which limits.

A limit is counted in the database for all processes together. So that a request need not wait for
it, each process takes slices of what is left and serves requests from them; as the limit comes
near, slices shrink to what single requests need. Every second a process reports what it spent and
gives back what it will not need soon.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from uuid import UUID

from blindarena.errors import StorageError
from blindarena.gateway.limits import refusals
from blindarena.gateway.limits.keyring import PATIENCE_S, Entry, Keyring
from blindarena.gateway.limits.meters import MONEY, Amounts
from blindarena.gateway.limits.ports import CounterStore, KeyStore
from blindarena.gateway.limits.purse import Purse, Reservation, Unlimited, nano
from blindarena.gateway.limits.secrets import PREFIX, secret_hash
from blindarena.gateway.ports import Admission, Estimate

log = logging.getLogger("blindarena.gateway")

LEASE_S = 15.0
"""After so long without a report what a process holds goes back: it was killed, or cut off."""
SKEW_S = 5.0
"""So much earlier a process stops using what it holds: clocks differ."""
_TRIES = 10
_PURGE_AFTER = timedelta(days=40)  # longer than any period


class KeyDoorkeeper:
    """The Doorkeeper on stored keys and counters.

    Args:
        keys: the stored keys.
        counters: what is counted for all processes.
        holder: names this run of this process.
        clock: seconds since 1970.
        required: refuse requests without a key. Where it is False, a secret that does not look
            like one of ours is as good as none; SDKs insist on sending some.
    """

    def __init__(
        self,
        keys: KeyStore,
        counters: CounterStore,
        *,
        holder: UUID,
        clock: Callable[[], float],
        required: bool = True,
    ) -> None:
        self._ring = Keyring(keys, clock=clock)
        self._counters = counters
        self._holder = holder
        self._clock = clock
        self._required = required
        self._anyone = Unlimited(None)

    async def admit(self, secret: str | None, *, model: str, estimate: Estimate) -> Admission:
        """Let a request in; see `Doorkeeper`."""
        entry = await self._entry(secret)
        if entry is None:
            return self._anyone
        if entry.models is not None and model not in entry.models:
            raise refusals.forbidden_model(entry.key.name, model)
        purse = entry.purse
        if not purse.meters:
            return entry.unlimited
        cost = estimate.cost_usd
        if cost is None:
            if any(meter.what == MONEY for meter in purse.meters):
                raise refusals.unknown_price(entry.key.name, model)
            cost = 0.0
        amounts = (1, estimate.tokens, nano(cost))
        reserved = purse.reserve(self._clock(), amounts)
        if reserved is not None:
            return reserved
        return await self._wait(entry, amounts)

    async def allowed(self, secret: str | None) -> frozenset[str] | None:
        """Return the models that a key may use; see `Doorkeeper`."""
        entry = await self._entry(secret)
        return None if entry is None else entry.models

    async def refresh(self) -> None:
        """Read again the keys in use; one that was revoked is refused from now on."""
        await self._ring.refresh()

    async def report(self) -> None:
        """Write what was spent, and give back what is not needed, of every key in use."""
        purses = [e.purse for e in self._ring.entries() if e.purse.meters]
        # One that is being asked for has its rows written by that, and comes next time.
        await self._report([purse for purse in purses if not purse.lock.locked()])

    async def purge(self) -> None:
        """Delete counters of periods that are over."""
        now = datetime.fromtimestamp(self._clock(), UTC)
        await self._counters.purge(before=now - _PURGE_AFTER)

    async def close(self) -> None:
        """Write what was spent and give everything back; nothing is admitted afterwards."""
        for entry in self._ring.entries():
            entry.purse.empty()
        await self._report([e.purse for e in self._ring.entries() if e.purse.meters])

    async def _entry(self, secret: str | None) -> Entry | None:
        if not secret:
            if self._required:
                raise refusals.no_key()
            return None
        digest = secret_hash(secret)
        now = self._clock()
        entry = self._ring.known(digest, now)
        if entry is None:
            try:
                entry = await self._ring.find(secret, digest)
            except StorageError as error:
                log.error("keys cannot be read: %s", error)
                raise refusals.unreachable() from error
            if entry is None:
                if self._required or secret.startswith(PREFIX):
                    raise refusals.unknown_key()
                return None
        if entry.key.revoked_at is not None:
            raise refusals.revoked_key(entry.key.name)
        if entry.ends is not None and now >= entry.ends:
            raise refusals.expired_key(entry.key.name, entry.ends)
        return entry

    async def _wait(self, entry: Entry, amounts: Amounts) -> Reservation:
        self._refuse(entry, amounts)
        taking = asyncio.ensure_future(self._take(entry, amounts))
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await asyncio.shield(taking)
        except TimeoutError as error:
            taking.add_done_callback(_cancel)
            log.error("limits cannot be checked: no answer within %g s", PATIENCE_S)
            raise refusals.unreachable() from error
        except asyncio.CancelledError:
            taking.add_done_callback(_cancel)
            raise

    async def _take(self, entry: Entry, amounts: Amounts) -> Reservation:
        for _ in range(_TRIES):
            reserved = await self._ask(entry, amounts)
            if reserved is not None:
                return reserved
            # There was no room, or the minute ended, or another request took what was free here
            # while the database was asked for the rest.
        self._refuse(entry, amounts)
        raise refusals.limit_reached(entry.key.name, entry.purse.meters[0], 1.0)

    async def _ask(self, entry: Entry, amounts: Amounts) -> Reservation | None:
        purse = entry.purse
        async with purse.lock:
            # Those before us in the queue may have brought enough for all, or found no room.
            reserved = purse.reserve(self._clock(), amounts)
            if reserved is not None:
                return reserved
            self._refuse(entry, amounts)
            now = self._clock()
            asks = purse.asks(now, amounts)
            at = datetime.fromtimestamp(now, UTC)
            try:
                taken = await self._counters.take(
                    purse.key_id, self._holder, asks, now=at, until=at + timedelta(seconds=LEASE_S)
                )
            except StorageError as error:
                log.error("limits cannot be checked: %s", error)
                raise refusals.unreachable() from error
            purse.receive(asks, taken, now=now, until=now + LEASE_S - SKEW_S)
            return purse.reserve(self._clock(), amounts)

    def _refuse(self, entry: Entry, amounts: Amounts) -> None:
        """Raise what is known without asking the database."""
        now = self._clock()
        longest, full = -1.0, None
        for meter in entry.purse.meters:
            amount = amounts[meter.what]
            if amount > meter.limit:
                raise refusals.too_large(entry.key.name, meter, amount)
            seconds = meter.wait(amount, now)
            if seconds is not None and seconds > longest:
                longest, full = seconds, meter
        if full is not None:
            raise refusals.limit_reached(entry.key.name, full, longest)

    async def _report(self, purses: list[Purse]) -> None:
        async with AsyncExitStack() as locks:
            for purse in purses:
                await locks.enter_async_context(purse.lock)
            await self._write(purses)

    async def _write(self, purses: list[Purse]) -> None:
        now = self._clock()
        changed = [(purse, shares) for purse in purses if (shares := purse.tick(now))]
        if not changed:
            return
        until = datetime.fromtimestamp(now, UTC) + timedelta(seconds=LEASE_S)
        try:
            rows = [row for _, shares in changed for row in shares]
            await self._counters.report(self._holder, rows, until=until)
        except BaseException:
            for purse, _ in changed:
                purse.dirty = True
            raise
        for purse, _ in changed:
            if purse.until:
                purse.until = now + LEASE_S - SKEW_S


def _cancel(taking: "asyncio.Future[Reservation]") -> None:
    """Give back what came for a client that has left."""
    if not taking.cancelled() and taking.exception() is None:
        taking.result().cancel()
