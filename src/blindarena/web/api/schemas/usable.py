"""The usable-answer question, in votes and on boards."""

from typing import Literal

from pydantic import BaseModel

from blindarena.web.api.schemas.base import In


class SideUseIn(In):
    """What the voter would do with one side's answer."""

    send: Literal["as_is", "after_edits", "never"]
    breaks_policy: bool = False


class UsableIn(In):
    """Both sides; required where the arena's `usable_answer` is on, refused elsewhere."""

    a: SideUseIn
    b: SideUseIn


class UsableOut(BaseModel):
    """How many of a contestant's answers would be sent; null is unknown, never 0.

    Rates are shares of the `n` answers judged, with 95 % intervals; `sendable` is as is or after
    edits. The cost is that of all answers, divided by the share that would be sent.
    """

    n: int
    sendable_rate: float | None
    sendable_lower: float | None
    sendable_upper: float | None
    as_is_rate: float | None
    as_is_lower: float | None
    as_is_upper: float | None
    breach_rate: float | None
    breach_lower: float | None
    breach_upper: float | None
    cost_per_sendable_usd: float | None
    cost_per_sendable_lower: float | None
    cost_per_sendable_upper: float | None
