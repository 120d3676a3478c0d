"""What the owner sees of votes that do not count, and of voters who do not vote like people."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from blindarena.web.api.schemas.base import In

Alternative = Literal["random-click", "never-tie", "reversed"]
Pseudonym = Annotated[str, Field(pattern=r"^[0-9a-f]{8,24}$")]


class RulesOut(BaseModel):
    """The arena's rules; null is off."""

    max_votes_per_voter: int | None
    min_seconds: float | None
    duplicate_prompts: int | None


class FlaggedVoter(BaseModel):
    """A voter whose votes are hard to explain as those of a person who looks at the answers.

    `e_value` is the likelihood of the votes as `alternative` over that as honest votes, at its
    highest. `power_at_n` is the share of random clickers that the test finds within as many votes
    on this board; null where it was not measured for this alternative. `suggested` is true only
    where that power is enough.
    """

    voter: str
    votes: int
    alternative: Alternative
    e_value: float
    power_at_n: float | None
    suggested: bool
    excluded: bool


class PowerPoint(BaseModel):
    """Shares of simulated voters that are flagged within so many votes on this board."""

    votes: int
    random_click: float
    honest: float


class VoterTestsOut(BaseModel):
    """The tests of all voters, computed in the background.

    `flagged_by_chance` is how many honest voters may be flagged at most, in expectation;
    `enough_votes` is from how many votes on the test has the power to suggest anything, null where
    it never has within 100 votes.
    """

    status: Literal["none", "computing", "ready"]
    computed_at: datetime | None
    voters: int
    votes: int
    error: float
    flagged_by_chance: float
    wanted_power: float
    enough_votes: int | None
    power: list[PowerPoint]
    flagged: list[FlaggedVoter]
    sentence: str


class ExcludedVoter(BaseModel):
    """A voter whom the owner excluded: the votes so far and all later ones do not count."""

    voter: str
    reason: str
    at: datetime


class ExclusionsOut(BaseModel):
    """Votes that do not count, by reason; the rules; the excluded voters; the tests of voters."""

    arena: str
    counted: int
    by_reason: dict[str, int]
    rules: RulesOut
    voters: list[ExcludedVoter]
    tests: VoterTestsOut


class _Whom(In):
    voter: Pseudonym | None = None
    votes: Annotated[tuple[UUID, ...], Field(max_length=1000)] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.voter is None) == (not self.votes):
            raise ValueError('give either "voter" or "votes"')
        return self


class ExcludeIn(_Whom):
    """Exclude a voter (a pseudonym or its first 8 digits or more) or single votes."""

    reason: Annotated[str, Field(min_length=1, max_length=100)]


class ReinstateIn(_Whom):
    """Let a voter's votes, or single ones, count again."""


class ExclusionChange(BaseModel):
    """How many votes count no longer, or again."""

    changed: int
