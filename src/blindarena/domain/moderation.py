"""What moderation is counted by."""

from typing import Literal, get_args

Moderated = Literal["messages-refused", "answers-flagged", "checks-failed"]
"""Messages that were not sent, answers that were flagged, and how often the endpoint failed."""
MODERATED: tuple[Moderated, ...] = get_args(Moderated)
