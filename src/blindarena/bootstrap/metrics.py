"""What `/metrics` tells, and to whom."""

import asyncio
import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from blindarena import __version__
from blindarena.bootstrap.gateway_keys import KeyringDesk
from blindarena.bootstrap.telemetry import Providers
from blindarena.bootstrap.workers import WorkerDesk
from blindarena.errors import ConfigError
from blindarena.gateway.router import Router
from blindarena.gateway.telemetry.exposition import Snapshot, render
from blindarena.gateway.telemetry.watch import Watch
from blindarena.settings.gateway import Gateway

SHORTEST_TOKEN = 16


class Begins(Protocol):
    """What counts battles."""

    begun: Counter[str]


class Stores(Protocol):
    """What counts votes."""

    stored: Counter[str]


class MetricsDesk:
    """Collects what this process has counted.

    Args:
        settings: `[gateway]`.
        router: knows the deployments.
        watch: has counted the requests.
        keyring: writes usage.
        workers: those that have joined.
        providers: who is behind each deployment.
        environ: has the token.

    Raises:
        ConfigError: the token cannot be used.
    """

    def __init__(
        self,
        settings: Gateway,
        *,
        router: Router,
        watch: Watch,
        keyring: KeyringDesk,
        workers: WorkerDesk,
        providers: Providers,
        environ: Mapping[str, str],
    ) -> None:
        self.access = settings.metrics
        self._token = _token(settings, environ)
        self._router = router
        self._watch = watch
        self._keyring = keyring
        self._workers = workers
        self._providers = providers
        self._battles: tuple[Begins, ...] = ()
        self._votes: tuple[Stores, ...] = ()
        self._rendering = asyncio.Lock()

    @property
    def has_token(self) -> bool:
        """Whether there is a token that lets in from anywhere."""
        return self._token is not None

    def is_token(self, secret: str | None) -> bool:
        """Compare a token, in a time that does not depend on it."""
        if self._token is None or secret is None:
            return False
        given = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
        return hmac.compare_digest(given, self._token)

    def count_arena(self, battles: Begins, *votes: Stores) -> None:
        """Tell of battles and votes too."""
        self._battles, self._votes = (battles,), votes

    async def page(self, *, accept: str) -> tuple[bytes, str]:
        """Return the page and its content type; written beside the event loop, one at a time."""
        async with self._rendering:
            return await asyncio.to_thread(render, self.snapshot(), accept=accept)

    def snapshot(self) -> Snapshot:
        """Return everything that is counted, at this moment."""
        counts = self._watch.counts
        answered = counts.answered()
        outcomes = counts.outcomes()
        known = {deployment for _, deployment, _ in answered}
        known |= {outcome.deployment for outcome in outcomes}
        return Snapshot(
            version=__version__,
            outcomes=outcomes,
            answered=answered,
            refusals=counts.refusals(),
            deployments=self._router.states(),
            providers={name: self._providers.name(name) for name in known},
            fallbacks=self._router.fallbacks(),
            usage=self._keyring.usage_rows,
            log_dropped=self._watch.log.dropped if self._watch.log is not None else 0,
            workers=self._workers.routing.models() if self._workers.enabled else None,
            arena=self._arena(),
        )

    def _arena(self) -> Mapping[str, tuple[int, int]] | None:
        if not self._battles:
            return None
        begun = sum((counter.begun for counter in self._battles), Counter())
        stored = sum((counter.stored for counter in self._votes), Counter())
        return {slug: (begun[slug], stored[slug]) for slug in sorted(begun | stored)}


def _token(settings: Gateway, environ: Mapping[str, str]) -> bytes | None:
    source = settings.metrics_token
    if source is None:
        return None
    where = "gateway.metrics_token"
    if source.env is None:
        raise ConfigError(f'{where}: give {{ env = "NAME" }}; the vault has keys of providers only')
    if settings.metrics != "local":
        raise ConfigError(
            f'{where}: gateway.metrics = "{settings.metrics}" asks for no token; take one of the '
            'two out ("local" lets in this machine, and whoever has the token)'
        )
    token = environ.get(source.env, "")
    if len(token) < SHORTEST_TOKEN:
        raise ConfigError(
            f"{where}: the environment variable {source.env} has {len(token)} characters; set it "
            f"to at least {SHORTEST_TOKEN} random ones, such as those of `openssl rand -hex 24`"
        )
    return hashlib.sha256(token.encode()).digest()
