"""What is planted in the scripted answers of a replay arena."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Breach:
    """A planted breach: the sentence of the policy, and the exact words that break it."""

    policy: str
    quote: str
