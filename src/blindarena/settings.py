"""`blindarena.toml` and `arenas/*.toml`: read once, frozen; an unknown key is an error."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from blindarena.errors import ConfigError

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]


class Section(BaseModel):
    """Base of every table: frozen, and strict about keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EnvKey(Section):
    """A secret that is read from an environment variable."""

    env: str


class Server(Section):
    """`[server]`: where to listen and where data lives."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    database: str = "sqlite:///blindarena.db"
    data_dir: Path | None = None
    secure_cookies: bool = False
    trusted_proxies: tuple[str, ...] = ()


class Limits(Section):
    """`[limits]`: rates are per minute; 0 switches a rate off."""

    battles_per_session: NotNegative = 30
    battles_per_address: NotNegative = 300
    sessions_per_address: NotNegative = 120
    logins_per_address: NotNegative = 10
    max_prompt_chars: Annotated[int, Field(ge=1, le=500_000)] = 20_000
    max_body_kb: Annotated[int, Field(ge=1, le=10_000)] = 256


class Deployment(Section):
    """`[deployments.NAME]`: where a model can be reached.

    Either `provider` (a row of the catalogue, or "openai-compatible" with `base_url`), or
    `engine` (a local model that we start), or `replay` (a JSON file of prepared answers).
    """

    provider: str | None = None
    engine: Literal["llamacpp"] | None = None
    replay: Path | None = None
    model: str = ""
    base_url: str | None = None
    key: EnvKey | None = None
    input_price: NotNegative | None = None
    output_price: NotNegative | None = None
    cost_per_hour: NotNegative | None = None
    region: str | None = None
    retention: str | None = None
    trains_on_data: bool | None = None
    slots: Annotated[int, Field(ge=1, le=16)] = 2
    context: Annotated[int, Field(ge=256, le=1_000_000)] = 2048

    @model_validator(mode="after")
    def _one_kind(self) -> "Deployment":
        kinds = [self.provider, self.engine, self.replay]
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError('give exactly one of "provider", "engine" and "replay"')
        if self.replay is None and not self.model:
            raise ValueError('"model" is missing')
        if (self.input_price is None) != (self.output_price is None):
            raise ValueError(
                'give both "input_price" and "output_price", in USD per million tokens'
            )
        return self


class Settings(Section):
    """Everything in `blindarena.toml`, and the arenas beside it."""

    server: Server = Server()
    limits: Limits = Limits()
    deployments: Mapping[str, Deployment] = {}
    arenas: tuple["ArenaFile", ...] = ()
    root: Path = Path()


class Contestant(Section):
    """`[[contestants]]`: a deployment plus its configuration."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    deployment: str | None = None
    deployments: tuple[str, ...] = ()
    description: str = ""
    organization: str | None = None
    license: str | None = None
    system: str | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=200_000)] = 1024
    seed: int | None = None
    stop: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    weight: Positive = 1.0
    enabled: bool = True

    @model_validator(mode="after")
    def _has_deployment(self) -> "Contestant":
        if (self.deployment is None) == (not self.deployments):
            raise ValueError('give either "deployment" or "deployments"')
        return self

    @property
    def where(self) -> tuple[str, ...]:
        """The deployments in order of preference."""
        return self.deployments or (self.deployment or "",)


class Prompts(Section):
    """`[prompts]`: a CSV file of prepared prompts, or suggestions for people who write their own.

    The CSV has the column `prompt`, and where wanted id, title, category, language and policy.
    """

    file: Path | None = None
    suggested: tuple[str, ...] = ()


class Privacy(Section):
    """`[privacy]`: the consent text (a Markdown file) and how long votes' texts are kept."""

    consent: Path | None = None
    retention_days: Annotated[int, Field(ge=1)] | None = None


class ArenaFile(Section):
    """One file of `arenas/`: one use case."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    slug: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
    owner: str = ""
    question: str = ""
    description: str = ""
    notice: str = ""
    margin: Positive | None = None
    min_votes: Annotated[int, Field(ge=1)] = 50
    reasons: tuple[Annotated[str, Field(max_length=100)], ...] = ()
    sampling: Literal["uniform", "weighted", "versus_baseline"] = "uniform"
    baseline: str | None = None
    start_together_s: Annotated[float, Field(ge=0, le=30)] = 3.0
    follow_ups: bool = True
    anchor: Mapping[str, float] | None = None
    prompts: Prompts = Prompts()
    privacy: Privacy = Privacy()
    contestants: tuple[Contestant, ...]
    path: Path = Path()

    @model_validator(mode="after")
    def _consistent(self) -> "ArenaFile":
        names = [contestant.name for contestant in self.contestants]
        if len(names) < 2:
            raise ValueError("an arena needs at least two [[contestants]]")
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two contestants are called {name!r}")
        if self.sampling == "versus_baseline" and self.baseline not in names:
            raise ValueError(
                f'"baseline" is {self.baseline!r}; it must be one of the contestants: {names}'
            )
        if self.anchor is not None and (
            len(self.anchor) != 1 or not set(self.anchor) <= set(names)
        ):
            raise ValueError('"anchor" is one contestant and its rating, as { "name" = 1000 }')
        return self


Settings.model_rebuild()
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
