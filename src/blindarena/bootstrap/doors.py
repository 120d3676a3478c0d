"""Settings of the gateway made real: a router, its models, and deployments with both doors."""

from collections.abc import Mapping
from typing import cast

import aiohttp

from blindarena.gateway.calls import Upstream
from blindarena.gateway.catalog import Provider
from blindarena.gateway.ports import ChatModel
from blindarena.gateway.prices import Price, TokenPrice, price_of
from blindarena.gateway.providers.from_chat_model import FromChatModel
from blindarena.gateway.providers.openai_compatible import OpenAICompatible
from blindarena.gateway.providers.translated import TranslatedFromMessages
from blindarena.gateway.relay.openai_upstream import OpenAIUpstream
from blindarena.gateway.router import ModelRoute, Router
from blindarena.settings import Deployment
from blindarena.settings.gateway import Gateway, Model


def router_of(gateway: Gateway) -> Router:
    """Return an empty router that goes by the settings."""
    return Router(
        retries=gateway.retries,
        queue_timeout_s=gateway.queue_timeout_s,
        failures_to_open=gateway.failures_to_open,
        open_s=gateway.open_s,
    )


def routes_of(models: Mapping[str, Model]) -> dict[str, ModelRoute]:
    """Return the tables `[models.NAME]` as the router takes them."""
    return {
        name: ModelRoute(table.deployments, table.fallbacks, table.routing)
        for name, table in models.items()
    }


def put_both(
    router: Router,
    name: str,
    model: ChatModel,
    table: Deployment,
    *,
    upstream: Upstream | None = None,
) -> None:
    """Put a deployment into the router: for arena and judges, and for `/v1`.

    Args:
        router: takes it.
        name: the deployment.
        model: answers in process.
        table: its weight and limits.
        upstream: takes the calls of `/v1`; without, the model does, if need be translated.
    """
    router.put(name, model)
    router.put_upstream(
        name,
        upstream or _as_upstream(model),
        weight=table.weight,
        max_concurrent=table.max_concurrent,
        queue=table.queue,
    )


def openai_doors(
    *,
    name: str,
    http: aiohttp.ClientSession,
    base_url: str,
    model: str,
    price: Price,
    key: str | None = None,
    row: Provider | None = None,
) -> tuple[OpenAICompatible, Upstream]:
    """Return both doors of a host that speaks OpenAI's format.

    Raises:
        ConfigError: the base URL or the key cannot be used.
    """
    quirks = row.quirks if row else None
    adapter = OpenAICompatible(
        name=name,
        http=http,
        base_url=base_url,
        model=model,
        price=price,
        key=key,
        organization=row.organization if row else None,
        quirks=quirks,
    )
    upstream = OpenAIUpstream(
        name=name, http=http, base_url=base_url, model=model, price=price, key=key, quirks=quirks
    )
    return adapter, TranslatedFromMessages(upstream, top_k=row is not None and row.local)


def price_for(row: Provider | None, table: Deployment) -> Price:
    """Return the price of a deployment: the owner's, else the list's."""
    own = None
    if table.input_price is not None and table.output_price is not None:
        own = TokenPrice(table.input_price, table.output_price)
    return price_of(row, table.model, own=own, cost_per_hour=table.cost_per_hour)


def _as_upstream(model: ChatModel) -> Upstream:
    if hasattr(model, "send") and hasattr(model, "price"):
        return cast("Upstream", model)
    return FromChatModel(model)
