"""Reads `blindarena.toml` and `arenas/*.toml`; what is wrong is one line with the cure."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from blindarena.errors import ConfigError
from blindarena.settings.tables import (
    ArenaFile,
    Contestant,
    Deployment,
    EnvKey,
    Limits,
    Privacy,
    Prompts,
    Section,
    Server,
    Settings,
)

_T = TypeVar("_T", bound=Section)


def load_settings(path: Path, *, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read `blindarena.toml` and every `arenas/*.toml` beside it.

    `BLINDARENA_DATABASE_URL`, `BLINDARENA_HOST` and `BLINDARENA_PORT` win over the file.

    Raises:
        ConfigError: one line with file, key, value and cure.
    """
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
    arenas = tuple(load_arena(file) for file in sorted((path.parent / "arenas").glob("*.toml")))
    _check_references(settings, arenas)
    return settings.model_copy(update={"arenas": arenas, "root": path.parent})


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
        for contestant in arena.contestants:
            for name in contestant.where:
                if name not in known:
                    raise ConfigError(
                        f'{arena.path.name}: contestant "{contestant.name}" has the deployment '
                        f'"{name}", which blindarena.toml does not define{_meant(name, known)}'
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
    first = error.errors(include_url=False)[0]
    where = _dotted(first["loc"])
    if first["type"] == "extra_forbidden":
        return (
            f'unknown key "{where}"{_meant(str(first["loc"][-1]), _keys_at(model, first["loc"]))}'
        )
    if first["type"] == "missing":
        return f'the key "{where}" is missing'
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "value_error":
        return f"[{where}] {message}" if where else message
    return f'"{where}" is {first["input"]!r}: {message[:1].lower()}{message[1:]}'


def _keys_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Return the known keys of the table in which the unknown key stands."""
    found: dict[str, Any] = {}
    tables: dict[str, type[Section]] = {
        "server": Server,
        "limits": Limits,
        "deployments": Deployment,
        "contestants": Contestant,
        "prompts": Prompts,
        "privacy": Privacy,
        "key": EnvKey,
    }
    found.update((tables.get(str(loc[0]), model) if len(loc) > 1 else model).model_fields)
    if len(loc) > 2 and str(loc[-2]) in tables:
        found = dict(tables[str(loc[-2])].model_fields)
    return [key for key in found if key not in ("root", "path")]


def _dotted(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in loc)


def _meant(key: str, known: list[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    if close:
        return f'; did you mean "{close[0]}"?'
    return f"; known: {', '.join(known)}" if known else "; none is defined"
