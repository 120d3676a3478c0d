"""The tables of `blindarena.toml` and `arenas/*.toml`: frozen, and strict about keys."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from blindarena.domain.arenas import KPI_OF_USABLE, Kpi, Mode, PiiMode
from blindarena.errors import InputError
from blindarena.pipeline.pii.references import NumberPattern
from blindarena.settings.base import KeySource, Section
from blindarena.settings.embed import Embed
from blindarena.settings.engines import EngineTable
from blindarena.settings.gateway import Gateway, Model
from blindarena.settings.guards import Limits, Moderation
from blindarena.settings.login import Login
from blindarena.settings.queue import ReviewQueue

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Label = Annotated[str, Field(min_length=1, max_length=100)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


class Server(Section):
    """`[server]`: where to listen and where data lives."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    database: str = "sqlite:///blindarena.db"
    data_dir: Path | None = None
    judge_runs: Path | None = None
    public_url: Annotated[str, Field(pattern=r"^https?://[^/]+$")] | None = None
    secure_cookies: bool = False
    trusted_proxies: tuple[str, ...] = ()


class Deployment(EngineTable):
    """`[deployments.NAME]`: where a model can be reached.

    Either `provider` (a row of the catalogue, or "openai-compatible" with `base_url`), or
    `engine` (a local model that we start), or `replay` (a JSON file of prepared answers).
    """

    provider: str | None = None
    replay: Path | None = None
    model: str = ""
    base_url: str | None = None
    key: KeySource | None = None
    options: Mapping[str, str | int | float | bool] = {}
    input_price: NotNegative | None = None
    output_price: NotNegative | None = None
    cost_per_hour: NotNegative | None = None
    region: str | None = None
    retention: str | None = None
    trains_on_data: bool | None = None
    weight: Positive = 1.0
    max_concurrent: Annotated[int, Field(ge=1, le=100_000)] | None = None
    queue: Annotated[int, Field(ge=0, le=100_000)] = 100

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
    login: Login = Login()
    moderation: Moderation = Moderation()
    gateway: Gateway = Gateway()
    models: Mapping[str, Model] = {}
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
    images: bool = False
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


class InlinePrompt(Section):
    """`[[prompts.inline]]`: one prepared prompt, written into the arena file."""

    prompt: Annotated[str, Field(min_length=1)]
    id: str = ""
    title: str = ""
    category: str = ""
    language: str = ""
    policy: str = ""


class Prompts(Section):
    """`[prompts]`: prepared prompts, or suggestions for people who write their own.

    The CSV has the column `prompt`, and where wanted id, title, category, language and policy.
    """

    file: Path | None = None
    source: str = ""
    suggested: tuple[str, ...] = ()
    inline: tuple[InlinePrompt, ...] = ()

    @model_validator(mode="after")
    def _one_source(self) -> "Prompts":
        if self.file is not None and self.inline:
            raise ValueError('give either "file" or [[prompts.inline]], not both')
        return self


class Pattern(Section):
    """`[[privacy.patterns]]`: the shape of personal numbers of the owner's own."""

    name: str
    shape: str

    @model_validator(mode="after")
    def _usable(self) -> "Pattern":
        try:
            NumberPattern(self.name, self.shape)
        except InputError as error:
            raise ValueError(str(error)) from error
        return self


class Privacy(Section):
    """`[privacy]`: the consent text, how long texts are kept, what happens to personal data."""

    consent: Path | None = None
    consent_text: str = ""
    consent_version: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,40}$")] = ""
    retention_days: Annotated[int, Field(ge=1)] | None = None
    pii: PiiMode = "off"
    patterns: tuple[Pattern, ...] = ()
    restore_placeholders: bool = False
    name_model: bool = False

    @model_validator(mode="after")
    def _one_consent(self) -> "Privacy":
        if self.consent is not None and self.consent_text:
            raise ValueError('give either "consent" (a file) or "consent_text", not both')
        if self.restore_placeholders and self.pii != "redact":
            raise ValueError('"restore_placeholders" needs pii = "redact"')
        return self


class Group(Section):
    """`[[groups]]`: voters who belong together, and how many of them were invited."""

    name: Label
    invited: Annotated[int, Field(ge=1)] | None = None


class Rules(Section):
    """`[rules]`: which votes are kept but not counted; a rule that is left out is off."""

    max_votes_per_voter: Annotated[int, Field(ge=1)] | None = None
    min_seconds: Annotated[float, Field(gt=0, le=600)] | None = None
    duplicate_prompts: Annotated[int, Field(ge=1)] | None = None


class ArenaFile(Section):
    """One file of `arenas/`: one use case."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    slug: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
    owner: str = ""
    question: str = ""
    description: str = ""
    notice: str = ""
    kpi: Kpi = "rating"
    margin: Positive | None = None
    kpi_margin: Positive | None = None
    min_votes: Annotated[int, Field(ge=1)] = 50
    deadline: date | None = None
    languages: tuple[Language, ...] = ()
    categories: tuple[Label, ...] = ()
    reasons: tuple[Annotated[str, Field(max_length=100)], ...] = ()
    usable_answer: bool = False
    modes: tuple[Mode, ...] = ("battle",)
    share_links: bool = True
    require_login: bool = False
    sampling: Literal["uniform", "weighted", "versus_baseline", "racing"] = "uniform"
    baseline: str | None = None
    start_together_s: Annotated[float, Field(ge=0, le=30)] = 3.0
    follow_ups: bool = True
    anchor: Mapping[str, float] | None = None
    prompts: Prompts = Prompts()
    privacy: Privacy = Privacy()
    groups: tuple[Group, ...] = ()
    rules: Rules = Rules()
    challenge: Literal["off", "battles"] | None = None
    queue: ReviewQueue = ReviewQueue()
    embed: Embed = Embed()
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
        if self.sampling == "racing" and self.margin is None:
            raise ValueError(
                '"sampling" is "racing", which needs "margin": the smallest difference that '
                "matters, in Elo points"
            )
        if self.anchor is not None and (
            len(self.anchor) != 1 or not set(self.anchor) <= set(names)
        ):
            raise ValueError('"anchor" is one contestant and its rating, as { "name" = 1000 }')
        return self

    @model_validator(mode="after")
    def _decidable(self) -> "ArenaFile":
        if not self.modes:
            raise ValueError('"modes" is empty; give at least one way to take part')
        if self.kpi in KPI_OF_USABLE and not self.usable_answer:
            raise ValueError(f'"kpi" is {self.kpi!r}, which needs usable_answer = true')
        if self.kpi == "rating" and self.kpi_margin is not None:
            raise ValueError('"kpi" is a rating, whose margin is "margin", in Elo points')
        groups = [group.name for group in self.groups]
        for name in groups:
            if groups.count(name) > 1:
                raise ValueError(f"two groups are called {name!r}")
        return self


Settings.model_rebuild()
