"""The file of an arena on the owner's page, and the versions it has had."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from blindarena.web.api.schemas.base import In


class FileProblemOut(BaseModel):
    """One thing that is wrong in a file; `line` counts from 1."""

    file: str
    line: int | None
    key: str
    value: str | None
    problem: str
    cure: str


class ArenaVersionOut(BaseModel):
    """One version of what an arena compares; votes of two versions never mix."""

    number: int
    created_at: datetime
    current: bool
    votes: int


class ArenaVersionsOut(BaseModel):
    """All versions, the oldest first; none where the arena has no file."""

    versions: list[ArenaVersionOut]


class ArenaFileOut(BaseModel):
    """An arena's file; `read_only` says why it cannot be written, and is empty where it can."""

    name: str | None
    text: str
    revision: str
    version: int
    parsed: dict[str, Any] | None
    problems: list[FileProblemOut]
    read_only: str
    versions: list[ArenaVersionOut]


class ArenaFileCheckIn(In):
    """A whole file as it might be."""

    text: Annotated[str, Field(max_length=200_000)]


class ArenaFileCheck(BaseModel):
    """What would become of the arena: its version now and then, which is `new` or one it had.

    `becomes` is null where the file has problems.
    """

    problems: list[FileProblemOut]
    version: int
    becomes: int | None
    new: bool


class ArenaFileIn(In):
    """The whole file as it is to be, and the revision of the text that was looked at."""

    text: Annotated[str, Field(max_length=200_000)]
    revision: Annotated[str, Field(min_length=16, max_length=16)]
