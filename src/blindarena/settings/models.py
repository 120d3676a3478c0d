"""Check that `[models.NAME]` refers to what is there."""

from collections.abc import Iterator

from blindarena.errors import ConfigError
from blindarena.gateway.routing.routes import ModelRoute, check_routes
from blindarena.settings.meaning import meant
from blindarena.settings.tables import Settings


def check_models(settings: Settings, *, source: str) -> None:
    """Refuse models that cannot be served as they are written.

    Args:
        settings: with the deployments that they name.
        source: the file, for the error.

    Raises:
        ConfigError: the first problem, in one line.
    """
    for problem in _problems(settings):
        raise ConfigError(f"{source}: {problem}")
    routes = {
        name: ModelRoute(model.deployments, model.fallbacks)
        for name, model in settings.models.items()
    }
    check_routes(routes, source=source)


def _problems(settings: Settings) -> Iterator[str]:
    deployments = list(settings.deployments)
    within = {name for model in settings.models.values() for name in model.deployments}
    served = [*settings.models, *(name for name in deployments if name not in within)]
    for name, model in settings.models.items():
        for deployment in model.deployments:
            if deployment not in settings.deployments:
                yield (
                    f'the model "{name}" names the deployment "{deployment}", which is not '
                    f"defined; {meant(deployment, deployments)}"
                )
            if model.deployments.count(deployment) > 1:
                yield f'the model "{name}" names the deployment "{deployment}" twice; once will do'
        if name in settings.deployments and name not in model.deployments:
            yield (
                f'the model "{name}" is called like a deployment that it does not contain; '
                "rename one of them, or add the deployment to the model"
            )
        for fallback in model.fallbacks:
            if fallback not in served:
                yield (
                    f'the model "{name}" falls back to "{fallback}", which is no model; '
                    f"{meant(fallback, [other for other in served if other != name])}"
                )
