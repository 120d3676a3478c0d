"""The JSON of the API; the front-end's types are generated from it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Outcome = Literal["model_a", "model_b", "tie", "both_bad"]
Side = Literal["a", "b"]
BattleStatus = Literal["waiting", "streaming", "votable", "failed", "skipped", "voted"]
Population = Literal["people", "simulated", "published"]


class In(BaseModel):
    """Base of request bodies: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """An error, as `application/problem+json` (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str


class Health(BaseModel):
    """The server answers and its database too."""

    status: Literal["ok"]
    version: str
    database: str


class SessionIn(In):
    """Consent to one version; the versions are in `GET /api/arenas`."""

    consent_version: Annotated[str, Field(max_length=200)]


class SessionOut(BaseModel):
    """The session of this browser; send `csrf_token` as `X-CSRF-Token` with every change."""

    session_id: UUID
    csrf_token: str
    consents: list[str]
    is_owner: bool


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
    status: Literal["ready", "loading", "unavailable", "read-only"]
    status_detail: str
    contestants: int
    prompts: int
    votes: int


class ArenasOut(BaseModel):
    """All arenas."""

    arenas: list[ArenaOut]


class ArenaDetail(ArenaOut):
    """An arena with what its pages need."""

    prompt_mode: Literal["free", "prepared"]
    follow_ups: bool
    consent_text: str
    recipients: list[RecipientOut]
    reasons: list[str]
    suggested_prompts: list[str]
    categories: list[str]
    min_votes: int
    margin: float | None
    sampling: Literal["uniform", "weighted", "versus_baseline"]
    start_together_s: float
    source: str
    has_truth: bool
    method_note: str


class BattleIn(In):
    """Start a battle."""

    mode: Literal["battle"] = "battle"


class PromptOut(BaseModel):
    """A prepared prompt."""

    key: str
    text: str
    title: str
    category: str
    language: str
    policy: str


class Progress(BaseModel):
    """How far a voter is through the prepared prompts; total 0 where there are none."""

    done: int
    total: int


class BattleOut(BaseModel):
    """A new battle; `prompt` is the text of a prepared prompt, null where the voter writes it."""

    battle_id: UUID
    prompt: str | None
    ticket: PromptOut | None
    progress: Progress


class TurnOut(BaseModel):
    """One turn as the voter may see it."""

    number: int
    content: str
    status: Literal["streaming", "complete", "failed", "interrupted"]
    a: str
    b: str


class BattleState(BattleOut):
    """A battle as the voter may see it; nothing here depends on who the contestants are.

    `reveal` is there once the vote is in.
    """

    status: BattleStatus
    turns: list[TurnOut]
    reveal: "RevealOut | None"


class TurnIn(In):
    """A user message; ignored where the prompt is prepared."""

    content: str = ""


class StopIn(In):
    """Stop one side, or both."""

    side: Side | None = None


class StatusOut(BaseModel):
    """The state of a battle after a change."""

    status: BattleStatus


class VoteIn(In):
    """One decisive vote."""

    outcome: Outcome
    reasons: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=20)] = []
    comment: Annotated[str, Field(max_length=2000)] = ""


class Breach(BaseModel):
    """A planted breach of policy in a scripted answer."""

    policy: str
    quote: str


class RevealSide(BaseModel):
    """Who a side was, and what its answers measured, summed over the turns; null is unknown."""

    contestant: str
    description: str
    organization: str | None
    license: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    tokens_reported: bool
    seconds: float | None
    ttft_s: float | None
    cost_usd: float | None
    price: str | None
    words: int
    headers: int
    bold: int
    lists: int
    leaked: bool
    breach: Breach | None


class RevealOut(BaseModel):
    """The reveal card. `counted` is false where the vote is kept but excluded, with the reason."""

    a: RevealSide
    b: RevealSide
    outcome: Outcome
    counted: bool
    excluded: str | None


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


class Row(BaseModel):
    """One line of a leaderboard. Null is unknown or not determined, never 0."""

    contestant: str
    description: str
    organization: str | None
    license: str | None
    rating: float | None
    lower: float | None
    upper: float | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    votes: int
    wins: int
    losses: int
    ties: int
    both_bad: int
    win_rate: float | None
    avg_cost_usd: float | None
    ttft_s: float | None
    tokens_per_s: float | None
    error_rate: float | None
    preliminary: bool
    needs_votes: int
    not_connected: bool


class Board(BaseModel):
    """A leaderboard; rows sorted by rating, those without one last."""

    arena: str
    method: str
    n: int
    computed_at: datetime
    rows: list[Row]
    category: str
    population: Population
    categories: list[str]
    interval: str
    anchor: str | None
    excluded: dict[str, int]
    data_hash: str
    thinned_from: int | None
    seed: int | None
    min_votes: int


class PairRow(BaseModel):
    """Votes between two contestants."""

    a: str
    b: str
    wins_a: int
    wins_b: int
    ties: int
    both_bad: int


class PairsOut(BaseModel):
    """The win matrix."""

    contestants: list[str]
    pairs: list[PairRow]


class SimulateIn(In):
    """How many simulated voters to add to the simulated board."""

    voters: Annotated[int, Field(ge=1, le=3000)] = 300


class SimulateOut(BaseModel):
    """What the simulated board holds now."""

    voters: int
    votes: int


class TruthRow(BaseModel):
    """A planted strength beside its estimate."""

    contestant: str
    planted: float
    rating: float | None
    lower: float | None
    upper: float | None
    strengths: str


class TruthOut(BaseModel):
    """The planted truth, told after simulated voters were added."""

    rows: list[TruthRow]
    note: str


class LoginIn(In):
    """The owner's password, printed once at first run."""

    password: Annotated[str, Field(max_length=500)]


class OwnerContestant(BaseModel):
    """A contestant as the owner sees it."""

    id: UUID
    arena: str
    name: str
    description: str
    enabled: bool
    health: Literal["ready", "loading", "down", "disabled"]
    health_detail: str
    price: str | None
    runs_at: str
    answers: int
    errors: int
    sampled: float | None


class OwnerDeployment(BaseModel):
    """A deployment as the owner sees it; keys are never shown."""

    name: str
    kind: str
    model: str
    base_url: str | None
    status: Literal["ready", "loading", "down"]
    detail: str
    price: str | None


class OwnerVote(BaseModel):
    """One vote in the owner's list; single voters are not shown."""

    at: datetime
    arena: str
    outcome: Outcome
    category: str
    reasons: list[str]
    comment: str
    excluded: str | None


class AuditLine(BaseModel):
    """One line of the audit log."""

    at: datetime
    who: str
    what: str
    detail: str


class OwnerOut(BaseModel):
    """Everything on the owner's page."""

    arenas: list[ArenaOut]
    contestants: list[OwnerContestant]
    deployments: list[OwnerDeployment]
    votes: list[OwnerVote]
    audit: list[AuditLine]


class EnableIn(In):
    """Switch a contestant on or off."""

    enabled: bool


BattleState.model_rebuild()


class StatusOk(BaseModel):
    """It is done."""

    status: Literal["ok"]
