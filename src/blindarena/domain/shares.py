"""A link to a revealed battle."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Share:
    """One link; whoever has its token may read the battle until it is withdrawn.

    Attributes:
        token_hash: SHA-256 of the token, in hexadecimal; the token itself is stored nowhere.
    """

    token_hash: str
    battle_id: UUID
    created_at: datetime
    withdrawn_at: datetime | None = None
