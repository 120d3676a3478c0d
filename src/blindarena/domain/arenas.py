"""One use case: its contestants, prompts, rules and privacy terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from blindarena.domain.chat import Parameters
from blindarena.domain.exclusions import VoteRules
from blindarena.domain.queue import QueueRules

SamplingPolicy = Literal["uniform", "weighted", "versus_baseline", "racing"]
PromptMode = Literal["free", "prepared"]
ArenaKind = Literal["live", "replay", "published"]
"""live: models answer now; replay: prepared answers are streamed; published: counts only."""

Mode = Literal["battle", "queue", "side_by_side", "direct"]
PiiMode = Literal["off", "warn", "redact", "block"]
Kpi = Literal[
    "rating",
    "win_rate",
    "sendable_rate",
    "as_is_rate",
    "breach_rate",
    "cost_per_answer",
    "cost_per_sendable",
    "ttft",
]
"""What decides. sendable_rate: "send as is" or "after edits"; as_is_rate: only the former."""
KPI_DIRECTION: Mapping[Kpi, Literal["higher", "lower"]] = {
    "rating": "higher",
    "win_rate": "higher",
    "sendable_rate": "higher",
    "as_is_rate": "higher",
    "breach_rate": "lower",
    "cost_per_answer": "lower",
    "cost_per_sendable": "lower",
    "ttft": "lower",
}
KPI_OF_USABLE: frozenset[Kpi] = frozenset(
    {"sendable_rate", "as_is_rate", "breach_rate", "cost_per_sendable"}
)
"""These need the usable-answer question."""


@dataclass(frozen=True, slots=True)
class VoterGroup:
    """People who vote for the same reason, e.g. the night shift; `invited` is how many were."""

    name: str
    invited: int | None = None


@dataclass(frozen=True, slots=True)
class PiiPattern:
    """A shape of the owner's own numbers: `#` is a digit, `@` a letter, `*` either.

    No regular expression, so that none can be slow. An empty shape is one of an older version, and
    refused where it is used.
    """

    name: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who may receive what a voter types; shown on the consent page."""

    name: str
    region: str | None = None
    retention: str | None = None
    trains_on_data: bool | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """The text a voter agrees to; `version` changes whenever text, recipients or label do."""

    version: str
    text: str
    recipients: tuple[Recipient, ...] = ()
    label: str = ""


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
        version: of what is compared; votes of two versions never mix. See `comparison`.
        kpi: what decides, declared before the votes; its direction is `KPI_DIRECTION[kpi]`.
        kpi_margin: smallest difference that matters, in the unit of a KPI that is no rating.
        kpi_since: since when KPI and margins have been as they are.
        languages: those of the prompts, as BCP 47 tags; empty: not said.
        categories: the labels that prompts may have; empty: any.
        usable_answer: ask for each side "send as is / after edits / never", "breaks policy".
        share_links: whether a voter may pass on a revealed battle.
        modes: ways to take part.
        embed_origins: the websites that may show the arena in a frame.
        pii: what happens to personal data in a prompt before it is sent anywhere.
        restore_placeholders: put the values back into answers as they are shown; the values stay in
            memory, for as long as the battle is open.
        name_model: look for names with the installed language models too.
        prompt_source: where the prepared prompts come from, in words.
        challenge: whether a proof of work comes before each battle; None: as the server has it.
        require_login: whether only people who log in by OpenID Connect may begin a battle here.
        queue: how prepared pairs are rated, where "queue" is among the modes.
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
    version: int = 1
    kpi: Kpi = "rating"
    kpi_margin: float | None = None
    kpi_since: datetime | None = None
    groups: tuple[VoterGroup, ...] = ()
    languages: tuple[str, ...] = ()
    deadline: date | None = None
    categories: tuple[str, ...] = ()
    usable_answer: bool = False
    share_links: bool = True
    modes: tuple[Mode, ...] = ("battle",)
    embed_origins: tuple[str, ...] = ()
    pii: PiiMode = "off"
    pii_patterns: tuple[PiiPattern, ...] = ()
    restore_placeholders: bool = False
    name_model: bool = False
    prompt_source: str = ""
    rules: VoteRules = VoteRules()
    queue: QueueRules = QueueRules()
    challenge: bool | None = None
    require_login: bool = False


@dataclass(frozen=True, slots=True)
class Contestant:
    """What is ranked: a model plus its configuration.

    Attributes:
        deployments: names of the deployments that can answer, in order of preference.
        aliases: words that would give the identity away (model, organisation, product names).
        weight: relative frequency under `weighted` sampling.
        images: whether it takes pictures; it is asked messages with pictures only then.
        fingerprint: of what answers: models, system prompt, parameters; "" in an arena without
            versions. A contestant with another fingerprint is another one of the same name.
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
    fingerprint: str = ""
    images: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prepared prompt, e.g. a customer ticket.

    Attributes:
        key: the owner's own id, unique within the arena.
        policy: what a good answer must respect; shown beside the ticket.
        import_id: the import that brought it; None is a prompt of the arena's own file.
        fingerprint: of text and policy; "" in an arena without versions.
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
    import_id: UUID | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class VersionDraft:
    """What an arena compares, as it is configured now.

    Attributes:
        hash: of what is compared; an arena that compares the same as before has the same.
        document: what was hashed, and the file it was read from.
        who: who configured it, for the history.
    """

    hash: str
    document: Mapping[str, object]
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class ArenaVersion:
    """One version of an arena, numbered from 1."""

    number: int
    hash: str
    document: Mapping[str, object]
    created_at: datetime
    who: str
