"""One use case: its contestants, prompts, rules and privacy terms."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from blindarena.domain.chat import Parameters
from blindarena.domain.exclusions import VoteRules

SamplingPolicy = Literal["uniform", "weighted", "versus_baseline", "racing"]
PromptMode = Literal["free", "prepared"]
ArenaKind = Literal["live", "replay", "published"]
"""live: models answer now; replay: prepared answers are streamed; published: counts only."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who may receive what a voter types; shown on the consent page."""

    name: str
    region: str | None = None
    retention: str | None = None
    trains_on_data: bool | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """The text a voter agrees to; `version` changes whenever text or recipients do."""

    version: str
    text: str
    recipients: tuple[Recipient, ...] = ()


@dataclass(frozen=True, slots=True)
class Arena:
    """One use case.

    Attributes:
        notice: one line shown on every page of the arena.
        read_only: a published board; a battle is refused.
        baseline: contestant name that every battle of `versus_baseline` includes.
        start_together_s: longest wait, in seconds, for the slower side's first token; 0 is off.
        anchor: contestant name and the rating it is shifted to; None centres at 1000.
        source: where the votes of a published board come from, and their date.
        rules: by which a vote is kept but not counted.
    """

    id: UUID
    slug: str
    title: str
    kind: ArenaKind
    consent: Consent
    question: str = ""
    description: str = ""
    notice: str = ""
    owner: str = ""
    read_only: bool = False
    prompt_mode: PromptMode = "free"
    follow_ups: bool = True
    reasons: tuple[str, ...] = ()
    suggested_prompts: tuple[str, ...] = ()
    sampling: SamplingPolicy = "uniform"
    baseline: str | None = None
    start_together_s: float = 3.0
    min_votes: int = 50
    margin: float | None = None
    anchor: tuple[str, float] | None = None
    retention_days: int | None = None
    source: str = ""
    rules: VoteRules = VoteRules()


@dataclass(frozen=True, slots=True)
class Contestant:
    """What is ranked: a model plus its configuration.

    Attributes:
        deployments: names of the deployments that can answer, in order of preference.
        aliases: words that would give the identity away (model, organisation, product names).
        weight: relative frequency under `weighted` sampling.
    """

    id: UUID
    arena_id: UUID
    name: str
    deployments: tuple[str, ...] = ()
    description: str = ""
    organization: str | None = None
    license: str | None = None
    system: str | None = None
    parameters: Parameters = Parameters()
    aliases: tuple[str, ...] = ()
    weight: float = 1.0
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prepared prompt, e.g. a customer ticket.

    Attributes:
        key: the owner's own id, unique within the arena.
        policy: what a good answer must respect; shown beside the ticket.
    """

    id: UUID
    arena_id: UUID
    key: str
    text: str
    title: str = ""
    category: str = ""
    language: str = ""
    policy: str = ""
    position: int = 0
