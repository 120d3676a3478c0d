"""The gateway's parts in one place, as the routes under `/v1` use them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from blindarena.gateway.ports import Doorkeeper, Relays, UsageSink
from blindarena.settings.gateway import Gateway, Model


@dataclass(frozen=True, slots=True)
class GatewayDesk:
    """What `/v1` needs.

    Attributes:
        router: finds who answers.
        doorkeeper: knows keys and limits.
        usage: takes what was used.
        settings: `[gateway]`.
        models: `[models.NAME]`, by name.
    """

    router: Relays
    doorkeeper: Doorkeeper
    usage: UsageSink
    settings: Gateway
    models: Mapping[str, Model] = field(default_factory=dict)

    def by_prefix(self, model: str) -> bool:
        """Say whether requests for a model are routed by how they begin."""
        row = self.models.get(model)
        return row is not None and row.routing == "prefix"
