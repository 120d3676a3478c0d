"""Links to revealed battles."""

from pydantic import BaseModel

from blindarena.web.api.schemas.base import BattleMode, Outcome
from blindarena.web.api.schemas.images import ImageOut


class ShareOut(BaseModel):
    """A new link; it is told only once."""

    url: str


class WithdrawnOut(BaseModel):
    """How many links were open until now."""

    withdrawn: int


class SharedTurn(BaseModel):
    """One message and what both sides answered."""

    number: int
    content: str
    a: str
    b: str
    images: list[ImageOut]


class SharedSides(BaseModel):
    """The contestants' names, by side."""

    a: str
    b: str


class SharedBattleOut(BaseModel):
    """A revealed battle as anybody with the link sees it; nothing here is about the voter.

    `title` is that of a prepared prompt, else "".
    """

    arena: str
    mode: BattleMode
    arena_title: str
    title: str
    turns: list[SharedTurn]
    contestants: SharedSides
    outcome: Outcome
