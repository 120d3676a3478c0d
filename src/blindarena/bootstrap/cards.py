"""What the owner sees of a deployment, and who receives what is sent there."""

from dataclasses import dataclass

from blindarena.demo.live import THIS_MACHINE
from blindarena.domain.arenas import Recipient
from blindarena.gateway.catalog import Provider
from blindarena.gateway.prices import Price
from blindarena.settings import Deployment

HERE = "this machine"


@dataclass(frozen=True, slots=True)
class DeploymentCard:
    """What the owner sees of a deployment, and who receives what is sent there."""

    name: str
    kind: str
    model: str
    base_url: str | None
    price: str | None
    runs_at: str
    recipient: Recipient | None


def hosted_card(
    name: str,
    deployment: Deployment,
    *,
    row: Provider | None,
    title: str,
    base_url: str | None,
    price: Price,
) -> DeploymentCard:
    """Return the card of a deployment at a provider, or at an address of the owner's."""
    region = deployment.region or (row.region if row else None)
    local = row is not None and row.local
    trains_on_data = deployment.trains_on_data
    if trains_on_data is None and row is not None:
        trains_on_data = row.trains_on_data
    recipient = Recipient(
        name=title,
        region=region,
        retention=deployment.retention or (row.retention if row else None),
        trains_on_data=trains_on_data,
    )
    return DeploymentCard(
        name=name,
        kind=deployment.provider or "",
        model=deployment.model,
        base_url=base_url,
        price=price.label,
        runs_at=HERE if local else ", ".join(filter(None, (title, region))),
        recipient=THIS_MACHINE if local else recipient,
    )
