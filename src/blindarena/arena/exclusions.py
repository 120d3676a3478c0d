"""The owner leaves voters or votes out, and lets them count again."""

from collections.abc import Sequence
from uuid import UUID

from blindarena.arena.exclusion_ports import Exclusions
from blindarena.arena.ports import AuditLog, Clock
from blindarena.domain.arenas import Arena
from blindarena.domain.exclusions import RULES, VoterExclusion
from blindarena.errors import InvalidInputError, NotFoundError

SHORT = 8


class ExclusionService:
    """Every exclusion has a reason, a line in the audit log, and a way back.

    Voters are not told: whoever votes to distort a board would begin anew under another name.

    Args:
        now: the clock, in UTC.
    """

    def __init__(self, *, exclusions: Exclusions, audit: AuditLog, now: Clock) -> None:
        self._exclusions = exclusions
        self._audit = audit
        self._now = now

    @staticmethod
    def short(voter: str) -> str:
        """Return the pseudonym as the owner sees it."""
        return voter[:SHORT]

    async def by_reason(self, arena: Arena) -> dict[str, int]:
        """Return how many votes do not count, by reason."""
        return await self._exclusions.by_reason(arena.id)

    async def voters(self, arena: Arena) -> list[VoterExclusion]:
        """Return the voters who are excluded, the latest first."""
        return await self._exclusions.voters(arena.id)

    async def exclude_voter(self, arena: Arena, beginning: str, *, reason: str) -> int:
        """Exclude a voter, the later votes too; return how many votes count no longer.

        Raises:
            InvalidInputError: the reason is one that rules give, or two pseudonyms begin so.
            NotFoundError: nobody who voted here has such a pseudonym.
        """
        reason = _own(reason)
        voter = await self._voter(arena, beginning)
        changed = await self._exclusions.exclude_voter(
            arena.id, voter, reason=reason, at=self._now()
        )
        await self._note(arena, "Excluded a voter", f"{self.short(voter)}, {reason}", changed)
        return changed

    async def reinstate_voter(self, arena: Arena, beginning: str) -> int:
        """Let a voter's votes count again; return how many do.

        Raises:
            InvalidInputError, NotFoundError: see `exclude_voter`.
        """
        voter = await self._voter(arena, beginning)
        changed = await self._exclusions.reinstate_voter(arena.id, voter, at=self._now())
        await self._note(arena, "Reinstated a voter", self.short(voter), changed)
        return changed

    async def exclude_votes(self, arena: Arena, ids: Sequence[UUID], *, reason: str) -> int:
        """Exclude single votes; return how many changed.

        Raises:
            InvalidInputError: the reason is one that rules give.
        """
        reason = _own(reason)
        changed = await self._exclusions.set_votes(arena.id, ids, reason=reason, at=self._now())
        await self._note(arena, "Excluded votes", reason, changed)
        return changed

    async def reinstate_votes(self, arena: Arena, ids: Sequence[UUID]) -> int:
        """Let single votes count again, whatever left them out; return how many changed."""
        changed = await self._exclusions.set_votes(arena.id, ids, reason=None, at=self._now())
        await self._note(arena, "Reinstated votes", "single votes", changed)
        return changed

    async def _voter(self, arena: Arena, beginning: str) -> str:
        known = {one.voter for one in await self.voters(arena) if one.voter.startswith(beginning)}
        found = sorted(known | set(await self._exclusions.voters_like(arena.id, beginning)))
        if not found:
            raise NotFoundError(f"no voter of {arena.title!r} has the pseudonym {beginning!r}")
        if len(found) > 1:
            raise InvalidInputError(
                f"more than one pseudonym begins with {beginning!r}; give more of its digits"
            )
        return found[0]

    async def _note(self, arena: Arena, what: str, detail: str, changed: int) -> None:
        votes = f"{changed} vote{'' if changed == 1 else 's'}"
        await self._audit.add(
            at=self._now(), who="Owner", what=what, detail=f"{arena.slug}: {detail}; {votes}"
        )


def _own(reason: str) -> str:
    """Return the owner's reason, which must not look like that of a rule."""
    reason = reason.strip()
    if not reason:
        raise InvalidInputError("the reason is empty; say why the votes do not count")
    if reason in RULES:
        raise InvalidInputError(f"{reason!r} is what a rule says; give a reason of your own")
    return reason
