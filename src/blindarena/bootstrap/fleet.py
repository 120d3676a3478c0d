"""Deployments made real: adapters in the router, engines supervised, models pulled."""

import asyncio
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from blindarena.bootstrap.cards import HERE, DeploymentCard, hosted_card
from blindarena.bootstrap.doors import openai_doors, price_for, put_both, router_of, routes_of
from blindarena.bootstrap.engine_start import TITLES, engine_of, engine_row, launch_of
from blindarena.bootstrap.moderation import moderation_recipient
from blindarena.bootstrap.plan import Plan
from blindarena.bootstrap.provider_doors import host_of, provider_doors, title_of
from blindarena.bootstrap.replays import Replays, with_redacted
from blindarena.demo.live import THIS_MACHINE
from blindarena.domain.arenas import Contestant, Recipient
from blindarena.engines.models import resolve_model
from blindarena.engines.pull import pull_model
from blindarena.engines.supervisor import Engine, EngineStatus
from blindarena.engines.threads import available_cores, thread_budget
from blindarena.errors import BlindArenaError, ConfigError
from blindarena.gateway.catalog import Provider
from blindarena.gateway.health import HealthWatch, models_question
from blindarena.gateway.http import open_session
from blindarena.gateway.prices import Price
from blindarena.gateway.providers.openai_compatible import OpenAICompatible
from blindarena.gateway.replay import ReplayModel
from blindarena.settings import Deployment

if TYPE_CHECKING:
    import aiohttp

__all__ = ["DeploymentCard", "Fleet"]
log = logging.getLogger("blindarena.fleet")


class Fleet:
    """Opens every deployment of a plan and keeps the router told.

    Args:
        plan: what to open.
        models_dir: where model files lie.
        log_dir: where engines write their logs.
        environ: for keys and the package index.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        models_dir: Path,
        log_dir: Path | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.router = router_of(plan.settings.gateway)
        self.cards: dict[str, DeploymentCard] = {}
        self.prices: dict[str, Price] = {}
        self._plan = plan
        self.replays: Replays = plan.replays
        self._tables: dict[str, Deployment] = dict(plan.deployments)
        self._models_dir = models_dir
        self._log_dir = log_dir
        self._environ = environ
        self._entered: dict[str, str] = {}
        self._http: aiohttp.ClientSession | None = None
        self._engine_http: aiohttp.ClientSession | None = None
        self._engines: dict[str, Engine] = {}
        self._pulls: dict[str, asyncio.Task[None]] = {}
        self._health = HealthWatch(self.router, interval_s=plan.settings.gateway.health_interval_s)

    async def open(self, *, engines: bool = True) -> None:
        """Put every deployment into the router; engines load in the background.

        Args:
            engines: start local models; without, nobody can ask them.

        Raises:
            ConfigError: an unknown provider, an unusable address, an unreadable model file.
        """
        self.router.set_models(routes_of(self._plan.settings.models))
        self._http = open_session()
        self._engine_http = open_session(reuse=False)
        local = [d for d in self._plan.deployments.values() if d.engine == "llamacpp"]
        threads = thread_budget(available_cores(), len(local))
        self.replays = await asyncio.to_thread(with_redacted, self._plan)
        for name, deployment in self._plan.deployments.items():
            if deployment.replay is not None:
                model = ReplayModel(name=name, answers=self.replays[name])
                put_both(self.router, name, model, deployment)
                self.cards[name] = DeploymentCard(
                    name, "replay", "prepared answers", None, None, HERE, None
                )
            elif deployment.engine is not None:
                await self._open_engine(name, deployment, threads, start=engines)
            else:
                self._open_provider(name, deployment)

    def use_key(self, name: str, value: str | None) -> list[str]:
        """Take a key of the vault, or None for no longer; deployments that are open use it at once.

        Returns:
            The names of the deployments that it is for.
        """
        if value is None:
            self._entered.pop(name, None)
        else:
            self._entered[name] = value
        found = [
            (deployment, table)
            for deployment, table in self._tables.items()
            if table.key is not None and table.key.vault == name
        ]
        for deployment, table in found:
            if self._http is not None:
                self._open_provider(deployment, table)
        return [deployment for deployment, _ in found]

    def put_hosted(self, name: str, deployment: Deployment) -> None:
        """Add a deployment of a provider, or change it; requests that have begun go on.

        Raises:
            ConfigError: it is none of a provider, or cannot be used; nothing is changed.
        """
        if deployment.provider is None:
            raise ConfigError(f'deployments.{name}: give "provider" to add it to a running server')
        self._open_provider(name, deployment)
        self._tables[name] = deployment

    async def remove(self, name: str) -> bool:
        """Give a deployment nothing new, wait for what runs (`gateway.drain_s`), and remove it.

        Returns:
            Whether everything ended in time; what has not goes on, but for a local engine's.
        """
        ended = await self.router.drain(name, self._plan.settings.gateway.drain_s)
        self._health.unwatch(name)
        if (pull := self._pulls.pop(name, None)) is not None:
            pull.cancel()
            await asyncio.gather(pull, return_exceptions=True)
        if (engine := self._engines.pop(name, None)) is not None:
            await engine.stop()
        self.router.drop(name)
        for known in (self.cards, self.prices, self._tables):
            known.pop(name, None)
        return ended

    async def close(self) -> None:
        """Stop pulls and engines, close connections."""
        await self._health.close()
        for pull in self._pulls.values():
            pull.cancel()
        await asyncio.gather(*self._pulls.values(), return_exceptions=True)
        stopping = [engine.stop() for engine in self._engines.values()]
        await asyncio.gather(*stopping, return_exceptions=True)
        for session in (self._http, self._engine_http):
            if session is not None:
                await session.close()

    def recipients(self, contestants: list[Contestant]) -> tuple[Recipient, ...]:
        """Return everybody outside this machine whom these contestants may send a prompt to."""
        cards = [self.cards[n] for c in contestants for n in c.deployments if n in self.cards]
        found = {card.recipient for card in cards if card.recipient}
        moderates = moderation_recipient(self._plan.settings.moderation)
        if found and moderates is not None:  # prepared answers are asked of nobody
            found.add(moderates)
        return tuple(sorted(found, key=repr))

    def _open_provider(self, name: str, deployment: Deployment) -> None:
        host = host_of(name, deployment)
        row = host.row
        price = price_for(row, deployment)
        key, missing = self._key(deployment, row)
        adapter, upstream = provider_doors(
            name=name, table=deployment, host=host, http=_opened(self._http), price=price, key=key
        )
        put_both(self.router, name, adapter, deployment, upstream=upstream)
        self.prices[name] = price
        self._health.unwatch(name)
        # A host of somebody else's is not asked unasked.
        if isinstance(adapter, OpenAICompatible) and (row is None or row.local):
            ask = models_question(
                name=name, http=_opened(self._http), base_url=adapter.base_url, key=key
            )
            self._health.watch(name, ask)
        if missing:
            self.router.set_status(name, "down", missing)
        self.cards[name] = hosted_card(
            name,
            deployment,
            row=row,
            title=title_of(deployment, host),
            base_url=host.base_url,
            price=price,
        )

    async def _open_engine(
        self, name: str, deployment: Deployment, threads: int, *, start: bool
    ) -> None:
        price = self.prices[name] = price_for(None, deployment)
        kind = TITLES[deployment.engine or "llamacpp"]
        self.cards[name] = DeploymentCard(
            name, kind, deployment.model, None, price.label, HERE, THIS_MACHINE
        )
        # The real address comes once the engine listens; until then nothing is sent.
        self._put_engine(name, deployment, "http://127.0.0.1:9/v1", price)
        if not start:
            self.router.set_status(name, "down", "not started")
            return
        if deployment.engine != "llamacpp":  # it knows itself where its models are
            await self._start_engine(name, deployment, None, threads, price)
            return
        path = resolve_model(deployment.model, models_dir=self._models_dir)
        if path is not None:
            await self._start_engine(name, deployment, path, threads, price)
        elif self._plan.pull:
            self.router.set_status(name, "loading", "waiting for the model file")
            pull = self._pull(name, deployment, threads, price)
            self._pulls[name] = asyncio.create_task(pull)
        else:
            self.router.set_status(
                name, "down", f"not pulled yet: run `blindarena models pull {deployment.model}`"
            )

    async def _pull(self, name: str, deployment: Deployment, threads: int, price: Price) -> None:
        def told(done: int, total: int | None) -> None:
            share = f"{100 * done // total} %" if total else f"{done // 1_000_000} MB"
            self.router.set_status(name, "loading", f"fetching the model: {share}")

        try:
            path = await pull_model(
                deployment.model,
                models_dir=self._models_dir,
                env=self._environ,
                progress=told,
            )
            await self._start_engine(name, deployment, path, threads, price)
        except BlindArenaError as error:
            log.warning("deployment %s: %s", name, error)
            self.router.set_status(name, "down", str(error))

    async def _start_engine(
        self, name: str, deployment: Deployment, path: Path | None, threads: int, price: Price
    ) -> None:
        launch = launch_of(name, deployment, path, threads)

        def told(status: EngineStatus, detail: str, base_url: str | None) -> None:
            if base_url is not None:
                self._put_engine(name, deployment, base_url, price, key=launch.key)
            self.router.set_status(name, status, detail)

        log_path = self._log_dir / f"engine-{name}.log" if self._log_dir else None
        engine = engine_of(
            name, deployment.engine, launch=launch, on_status=told, log_path=log_path
        )
        self._engines[name] = engine
        self.router.set_status(name, "loading", "starting")
        await engine.start()

    def _put_engine(
        self, name: str, deployment: Deployment, url: str, price: Price, *, key: str | None = None
    ) -> None:
        is_llamacpp = deployment.engine == "llamacpp"
        adapter, upstream = openai_doors(
            name=name,
            http=_opened(self._engine_http if is_llamacpp else self._http),
            base_url=url,
            model=name,
            price=price,
            key=key,
            row=engine_row(deployment.engine),
        )
        put_both(self.router, name, adapter, deployment, upstream=upstream)

    def _key(self, deployment: Deployment, row: Provider | None) -> tuple[str | None, str | None]:
        """Return the key, or what is missing of it."""
        if deployment.key is not None and deployment.key.vault is not None:
            name = deployment.key.vault
            key = self._entered.get(name)
            return key, None if key else f"the key {name} is not entered yet"
        variable = deployment.key.env if deployment.key else (row.key_env if row else None)
        if variable is None:
            return None, None
        key = self._environ.get(variable) or None
        return key, None if key else f"the environment variable {variable} is not set"


def _opened(session: "aiohttp.ClientSession | None") -> "aiohttp.ClientSession":
    if session is None:
        raise RuntimeError("the fleet is not open")
    return session
