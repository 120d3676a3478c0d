"""What the owner and the server did."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log; `id` grows."""

    id: int
    at: datetime
    who: str
    what: str
    detail: str
