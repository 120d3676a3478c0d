"""What a voter sees of their own data."""

from uuid import UUID

from pydantic import BaseModel


class OwnArenaData(BaseModel):
    """What is stored in one arena under this browser's pseudonym there."""

    arena: str
    title: str
    pseudonym: str
    battles: int
    votes: int
    retention_days: int | None


class OwnDataOut(BaseModel):
    """What is stored about this browser; arenas without anything are left out."""

    session_id: UUID
    arenas: list[OwnArenaData]


class ErasedOut(BaseModel):
    """How much was deleted or cut loose."""

    battles: int
    votes: int
