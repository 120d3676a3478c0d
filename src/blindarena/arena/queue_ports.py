"""What the review queue needs from outside; `storage` and `testing` provide it."""

from typing import Protocol


class Queue(Protocol):
    """Pairs to be rated, who holds them, and who was invited."""
