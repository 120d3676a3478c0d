"""The models of a router: which deployments each has at this moment."""

from collections.abc import Mapping, Sequence

from blindarena.gateway.prices import Price
from blindarena.gateway.routing.entry import Entry
from blindarena.gateway.routing.routes import ModelRoute, chain, check_routes


class Models:
    """Models that are told, and deployments that no model contains, under their own name.

    Args:
        entries: the router's deployments, by name; whoever adds or removes one calls `changed`.
    """

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = entries
        self._routes: dict[str, ModelRoute] = {}
        self._chains: dict[str, Sequence[str]] = {}

    @property
    def routes(self) -> Mapping[str, ModelRoute]:
        """The models that were told last."""
        return self._routes

    def tell(self, routes: Mapping[str, ModelRoute]) -> None:
        """Say which models there are.

        Raises:
            ConfigError: fallbacks that lead back to where they began; nothing is changed.
        """
        check_routes(routes)
        self._routes = dict(routes)
        self.changed()

    def changed(self) -> None:
        """Say that a deployment has come, gone, or got an upstream."""
        self._chains.clear()

    def names(self) -> list[str]:
        """Return the models told, then the deployments in none of them."""
        return [*self._routes, *self._own_names()]

    def chain(self, model: str) -> Sequence[str]:
        """Return a model and its fallbacks, nearest first; none for a name that is no model."""
        names = self._chains.get(model)
        if names is None:
            names = chain(model, self._routes, self._own_names())
            if names:  # names that clients make up are not kept
                self._chains[model] = names
        return names

    def hashes_prefixes(self, model: str) -> bool:
        """Say whether requests for it go by their prefix."""
        route = self._routes.get(model)
        return route is not None and route.routing == "prefix"

    def entries(self, model: str) -> list[Entry]:
        """Return the deployments of one model of a chain that are here, with an upstream."""
        route = self._routes.get(model)
        entries = self._entries
        return [
            entry
            for name in (route.deployments if route is not None else (model,))
            if (entry := entries.get(name)) is not None and entry.upstream is not None
        ]

    def prices(self, model: str) -> list[Price]:
        """Return the prices of all deployments that may answer for a model."""
        return [
            entry.upstream.price
            for name in self.chain(model)
            for entry in self.entries(name)
            if entry.upstream is not None
        ]

    def _own_names(self) -> list[str]:
        within = {name for route in self._routes.values() for name in route.deployments}
        return [
            name
            for name, entry in self._entries.items()
            if entry.upstream is not None and name not in within and name not in self._routes
        ]
