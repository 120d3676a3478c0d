"""Battles, turns, votes and the reveal."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from blindarena.web.api.schemas.base import BattleMode, BattleStatus, In, Outcome, Side
from blindarena.web.api.schemas.images import ImageIn, ImageOut
from blindarena.web.api.schemas.usable import UsableIn


class BattleIn(In):
    """Start a battle; in a named mode, of the contestants that are chosen: two, or one.

    `side_by_side` and `direct` are named from the start, so nothing of them counts on a board.
    `images` draws among the contestants that take pictures; without it a blind battle takes some
    only where all contestants do, and a named one where those that are chosen do.
    """

    mode: Literal["battle", "side_by_side", "direct"] = "battle"
    contestants: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=2)] = (
        Field(default_factory=list)
    )
    images: bool = False


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


class NamesOut(BaseModel):
    """Who answers on each side; `b` is null in a chat with one contestant."""

    a: str
    b: str | None


class BattleOut(BaseModel):
    """A new battle; `prompt` is the text of a prepared prompt, null where the voter writes it.

    `contestants` is null in a blind battle. `images`: its messages may have pictures.
    """

    battle_id: UUID
    mode: BattleMode
    contestants: NamesOut | None
    prompt: str | None
    ticket: PromptOut | None
    progress: Progress
    images: bool


class TurnOut(BaseModel):
    """One turn as the voter may see it; `replaced` answers were given to it before these."""

    number: int
    content: str
    status: Literal["streaming", "complete", "failed", "interrupted", "replaced"]
    replaced: int
    a: str
    b: str
    images: list[ImageOut]


class TurnIn(In):
    """A user message; ignored where the prompt is prepared.

    `confirm` sends it although it seems to hold personal data, where the arena asks about them (the
    problem `personal-data-confirm`); where it takes none it changes nothing. `images` are PNG, JPEG
    or WebP files, at most four of at most 5 MB each; `keep_images` takes those of the last attempt
    at this message, which was interrupted, in their place.
    """

    content: str = ""
    confirm: bool = False
    images: Annotated[list[ImageIn], Field(max_length=20)] = Field(default_factory=list)
    keep_images: bool = False


class StopIn(In):
    """Stop one side, or both."""

    side: Side | None = None


class StatusOut(BaseModel):
    """The state of a battle after a change."""

    status: BattleStatus


class VoteIn(In):
    """One decisive vote; `usable` is required where the arena asks, and refused elsewhere."""

    outcome: Outcome
    reasons: Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=20)] = Field(
        default_factory=list
    )
    comment: Annotated[str, Field(max_length=2000)] = ""
    usable: UsableIn | None = None


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


class BattleState(BattleOut):
    """A battle as the voter may see it; nothing here depends on who the contestants are.

    `reveal` is there once the vote is in.
    """

    status: BattleStatus
    turns: list[TurnOut]
    reveal: RevealOut | None
