"""Ask deployments for real: those of a configuration, or the models of a running gateway."""

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import aiohttp

from blindarena.bootstrap.beside import wait_until_loaded
from blindarena.bootstrap.fleet import Fleet
from blindarena.bootstrap.folders import data_folder, models_dir
from blindarena.bootstrap.judge_opening import enter_keys
from blindarena.bootstrap.plan import Plan
from blindarena.errors import ConfigError, ProviderError
from blindarena.gateway.catalog import check_base_url
from blindarena.gateway.http import open_session
from blindarena.gateway.prices import UnknownPrice
from blindarena.gateway.probe import Probed, probe
from blindarena.gateway.relay.openai_upstream import OpenAIUpstream

_LIST_S: Final = aiohttp.ClientTimeout(total=15.0)


async def ask_configured(
    plan: Plan, names: Sequence[str], *, environ: Mapping[str, str] = os.environ
) -> AsyncIterator[Probed]:
    """Ask deployments, one after the other, each for a reply and for a stream.

    Engines of ours are started for it. Prepared answers are passed over.

    Args:
        plan: the server's.
        names: of models or deployments; none asks all.
        environ: for keys.

    Raises:
        ConfigError: a name that is not configured.
    """
    chosen = _chosen(plan, names)
    small = replace(
        plan,
        arenas=(),
        deployments={name: plan.deployments[name] for name in chosen},
        replays={},
        settings=plan.settings.model_copy(update={"models": {}}),
    )
    fleet = Fleet(
        small, models_dir=models_dir(environ), log_dir=data_folder(plan) / "logs", environ=environ
    )
    try:
        await enter_keys(small, fleet, environ)
        await fleet.open()
        await wait_until_loaded(fleet, chosen)
        for name in chosen:
            status = fleet.router.statuses()[name]
            upstream = fleet.router.upstream(name)
            for stream in (False, True):
                if status.status != "ready" or upstream is None:
                    yield Probed(name, stream, 0.0, error=status.detail or status.status)
                else:
                    yield await probe(upstream, stream=stream)
    finally:
        await fleet.close()


async def ask_gateway(url: str, names: Sequence[str], *, key: str | None) -> AsyncIterator[Probed]:
    """Ask the models of a running gateway, one after the other.

    Args:
        url: its address, with or without `/v1`.
        names: of models; none asks all that the key may use.
        key: sent as a bearer token.

    Raises:
        ConfigError: the address or the key cannot be used.
        ProviderError: the gateway does not list its models.
    """
    base_url = check_base_url(url, where="--url").removesuffix("/v1") + "/v1"
    async with open_session() as http:
        for name in names or await _models(http, base_url, key):
            upstream = OpenAIUpstream(
                name=name, http=http, base_url=base_url, model=name, price=UnknownPrice(), key=key
            )
            for stream in (False, True):
                yield await probe(upstream, stream=stream)


def _chosen(plan: Plan, names: Sequence[str]) -> list[str]:
    found: list[str] = []
    models = plan.settings.models
    for name in names:
        if name not in models and name not in plan.deployments:
            known = ", ".join([*models, *plan.deployments]) or "none"
            raise ConfigError(f"no model or deployment {name!r} is configured; there are: {known}")
        found += models[name].deployments if name in models else (name,)
    asked = list(dict.fromkeys(found)) if names else list(plan.deployments)
    return [name for name in asked if plan.deployments[name].replay is None]


async def _models(http: aiohttp.ClientSession, base_url: str, key: str | None) -> list[str]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with http.get(
            f"{base_url}/models", headers=headers, timeout=_LIST_S, allow_redirects=False
        ) as reply:
            if reply.status == 401:
                raise ProviderError(
                    f"{base_url} does not take the key; name its variable with --key-env",
                    fault="auth",
                )
            if reply.status != 200:
                raise ProviderError(f"{base_url}/models: HTTP {reply.status}", fault="malformed")
            listed = await reply.json(content_type=None)
            return [str(row["id"]) for row in listed["data"]]
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise ProviderError(f"{base_url} cannot be reached: {error}", fault="refused") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ProviderError(f"{base_url}/models is no list of models", fault="malformed") from error
