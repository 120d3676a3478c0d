"""Models that clients ask for: which deployments answer, and which models stand in."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from blindarena.errors import ConfigError

Routing = Literal["least_busy", "prefix"]


@dataclass(frozen=True, slots=True)
class ModelRoute:
    """Who answers for one model.

    Attributes:
        deployments: their names.
        fallbacks: models asked in this order when none of them can answer.
        routing: how one of them is chosen.
    """

    deployments: tuple[str, ...]
    fallbacks: tuple[str, ...] = ()
    routing: Routing = "least_busy"


def check_routes(routes: Mapping[str, ModelRoute], *, source: str = "models") -> None:
    """Refuse fallbacks that lead back to where they began.

    Args:
        routes: by model.
        source: the file, for the error.

    Raises:
        ConfigError: one line with the cycle.
    """
    done: set[str] = set()
    for model in routes:
        if cycle := _cycle(model, routes, (), done):
            raise ConfigError(
                f'{source}: the fallbacks of "{cycle[0]}" lead back to it: '
                f"{' -> '.join(cycle)}; take one of them out"
            )


def chain(model: str, routes: Mapping[str, ModelRoute], served: Collection[str]) -> list[str]:
    """Return a model and those that stand in for it, each once, nearest first.

    Args:
        model: as the client named it.
        routes: by model.
        served: names beside `routes` that can be asked: deployments under their own name.
    """
    found: dict[str, None] = {}
    _follow(model, routes, served, found)
    return list(found)


def _follow(
    model: str, routes: Mapping[str, ModelRoute], served: Collection[str], found: dict[str, None]
) -> None:
    if model in found or not (model in routes or model in served):
        return
    found[model] = None
    for name in routes[model].fallbacks if model in routes else ():
        _follow(name, routes, served, found)


def _cycle(
    model: str, routes: Mapping[str, ModelRoute], path: tuple[str, ...], done: set[str]
) -> tuple[str, ...]:
    """Return the first cycle that is met from a model on, its ends the same; () is none."""
    if model in path:
        return (*path[path.index(model) :], model)
    if model in done or model not in routes:
        return ()
    for name in routes[model].fallbacks:
        if cycle := _cycle(name, routes, (*path, model), done):
            return cycle
    done.add(model)
    return ()
