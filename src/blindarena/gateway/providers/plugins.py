"""Providers of other packages, found by the entry point group `blindarena.providers`.

A package that offers one writes in its pyproject.toml

    [project.entry-points."blindarena.providers"]
    ours = "our_package.models:open_model"

and a deployment with `provider = "ours"` is then opened by that function, a ProviderFactory.
"""

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Final, Protocol, cast

import aiohttp

from blindarena.errors import BlindArenaError, ConfigError
from blindarena.gateway.calls import Upstream
from blindarena.gateway.ports import ChatModel
from blindarena.gateway.prices import Price
from blindarena.gateway.providers.from_chat_model import FromChatModel

GROUP: Final = "blindarena.providers"
Option = str | int | float | bool


class ProviderFactory(Protocol):
    """Opens one deployment.

    What it returns has `name` and `stream`, as `blindarena.gateway.ports.ChatModel` says; it may
    have `price` and `send` too, as `blindarena.gateway.calls.Upstream` says, and then calls of
    `/v1` go there unchanged. Without `send`, text and pictures are passed to `stream`.
    """

    def __call__(
        self,
        *,
        name: str,
        http: aiohttp.ClientSession,
        model: str,
        key: str | None,
        base_url: str | None,
        options: Mapping[str, Option],
    ) -> ChatModel:
        """Return the model.

        Args:
            name: the deployment's, for errors and logs.
            http: shared with all deployments; it is closed at the end, not by the plug-in.
            model: as the deployment's table says.
            key: as the deployment's table says; None where it names none.
            base_url: as the deployment's table says.
            options: the deployment's table `options`, unchecked.

        Raises:
            ConfigError: an option or the address cannot be used.
        """
        ...


def plugin_names() -> list[str]:
    """Return the names of the providers that installed packages offer."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def find_plugin(name: str) -> EntryPoint | None:
    """Return the entry point of a provider; None where no installed package offers it.

    Raises:
        ConfigError: two packages offer one of that name.
    """
    found = tuple(entry_points(group=GROUP, name=name))
    if len({point.value for point in found}) > 1:
        values = ", ".join(sorted(point.value for point in found))
        raise ConfigError(f"provider {name!r}: several packages offer it ({values}): remove one")
    return found[0] if found else None


def open_plugin(
    point: EntryPoint,
    *,
    name: str,
    http: aiohttp.ClientSession,
    model: str,
    price: Price,
    key: str | None,
    base_url: str | None,
    options: Mapping[str, Option],
) -> tuple[ChatModel, Upstream]:
    """Open a deployment with a plug-in and return both doors.

    Args:
        point: of the plug-in.
        name: the deployment's, as all that follows.
        http: shared with all deployments.
        model: the upstream's name of the model.
        price: of the owner or the list; used where what the plug-in returns has none.
        key: the key, if there is one.
        base_url: the address, if there is one.
        options: what the plug-in alone reads.

    Raises:
        ConfigError: the plug-in cannot be imported or refuses, or returns something else.
    """
    where = f"deployment {name!r}: provider {point.name!r} ({point.value})"
    try:
        factory: ProviderFactory = point.load()
        opened = factory(
            name=name, http=http, model=model, key=key, base_url=base_url, options=options
        )
    except BlindArenaError:
        raise
    except Exception as error:  # foreign code may raise anything
        raise ConfigError(f"{where}: {type(error).__name__}: {error}") from error
    if not hasattr(opened, "stream") or not hasattr(opened, "name"):
        raise ConfigError(f"{where}: it returned {opened!r}, which has no `stream` and `name`")
    if hasattr(opened, "send") and hasattr(opened, "price"):
        return opened, cast("Upstream", opened)
    return opened, FromChatModel(opened, price=getattr(opened, "price", None) or price)
