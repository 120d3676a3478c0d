"""The tables of a decision report, as data; `facts` puts them together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReportEstimate:
    """A value with its 95 % interval."""

    value: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class ReportCategoryRow:
    """One contestant in one category."""

    name: str
    rank: int | None
    rating: ReportEstimate
    votes: int


@dataclass(frozen=True, slots=True)
class ReportCategory:
    """One category; without `enough` data it has no rows."""

    name: str
    votes: int
    enough: bool
    rows: tuple[ReportCategoryRow, ...]


@dataclass(frozen=True, slots=True)
class ReportCategories:
    """The categories, and whether one ranking suffices; None: nothing tells."""

    sentence: str
    one_ranking_suffices: bool | None
    categories: tuple[ReportCategory, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAgreement:
    """How far voters agree who judged the same two contestants on the same prompt.

    Attributes:
        who: "all voters", "within GROUP" or "between GROUP and GROUP".
        items: prompts with two contestants that such voters have in common.
        pairs: pairs of their votes.
        share: of pairs that say the same; None without pairs.
        alpha: Krippendorff's, for nominal values: 1 is agreement, 0 that of chance. Between groups
            it is the cross-kappa.
    """

    who: str
    items: int
    pairs: int
    share: float | None
    alpha: ReportEstimate


@dataclass(frozen=True, slots=True)
class ReportWithout:
    """One contestant on the board, and on the board that counts excluded votes too."""

    name: str
    rank: int | None
    rank_with: int | None
    rating: float | None
    rating_with: float | None


@dataclass(frozen=True, slots=True)
class ReportExclusions:
    """Votes that do not count, by reason, and what they would change."""

    counted: int
    by_reason: Mapping[str, int]
    rows: tuple[ReportWithout, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class ReportGroup:
    """A group of voters; numbers of very few people are not told, and None."""

    name: str
    invited: int | None
    voters: int | None
    votes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportVoters:
    """Who voted, as aggregates.

    Attributes:
        quartiles: votes per voter: least, first quartile, median, third quartile, most.
        heaviest_share: share of all votes that the busiest voter cast.
    """

    voters: int
    votes: int
    quartiles: tuple[float, ...] | None
    heaviest_share: float | None
    first: datetime | None
    last: datetime | None
    groups: tuple[ReportGroup, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class ReportReason:
    """How often a reason was given in votes on a contestant, by what became of it."""

    contestant: str
    reason: str
    won: int
    lost: int
    even: int


@dataclass(frozen=True, slots=True)
class ReportComment:
    """What a voter wrote, with the two contestants and the outcome; only where asked for."""

    a: str
    b: str
    outcome: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFailures:
    """Answers that failed; a failure is never a loss.

    Attributes:
        failed: refusals, timeouts and errors together.
        refusals: what the provider or the model declined to answer.
        errors: all other failures.
    """

    contestant: str
    answers: int
    failed: int
    refusals: int
    timeouts: int
    errors: int


@dataclass(frozen=True, slots=True)
class ReportPrompts:
    """What was asked."""

    prepared: int
    imported: int
    source: str
    languages: Mapping[str, int]
