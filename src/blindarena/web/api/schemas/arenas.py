"""Arenas, and a voter in one of them."""

from datetime import date
from typing import Literal

from pydantic import BaseModel

from blindarena.domain.arenas import Kpi, Mode, PiiMode
from blindarena.domain.images import ImageOffer
from blindarena.web.api.schemas.battles import Progress


class RecipientOut(BaseModel):
    """Who may receive what a voter types."""

    name: str
    region: str | None
    retention: str | None
    trains_on_data: bool | None


class ArenaOut(BaseModel):
    """An arena as the picker shows it."""

    slug: str
    title: str
    kind: Literal["live", "replay", "published"]
    read_only: bool
    consent_version: str
    question: str
    description: str
    notice: str
    status: Literal["ready", "loading", "unavailable", "closed", "read-only"]
    status_detail: str
    contestants: int
    prompts: int
    votes: int
    modes: list[Mode]


class ArenasOut(BaseModel):
    """All arenas."""

    arenas: list[ArenaOut]


class ArenaDetail(ArenaOut):
    """An arena with what its pages need; `images`: how many of its contestants take pictures."""

    prompt_mode: Literal["free", "prepared"]
    follow_ups: bool
    consent_text: str
    recipients: list[RecipientOut]
    reasons: list[str]
    suggested_prompts: list[str]
    categories: list[str]
    min_votes: int
    margin: float | None
    sampling: Literal["uniform", "weighted", "versus_baseline", "racing"]
    start_together_s: float
    source: str
    has_truth: bool
    version: int
    kpi: Kpi
    kpi_direction: Literal["higher", "lower"]
    kpi_margin: float | None
    deadline: date | None
    languages: list[str]
    usable_answer: bool
    share_links: bool
    require_login: bool
    invites_need_login: bool
    regenerations: int
    pii: PiiMode
    restore_placeholders: bool
    retention_days: int | None
    images: ImageOffer
    groups: list[str]


class Habit(BaseModel):
    """How often a voter did something; 90 % of people with no habit are in the chance range."""

    count: int
    of: int
    chance_low: int | None
    chance_high: int | None


class MissedBreach(BaseModel):
    """A planted breach that the voter's choice passed over."""

    ticket: str
    policy: str
    quote: str


class Mirror(BaseModel):
    """A voter's own habits over the latest decisive votes."""

    votes: int
    left: Habit
    longer: Habit
    formatted: Habit
    breaches_noticed: Habit
    missed: list[MissedBreach]


class MeOut(BaseModel):
    """A voter in one arena; `mirror` comes after `mirror_needs` more decisive votes."""

    progress: Progress
    votes: int
    mirror_needs: int
    mirror: Mirror | None
