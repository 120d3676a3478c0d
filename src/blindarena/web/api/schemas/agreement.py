"""How far evaluations agree: what may be compared, what is to be, and what came out."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from blindarena.web.api.schemas.base import In
from blindarena.web.api.schemas.judge_runs import ReportPart

Name = Annotated[str, Field(min_length=1, max_length=200)]


class ArenaChoice(BaseModel):
    """An arena whose votes may be compared."""

    slug: str
    title: str


class RunChoice(BaseModel):
    """A run whose judges may be compared, and people's blind votes on it."""

    name: str
    judges: list[str]
    contestants: list[str]
    blind_votes: int


class AgreementChoices(BaseModel):
    """What may be compared on this server, beside uploaded tables."""

    arenas: list[ArenaChoice]
    runs: list[RunChoice]
    max_evaluations: int
    max_votes: int


class ScoreTableIn(In):
    """A table of scores, CSV or TSV by its name; it is kept for this request only."""

    name: Name
    text: Annotated[str, Field(max_length=60_000)]


class AliasIn(In):
    """A contestant's name that stands for another; `EVALUATION:name` is one in that only."""

    this: Name
    that: Name


class AgreementIn(In):
    """What to compare; `people` are runs whose blind votes of people are an evaluation."""

    arenas: Annotated[list[Name], Field(default_factory=list, max_length=8)]
    runs: Annotated[list[Name], Field(default_factory=list, max_length=8)]
    people: Annotated[list[Name], Field(default_factory=list, max_length=8)]
    tables: Annotated[list[ScoreTableIn], Field(default_factory=list, max_length=3)]
    aliases: Annotated[list[AliasIn], Field(default_factory=list, max_length=200)]


class AnswerOut(BaseModel):
    """One plain answer: how good the news is, and what it rests on."""

    about: str
    standing: Literal["fine", "weak", "broken", "unknown"]
    sentence: str
    findings: list[str]


class AliasSuggestion(BaseModel):
    """Two names that may stand for one contestant, and the evaluations; nothing is assumed."""

    this: str
    that: str
    where: list[str]


class AgreementReport(BaseModel):
    """The report; the whole of it is at `/api/agreement/{id}/report.html` for a while."""

    id: str
    names: list[str]
    answers: list[AnswerOut]
    notes: list[str]
    suggestions: list[AliasSuggestion]
    parts: list[ReportPart]
