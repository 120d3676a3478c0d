"""Open a deployment of any provider: a row of the catalogue, any-llm, or a plug-in."""

from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Final

from blindarena.bootstrap.doors import openai_doors
from blindarena.errors import ConfigError
from blindarena.gateway.calls import Upstream
from blindarena.gateway.catalog import Provider, load_catalog, provider_named
from blindarena.gateway.ports import ChatModel
from blindarena.gateway.prices import Price
from blindarena.gateway.providers.anthropic import AnthropicUpstream
from blindarena.gateway.providers.gemini import GeminiUpstream
from blindarena.gateway.providers.plugins import find_plugin, open_plugin, plugin_names
from blindarena.settings import Deployment

if TYPE_CHECKING:
    import aiohttp

ANY_LLM: Final = "any-llm"
COMPATIBLE: Final = "openai-compatible"


@dataclass(frozen=True, slots=True)
class Host:
    """What `provider` of a deployment names.

    Attributes:
        row: of the catalogue, if it is one.
        plugin: the entry point of another package, if it is one.
        base_url: of the deployment, else of the row; None where the plug-in or any-llm knows it.
    """

    row: Provider | None
    plugin: EntryPoint | None
    base_url: str | None


def host_of(name: str, table: Deployment) -> Host:
    """Look up the provider of a deployment.

    Args:
        name: of the deployment, for errors.
        table: its settings.

    Raises:
        ConfigError: an unknown provider, a missing address, options that nobody reads.
    """
    provider = table.provider or ""
    row = load_catalog().get(provider)
    plugin = None
    if row is None and provider not in (COMPATIBLE, ANY_LLM):
        plugin = find_plugin(provider)
        if plugin is None:
            raise _unknown(name, provider)
    if table.options and plugin is None:
        raise ConfigError(f"deployments.{name}: options: only the provider of a plug-in has any")
    base_url = table.base_url or (row.base_url if row else None)
    if base_url is None and provider == COMPATIBLE:
        raise ConfigError(
            f'deployments.{name}: "openai-compatible" needs a "base_url", '
            'such as "http://127.0.0.1:8001/v1"'
        )
    return Host(row, plugin, base_url)


def provider_doors(
    *,
    name: str,
    table: Deployment,
    host: Host,
    http: "aiohttp.ClientSession",
    price: Price,
    key: str | None,
) -> tuple[ChatModel, Upstream]:
    """Return both doors of a deployment.

    Raises:
        ConfigError: the address, the key or the model cannot be used; a package is missing.
    """
    row, base_url = host.row, host.base_url
    if host.plugin is not None:
        return open_plugin(
            host.plugin,
            name=name,
            http=http,
            model=table.model,
            price=price,
            key=key,
            base_url=base_url,
            options=table.options,
        )
    if base_url is None or table.provider == ANY_LLM:
        from blindarena.gateway.providers.any_llm import AnyLLM

        exotic = AnyLLM(name=name, model=table.model, price=price, key=key, base_url=base_url)
        return exotic, exotic
    if row is None or row.protocol == "openai":
        return openai_doors(
            name=name,
            http=http,
            base_url=base_url,
            model=table.model,
            price=price,
            key=key,
            row=row,
        )
    kind = AnthropicUpstream if row.protocol == "anthropic" else GeminiUpstream
    native = kind(
        name=name,
        http=http,
        base_url=base_url,
        model=table.model,
        price=price,
        key=key,
        organization=row.organization,
    )
    return native, native


def title_of(table: Deployment, host: Host) -> str:
    """Return who receives what is sent, for people."""
    if host.row is not None:
        return host.row.title
    if table.provider == ANY_LLM:
        return f"{table.model.partition(':')[0]} (through any-llm)"
    return host.base_url or f"the plug-in {table.provider}"


def _unknown(name: str, provider: str) -> ConfigError:
    """Say which providers there are, those of plug-ins too."""
    try:
        provider_named(provider)
    except ConfigError as error:
        offered = plugin_names()
        plugins = f"plug-ins installed: {', '.join(offered)}" if offered else "no plug-in installed"
        what = f"{error}; a plug-in of that name is not installed ({plugins})"
        return ConfigError(f"deployments.{name}: {what}")
    raise AssertionError(provider)
