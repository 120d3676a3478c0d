"""Files of prompts that the owner takes into an arena, and the answers made for them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from blindarena.web.api.schemas.base import In


class ImportPreview(BaseModel):
    """What a file holds and what would be taken of it; texts are screened already.

    `bad`, `left_out` and `found` count by reason or kind; `blocked` and `doubles` are rows left
    out for personal data and as near-repetitions; `strangers` are answers by models that are no
    contestants.
    """

    name: str
    format: str
    encoding: str
    note: str
    digest: str
    size: int
    delimiter: str
    mapping: dict[str, str]
    pii: Literal["off", "warn", "redact", "block"]
    rows: int
    bad: dict[str, int]
    bad_examples: list[str]
    left_out: dict[str, int]
    found: dict[str, int]
    blocked: int
    doubles: int
    taken: int
    sample: int | None
    seed: int
    languages: dict[str, int]
    categories: dict[str, int]
    examples: list[str]
    answers: dict[str, int]
    strangers: dict[str, int]


class EstimateOut(BaseModel):
    """What one contestant's missing answers would cost; null is unknown."""

    contestant: str
    answers: int
    prompt_tokens: int
    likely_usd: float | None
    at_most_usd: float | None


class ImportOut(BaseModel):
    """A file; `staged` until it is confirmed, which nobody but the owner sees."""

    id: UUID
    name: str
    status: Literal["staged", "done"]
    created_at: datetime
    done_at: datetime | None
    preview: ImportPreview


class ImportStaged(ImportOut):
    """An uploaded file before it is confirmed, with what its missing answers would cost."""

    estimates: list[EstimateOut]


class ImportsOut(BaseModel):
    """All files of an arena, the newest first."""

    imports: list[ImportOut]


class FaultOut(BaseModel):
    """How often one contestant failed for one reason."""

    contestant: str
    fault: str
    n: int


class MakingOut(BaseModel):
    """How far making answers is; `running` is false once it has ended."""

    running: bool
    total: int
    made: int
    failed: int
    left: int
    spent_usd: float
    unpriced: int
    faults: list[FaultOut]
    given_up: list[str]
    capped: bool


class AnswersOut(BaseModel):
    """Answers that are missing, what they would cost, and the last or present run."""

    missing: int
    estimates: list[EstimateOut]
    run: MakingOut | None


class GenerateIn(In):
    """Make the missing answers; the limit is exceeded by one answer at most."""

    max_spend_usd: Annotated[float, Field(ge=0)] | None = None
