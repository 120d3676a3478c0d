"""Which model a name means, and where its file lies.

A model is given as a known name (`smollm2-135m`), as a repository of the Hugging Face hub
(`ORG/REPO` or `ORG/REPO:FILE.gguf`), or as the path of a GGUF file, which is used as it is.
"""

import difflib
import functools
import importlib.resources
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from blindarena.engines.gguf import check_gguf
from blindarena.errors import ConfigError

_HUB = re.compile(r"(?P<repo>[\w-][\w.-]*/[\w-][\w.-]*)(?::(?P<file>[^:\\/][^:\\]*\.gguf))?")
_PART = re.compile(r"-\d{5}-of-\d{5}\.gguf$")
_PREFERRED = ("q4_k_m", "q4_0", "q4_1", "q5_k_m", "q8_0")
"""Where a repository has several files: small enough for a CPU, good enough to read."""


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model of `models.toml`; `hub` is where the same file lies on the Hugging Face hub."""

    name: str
    title: str
    organization: str
    license: str
    description: str
    package: str
    version: str
    download_size: int
    file: str
    size: int
    sha256: str
    hub: str


@dataclass(frozen=True, slots=True)
class HubModel:
    """A repository of the Hugging Face hub; without a file, the best of its GGUF files."""

    repo: str
    file: str | None


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model file in the models directory, under the name that pulls and resolves it."""

    name: str
    path: Path
    size: int


@functools.cache
def known_models() -> Mapping[str, KnownModel]:
    """Return the models that have a short name."""
    text = importlib.resources.files(__package__).joinpath("models.toml").read_text("utf-8")
    return {name: KnownModel(name=name, **row) for name, row in tomllib.loads(text).items()}


def default_models_dir(env: Mapping[str, str]) -> Path:
    """Return the models directory in the user's data directory, XDG_DATA_HOME honoured."""
    if sys.platform == "win32" and "LOCALAPPDATA" in env:
        return Path(env["LOCALAPPDATA"]) / "blindarena" / "models"
    xdg = Path(env.get("XDG_DATA_HOME", ""))
    # The XDG specification says that a relative path must be ignored.
    data = xdg if xdg.is_absolute() else Path.home() / ".local" / "share"
    return data / "blindarena" / "models"


def parse_model(model: str) -> KnownModel | HubModel | Path:
    """Say what a model's name means; a path comes back checked.

    Raises:
        ConfigError: it is none of the three, or the file is missing or not a GGUF file.
    """
    if known := known_models().get(model):
        return known
    path = Path(model).expanduser()
    looks_like_path = model.startswith((".", "/", "~")) or "\\" in model or path.is_absolute()
    if looks_like_path or path.is_file() or (model.endswith(".gguf") and ":" not in model):
        check_gguf(path)
        return path.resolve()
    match = _HUB.fullmatch(model)
    if match and ".." not in model:
        return HubModel(repo=match["repo"], file=match["file"])
    close = difflib.get_close_matches(model, known_models(), n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known_models())}."
    raise ConfigError(
        f"model {model!r} is unknown; {hint} A .gguf file or a hub repository (ORG/REPO or "
        "ORG/REPO:FILE.gguf) will do too"
    )


def model_dir(model: KnownModel | HubModel, *, models_dir: Path) -> Path:
    """Return the directory that holds a pulled model's files."""
    name = model.name if isinstance(model, KnownModel) else model.repo.replace("/", "--")
    return models_dir / name


def resolve_model(model: str, *, models_dir: Path) -> Path | None:
    """Return the file of a model, or None where it has to be pulled first.

    Raises:
        ConfigError: the name means nothing, or the file is not a readable GGUF file.
    """
    meant = parse_model(model)
    if isinstance(meant, Path):
        return meant
    folder = model_dir(meant, models_dir=models_dir)
    if meant.file is None:
        names = [str(file.relative_to(folder)) for file in sorted(folder.rglob("*.gguf"))]
        if not names:
            return None
        path = folder / choose_file(names, repo=model)
    else:
        path = folder / meant.file
    if not path.is_file():
        return None
    if isinstance(meant, KnownModel) and path.stat().st_size != meant.size:
        return None
    check_gguf(path)
    return path


def choose_file(names: Sequence[str], *, repo: str) -> str:
    """Choose one GGUF file of a repository.

    Raises:
        ConfigError: there is none, or several and none of the usual quantisations.
    """
    whole = [n for n in names if n.endswith(".gguf") and not is_part(n) and "mmproj" not in n]
    if not whole:
        raise ConfigError(f"{repo} has no GGUF file in one piece; choose a repository that has")
    if len(whole) == 1:
        return whole[0]
    for quantisation in _PREFERRED:
        for name in whole:
            if quantisation in name.lower():
                return name
    listed = ", ".join(whole[:8]) + (", ..." if len(whole) > 8 else "")
    raise ConfigError(f"{repo} has several GGUF files; say which with {repo}:FILE ({listed})")


def is_part(name: str) -> bool:
    """Say whether a GGUF file is one of the parts of a split model."""
    return _PART.search(name) is not None


def installed_models(models_dir: Path) -> tuple[InstalledModel, ...]:
    """Return what has been pulled, by name; a missing directory holds nothing."""
    found = []
    for path in sorted(models_dir.glob("*/**/*.gguf")):
        folder, *rest = path.relative_to(models_dir).parts
        if folder.startswith("."):
            continue
        file = "/".join(rest)
        name = folder if folder in known_models() else f"{folder.replace('--', '/', 1)}:{file}"
        found.append(InstalledModel(name=name, path=path, size=path.stat().st_size))
    return tuple(found)
