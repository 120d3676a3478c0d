"""What the configuration serves: models, their deployments, prices, and whether keys are there."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from blindarena.bootstrap.doctor import entered_keys
from blindarena.bootstrap.doors import price_for
from blindarena.bootstrap.engine_start import TITLES
from blindarena.bootstrap.provider_doors import host_of, title_of
from blindarena.settings import Deployment, Settings


@dataclass(frozen=True, slots=True)
class ListedDeployment:
    """A configured deployment.

    Attributes:
        provider: for people.
        model: its name there.
        price: for people; None where nobody knows it.
        key: "set", "not needed", or what is missing.
        models: under which names `/v1` serves it.
    """

    name: str
    provider: str
    model: str
    price: str | None
    key: str
    models: tuple[str, ...]


async def listed(
    settings: Settings, *, environ: Mapping[str, str] = os.environ
) -> list[ListedDeployment]:
    """Look at every deployment; nothing is started and nobody is asked.

    Raises:
        ConfigError: an unknown provider, or options that cannot be used.
    """
    entered = await entered_keys(settings)
    named: dict[str, list[str]] = {}
    for model, table in settings.models.items():
        for deployment in table.deployments:
            named.setdefault(deployment, []).append(model)
    return [
        _row(name, table, tuple(named.get(name, [name])), environ, entered)
        for name, table in settings.deployments.items()
    ]


def _row(
    name: str,
    table: Deployment,
    models: tuple[str, ...],
    environ: Mapping[str, str],
    entered: frozenset[str],
) -> ListedDeployment:
    if table.replay is not None:
        return ListedDeployment(name, "prepared answers", "", None, "not needed", models)
    if table.engine is not None:
        price = price_for(None, table).label
        return ListedDeployment(
            name, TITLES[table.engine], table.model, price, "not needed", models
        )
    host = host_of(name, table)
    return ListedDeployment(
        name=name,
        provider=title_of(table, host),
        model=table.model,
        price=price_for(host.row, table).label,
        key=_key(table, host.row.key_env if host.row else None, environ, entered),
        models=models,
    )


def _key(
    table: Deployment, usual: str | None, environ: Mapping[str, str], entered: frozenset[str]
) -> str:
    if table.key is not None and table.key.vault is not None:
        return "set" if table.key.vault in entered else f"{table.key.vault} is not entered yet"
    variable = table.key.env if table.key is not None else usual
    if variable is None:
        return "not needed"
    return "set" if environ.get(variable) else f"{variable} is not set"
