"""Everything a decision report says, as data: its JSON, and what its page is made of.

None is unknown, never 0. No field holds a voter's pseudonym.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from blindarena.domain.arenas import Kpi
from blindarena.leaderboard.reporting.parts import (
    ReportAgreement,
    ReportCategories,
    ReportComment,
    ReportEstimate,
    ReportExclusions,
    ReportFailures,
    ReportPrompts,
    ReportReason,
    ReportVoters,
)

Verdict = Literal["better", "equal", "undecided", "none"]
Unit = Literal["Elo", "share", "USD", "s"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportKpi:
    """What decides.

    Attributes:
        margin: smallest difference that matters, in `unit`.
        margin_declared: False: nobody declared one, and a usual one is taken.
        since: when KPI and margin were declared; None where no file declares them.
        votes_after: votes that count, cast after that.
        sentence: all of it.
    """

    name: Kpi
    title: str
    unit: Unit
    direction: Literal["higher", "lower"]
    margin: float
    margin_declared: bool
    since: datetime | None
    votes: int
    votes_after: int | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDifference:
    """The leader's advantage over the runner-up, in the KPI's unit; above 0 is in its favour.

    Attributes:
        lower, upper: 95 %, for this pair alone and a number of votes fixed in advance.
        anytime_lower, anytime_upper: valid at every look and for all rivals of the leader.
    """

    leader: str
    runner_up: str
    value: float
    lower: float | None
    upper: float | None
    anytime_lower: float | None
    anytime_upper: float | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRecommendation:
    """The answer to the arena's question, as far as there is one.

    Attributes:
        verdict: "none": there is nothing yet that could be compared.
        choice: whom to take; None where that is open, or where equals have an unknown price.
        equals: those less than the margin apart from the leader for certain, the leader among them.
        undecided: those of whom it is open whether the leader is better.
        votes_needed: about how many more votes settle it (of a KPI of answers: more answers).
        left_out: contestants that the KPI cannot compare, each with the reason.
        notes: what qualifies the recommendation, each a sentence.
    """

    verdict: Verdict
    sentence: str
    choice: str | None = None
    leader: str | None = None
    runner_up: str | None = None
    equals: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    votes_needed: int | None = None
    spend_usd: float | None = None
    difference: ReportDifference | None = None
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContestant:
    """One contestant.

    Attributes:
        kpi: the value by which it is decided.
        sendable, as_is, breaches: shares of judged answers, and what one that can be sent costs;
            None where the arena does not ask.
    """

    name: str
    description: str
    organization: str | None
    rating: ReportEstimate
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    votes: int
    wins: int
    losses: int
    ties: int
    both_bad: int
    win_rate: float | None
    kpi: ReportEstimate
    sendable: ReportEstimate | None
    as_is: ReportEstimate | None
    breaches: ReportEstimate | None
    cost_per_sendable_usd: ReportEstimate | None
    cost_usd: ReportEstimate
    ttft_s: ReportEstimate
    tokens_per_s: float | None
    error_rate: float | None
    preliminary: bool
    needs_votes: int
    not_connected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMaking:
    """What it takes to compute the report again."""

    method: str
    interval: str
    seed: int
    data_hash: str
    snapshot: str | None
    versions: Mapping[str, str]
    explanations: tuple[str, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A decision report; fields stand in the order of its page."""

    report: int
    slug: str
    title: str
    question: str
    owner: str
    deadline: date | None
    made_at: datetime
    data_hash: str
    arena_version: int
    kpi: ReportKpi
    recommendation: ReportRecommendation
    contestants: tuple[ReportContestant, ...]
    categories: ReportCategories
    agreement: tuple[ReportAgreement, ...]
    agreement_sentence: str
    exclusions: ReportExclusions
    voters: ReportVoters
    reasons: tuple[ReportReason, ...]
    comments: tuple[ReportComment, ...] | None
    failures: tuple[ReportFailures, ...]
    prompts: ReportPrompts
    limits: tuple[str, ...]
    privacy: tuple[str, ...]
    making: ReportMaking
