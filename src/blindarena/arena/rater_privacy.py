"""What is stored about people who vote on judged pairs: exported, and cut loose."""

from collections.abc import Callable
from typing import Any

from blindarena.arena.ports import AuditLog, Clock
from blindarena.arena.privacy_ports import RaterData
from blindarena.domain.privacy import erased_label, erased_on

SHORTEST = 8


class RaterPrivacy:
    """Export and erasure of votes on judged pairs.

    Args:
        data: the votes.
        audit: is told of every erasure.
        now: the clock, in UTC.
        token: makes 12 random hexadecimal digits.
    """

    def __init__(
        self, data: RaterData, *, audit: AuditLog, now: Clock, token: Callable[[], str]
    ) -> None:
        self._data = data
        self._audit = audit
        self._now = now
        self._token = token

    async def find(self, beginning: str) -> str | None:
        """Return the one pseudonym that begins so; None where it is too short, nobody's or two's.

        Args:
            beginning: the pseudonym, or its first 8 digits or more.
        """
        if len(beginning) < SHORTEST:
            return None
        found = await self._data.raters(beginning.lower())
        found = [rater for rater in found if erased_on(rater) is None]
        return found[0] if len(found) == 1 else None

    async def rows(self, rater: str) -> list[dict[str, Any]]:
        """Return every vote of a pseudonym as values for JSON."""
        return [
            {
                "id": str(vote.id),
                "run": vote.run,
                "item": vote.item,
                "question_id": vote.question_id,
                "turn": vote.turn,
                "model_a": vote.model_a,
                "model_b": vote.model_b,
                "outcome": vote.outcome,
                "blind": vote.blind,
                "rater": vote.rater,
                "at": vote.at.isoformat(),
            }
            for vote in await self._data.of_rater(rater)
        ]

    async def export(self, rater: str) -> dict[str, Any]:
        """Return all that is stored about a pseudonym, for JSON."""
        return {
            "pseudonym": rater,
            "exported_at": self._now().isoformat(),
            "stored": {"judge_votes": await self.rows(rater)},
        }

    async def erase(self, rater: str, *, who: str) -> int:
        """Cut the votes of a pseudonym loose from it; return how many rows there were."""
        label = erased_label(self._token(), self._now().date())
        rows = await self._data.relabel(rater, label)
        if rows:
            await self._audit.add(
                at=self._now(),
                who=who,
                what="Erased a rater of judged pairs",
                detail=f"{rows} rows",
            )
        return rows
