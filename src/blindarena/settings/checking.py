"""Every problem of an arena file at once, each with its line, for `check` and the owner's page."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from blindarena.errors import ArenaFileError, ConfigError, FileProblem
from blindarena.settings.lines import Location, key_lines, line_of
from blindarena.settings.loading import dotted, problem_of
from blindarena.settings.meaning import meant
from blindarena.settings.tables import ArenaFile

_AT = re.compile(r" \(at line (\d+), column \d+\)$")


def checked_arena(text: str, path: Path, *, deployments: Collection[str]) -> ArenaFile:
    """Take the text of an arena file.

    Args:
        text: what is, or is to be, in the file.
        path: the file; it need not exist yet.
        deployments: those that blindarena.toml defines.

    Raises:
        ArenaFileError: with every problem.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ArenaFileError([_not_toml(str(error), path)]) from error
    lines = key_lines(text)
    problems = []
    if "path" in data:
        line = line_of(lines, ("path",))
        problems.append(FileProblem(path.name, line, "path", None, 'unknown key "path"'))
        del data["path"]
    data.setdefault("slug", path.stem)
    try:
        arena = ArenaFile.model_validate(data)
    except ValidationError as error:
        for found in error.errors(include_url=False):
            problem, cure = problem_of(ArenaFile, found)
            value = found["input"] if isinstance(found["input"], str | int | float) else None
            problems.append(
                FileProblem(
                    file=path.name,
                    line=line_of(lines, found["loc"]),
                    key=dotted(found["loc"]),
                    value=None if value is None else repr(value)[:200],
                    problem=problem,
                    cure=cure,
                )
            )
        problems += _undefined(data, lines, path, deployments)
        raise ArenaFileError(problems) from error
    problems += _undefined(data, lines, path, deployments)
    if problems:
        raise ArenaFileError(problems)
    return arena.model_copy(update={"path": path})


def _undefined(
    data: Mapping[str, Any],
    lines: Mapping[Location, int],
    path: Path,
    deployments: Collection[str],
) -> Iterator[FileProblem]:
    """Yield the deployments that are not defined; what is malformed otherwise is told elsewhere."""
    contestants = data.get("contestants")
    for place, given in enumerate(contestants if isinstance(contestants, list) else []):
        for key in ("deployment", "deployments"):
            named = given.get(key) if isinstance(given, dict) else None
            for name in named if isinstance(named, list) else [named]:
                if isinstance(name, str) and name not in deployments:
                    yield FileProblem(
                        file=path.name,
                        line=line_of(lines, ("contestants", place, key)),
                        key=dotted(("contestants", place, key)),
                        value=repr(name),
                        problem=f'the deployment "{name}" is not defined in blindarena.toml',
                        cure=meant(name, deployments),
                    )


def read_text(path: Path) -> str:
    """Return what is in an arena file.

    Raises:
        ConfigError: it does not exist, or is no UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError(
            f"{path} does not exist; `blindarena arena new {path.stem}` writes one"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} can't be read: {error}") from error


def _not_toml(message: str, path: Path) -> FileProblem:
    at = _AT.search(message)
    said = _AT.sub("", message)
    return FileProblem(
        path.name,
        int(at[1]) if at else None,
        "",
        None,
        f"not valid TOML: {said[:1].lower()}{said[1:]}",
    )
