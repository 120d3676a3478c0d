"""`[queue]` of an arena file: the review queue."""

from typing import Annotated, Literal

from pydantic import Field

from blindarena.settings.base import Section


class ReviewQueue(Section):
    """`[queue]`: how prepared pairs are rated; it needs "queue" among the arena's `modes`."""

    overlap: Annotated[float, Field(ge=0, le=1)] = 0.2
    reservation_minutes: Annotated[int, Field(ge=1, le=1440)] = 20
    size: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    open_to_all: bool = False
    invites_need_login: bool = False
    board: Literal["after", "live"] | None = None
