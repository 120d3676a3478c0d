"""Runs of judges: what they say, judged pairs one by one, and people's votes on them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from blindarena.web.api.schemas.base import In, Outcome, Role, Side

ProtocolName = Literal["single", "pair", "baseline", "rubric"]
Flag = Literal["flipped", "split", "unparsed", "failed", "flagged"]
Result = Literal["a", "b", "tie", "flipped", "unparsed", "failed", "waiting"]
FiveWay = Literal["A>>B", "A>B", "A=B", "B>A", "B>>A"]


class CallsOut(BaseModel):
    """How far calls are; an unknown total or cost is null."""

    done: int
    failed: int
    total: int | None
    cost_usd: float | None
    costs_known: int


class JudgeRunOut(BaseModel):
    """One run, also one that is being written; `problem` says why it cannot be read."""

    name: str
    set_name: str
    questions: int
    contestants: list[str]
    judges: list[str]
    protocols: list[ProtocolName]
    answers: CallsOut | None
    judgments: CallsOut | None
    unparsed: int
    flagged: int
    changed_at: datetime | None
    problem: str


class JudgeRunsOut(BaseModel):
    """All runs in `folder`, the one that was written last first."""

    folder: str
    runs: list[JudgeRunOut]
    role: Role


class FindingOut(BaseModel):
    """One thing that a reader must know of a judge."""

    severity: Literal["broken", "weak", "note"]
    code: str
    sentence: str


class VerdictOut(BaseModel):
    """What to think of one judge with one protocol; the worst findings first."""

    judge: str
    protocol: ProtocolName
    standing: Literal["broken", "weak", "unknown", "fine"]
    sentence: str
    findings: list[FindingOut]


class PlotOut(BaseModel):
    """A value with its interval, to be drawn beside its row."""

    value: float | None
    lower: float | None
    upper: float | None
    unit: str


class ReportTable(BaseModel):
    """A table of the report; text stands in the first `words` columns, numbers in the others.

    `note` is what must be known of these figures wherever they are shown.
    """

    title: str
    caption: str
    note: str = ""
    head: list[str]
    rows: list[list[str]]
    words: int
    plots: list[PlotOut]


class ReportPart(BaseModel):
    """The tables of one protocol, or of the judges."""

    title: str
    sections: list[ReportTable]


class ShareOut(BaseModel):
    """A share with its 95 % interval, clustered by question; null with fewer than two of them."""

    count: float
    total: float
    value: float | None
    lower: float | None
    upper: float | None
    clusters: int


class AgreementOfPeople(BaseModel):
    """How often people say what a judge says; `undecided` votes met no one word of it."""

    judge: str
    protocol: ProtocolName
    blind: ShareOut
    all: ShareOut
    undecided: int


class JudgeRunSummary(BaseModel):
    """What a run says, what speaks against its judges, and what people say of them.

    `report` is what `blindarena judge show --json` prints.
    """

    run: JudgeRunOut
    categories: list[str]
    items: int
    verdicts: list[VerdictOut]
    parts: list[ReportPart]
    people: list[AgreementOfPeople]
    votes: int
    raters: int
    report: dict[str, Any]


class SaidShort(BaseModel):
    """One judge's word, about the sides as this person sees them."""

    judge: str
    protocol: ProtocolName
    result: Result


class JudgedRow(BaseModel):
    """One item of a list; who and what judges say are null as long as this person is blind."""

    key: str
    question_id: str
    category: str
    turn: int
    text: str
    flags: list[Flag]
    contestants: list[str] | None
    said: list[SaidShort] | None
    vote: Outcome | None


class JudgedItems(BaseModel):
    """A page of the items that are asked for."""

    total: int
    offset: int
    items: list[JudgedRow]


class JudgedTurn(BaseModel):
    """One turn of an answer; counts, times and costs that are unknown or hidden are null."""

    text: str
    completion_tokens: int | None = None
    seconds: float | None = None
    cost_usd: float | None = None


class JudgedSide(BaseModel):
    """One answer; its name is null as long as this person is blind."""

    name: str | None
    missing: bool
    turns: list[JudgedTurn]


class ChecklistMark(BaseModel):
    """A judge's word on one item of a checklist; null where it gave none."""

    id: str
    text: str
    fulfilled: bool | None


class JudgeText(BaseModel):
    """One call of a judge.

    `first` is the side that it saw as A; `verdict` is as it was written, about A and B as shown;
    `of` is the side that a grade is for.
    """

    first: Side | None
    of: Side | None
    verdict: FiveWay | None
    score: float | None
    marks: list[ChecklistMark]
    text: str
    error: str | None
    unparsed: bool
    flagged: bool
    seconds: float | None
    cost_usd: float | None
    completion_tokens: int | None


class SaidOut(BaseModel):
    """One judge's word by one protocol, with all of its texts."""

    judge: str
    protocol: ProtocolName
    prompt: str
    repeat: int
    result: Result
    calls: list[JudgeText]


class JudgedItem(BaseModel):
    """One turn of a question with its answers, as this person sees it.

    Before `revealed`, names and `said` are null. `votes` counts those of others.
    """

    key: str
    question_id: str
    category: str
    turn: int
    policy: str | None
    turns: list[str]
    reference: list[str]
    a: JudgedSide
    b: JudgedSide | None
    flags: list[Flag]
    revealed: bool
    said: list[SaidOut] | None
    vote: Outcome | None
    blind: bool | None
    votes: dict[Outcome, int]


class JudgedVoteIn(In):
    """A vote about the two sides as shown; `blind` says that nothing was revealed before."""

    outcome: Outcome
    blind: bool = True


class VotesDeleted(BaseModel):
    """How many rows of votes there were."""

    deleted: Annotated[int, Field(ge=0)]
