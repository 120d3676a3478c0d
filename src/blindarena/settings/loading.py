"""Reads `blindarena.toml` and `arenas/*.toml`; what is wrong is one line with the cure."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from blindarena.errors import ConfigError
from blindarena.settings.base import Section
from blindarena.settings.login import NO_PROVIDER, NO_PROVIDER_CURE
from blindarena.settings.meaning import meant
from blindarena.settings.models import check_models
from blindarena.settings.tables import ArenaFile, Settings

_T = TypeVar("_T", bound=Section)


def load_settings(path: Path, *, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read `blindarena.toml` and every `arenas/*.toml` beside it.

    `BLINDARENA_DATABASE_URL`, `BLINDARENA_HOST` and `BLINDARENA_PORT` win over the file.

    Raises:
        ConfigError: one line with file, key, value and cure.
    """
    path = path.resolve()
    settings = load_server(path, environ=environ)
    arenas = tuple(load_arena(file) for file in sorted((path.parent / "arenas").glob("*.toml")))
    _check_references(settings, arenas)
    return settings.model_copy(update={"arenas": arenas})


def load_server(path: Path, *, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read `blindarena.toml` alone, without the arenas beside it; see `load_settings`."""
    path = path.resolve()
    data = _read_toml(path)
    for reserved in ("arenas", "root"):
        if reserved in data:
            raise ConfigError(f'{path.name}: unknown key "{reserved}"; arenas are files in arenas/')
    server = dict(data.get("server", {})) if isinstance(data.get("server", {}), dict) else {}
    overrides = {
        "database": environ.get("BLINDARENA_DATABASE_URL"),
        "host": environ.get("BLINDARENA_HOST"),
        "port": environ.get("BLINDARENA_PORT"),
    }
    given = {key: value for key, value in overrides.items() if value}
    if given:
        data["server"] = server | given
    settings = _validate(Settings, data, path)
    check_models(settings, source=path.name)
    return settings.model_copy(update={"root": path.parent})


def load_arena(path: Path) -> ArenaFile:
    """Read one arena file; its slug is the file's name unless it says otherwise.

    Raises:
        ConfigError: one line with file, key, value and cure.
    """
    data = _read_toml(path)
    if "path" in data:
        raise ConfigError(f'{path.name}: unknown key "path"')
    data.setdefault("slug", path.stem)
    return _validate(ArenaFile, data, path).model_copy(update={"path": path})


def _check_references(settings: Settings, arenas: tuple[ArenaFile, ...]) -> None:
    known = list(settings.deployments)
    slugs: dict[str, Path] = {}
    for arena in arenas:
        if arena.slug in slugs:
            raise ConfigError(
                f'{arena.path.name}: slug "{arena.slug}" is also that of {slugs[arena.slug].name}'
            )
        slugs[arena.slug] = arena.path
        if arena.require_login and settings.login.oidc is None:
            raise ConfigError(f"{arena.path.name}: {NO_PROVIDER}; {NO_PROVIDER_CURE}")
        for contestant in arena.contestants:
            for name in contestant.where:
                if name not in known:
                    raise ConfigError(
                        f'{arena.path.name}: contestant "{contestant.name}" has the deployment '
                        f'"{name}", which blindarena.toml does not define; {meant(name, known)}'
                    )


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"{path} does not exist; `blindarena init` writes one, or name yours with --config"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} can't be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name}: not valid TOML: {error}") from error


def _validate(model: type[_T], data: Mapping[str, Any], path: Path) -> _T:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigError(f"{path.name}: {_first_problem(model, error)}") from error


def _first_problem(model: type[Section], error: ValidationError) -> str:
    """Say the first problem in one line: which key, which value, what to do."""
    problem, cure = problem_of(model, error.errors(include_url=False)[0])
    return f"{problem}; {cure}" if cure else problem


def problem_of(model: type[Section], found: ErrorDetails) -> tuple[str, str]:
    """Say in one line what is wrong, and in another what to do ("" where the first says it)."""
    where = dotted(found["loc"])
    if found["type"] == "extra_forbidden":
        known = _keys_at(model, found["loc"][:-1])
        return f'unknown key "{where}"', meant(str(found["loc"][-1]), known)
    if found["type"] == "missing":
        return f'the key "{where}" is missing', ""
    message = found["msg"].removeprefix("Value error, ")
    if found["type"] == "value_error":
        return (f"[{where}] {message}" if where else message), ""
    return f'"{where}" is {found["input"]!r:.200}: {message[:1].lower()}{message[1:]}', ""


def _keys_at(model: type[Section], loc: tuple[int | str, ...]) -> list[str]:
    """Return the known keys of a table."""
    here = model
    for part in loc:
        if isinstance(part, str) and part in here.model_fields:
            here = _section_in(here.model_fields[part].annotation) or here
    return [key for key in here.model_fields if key not in ("root", "path")]


def _section_in(annotation: object) -> type[Section] | None:
    """Return the table that an annotation is, or holds."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next(filter(None, map(_section_in, get_args(annotation))), None)


def dotted(loc: tuple[int | str, ...]) -> str:
    """Write where a key stands, lists counted from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in loc)
