"""What a voter may ask for, and what time deletes by itself."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from blindarena.arena.pool import ContestantPool
from blindarena.arena.ports import AuditLog, Clock, Vault
from blindarena.arena.privacy_ports import RaterData, Rows, VoterData
from blindarena.arena.rater_privacy import RaterPrivacy
from blindarena.arena.sessions import SessionService
from blindarena.domain.arenas import Arena
from blindarena.domain.battles import Session
from blindarena.domain.exclusions import told_to_voter
from blindarena.domain.privacy import Erased, cutoff, erased_label, erased_on
from blindarena.errors import InvalidInputError, NotFoundError

SHORTEST = 8
_TELLING = (
    "contestant_a", "contestant_b", "contestant_id", "deployment", "price", "cost_usd", "fault",
    "prompt_tokens", "completion_tokens", "tokens_reported", "ttft_s", "seconds", "finish_reason",
    "leaked", "probability",
)  # fmt: skip
"""Columns that might tell who answered, hidden from a voter until the vote."""


class PrivacyService:
    """Export, erasure and the retention clock.

    Args:
        data: everything about one voter.
        raters: votes on judged pairs.
        forget: called with a battle whose texts are about to go, for what is kept in memory.
        token: makes 12 random hexadecimal digits.
        now: the clock, in UTC.
    """

    def __init__(
        self,
        *,
        data: VoterData,
        raters: RaterData,
        pool: ContestantPool,
        sessions: SessionService,
        vault: Vault,
        audit: AuditLog,
        now: Clock,
        forget: Callable[[UUID], None] = lambda battle_id: None,
        token: Callable[[], str] = lambda: secrets.token_hex(6),
    ) -> None:
        self._data = data
        self.raters = RaterPrivacy(raters, audit=audit, now=now, token=token)
        self._pool = pool
        self._sessions = sessions
        self._forget = forget
        self._vault = vault
        self._audit = audit
        self._now = now
        self._token = token
        self._swept: dict[UUID, datetime] = {}

    async def find(self, beginning: str, *, slug: str | None = None) -> tuple[Arena, str]:
        """Return the arena and the whole pseudonym of a voter.

        Args:
            beginning: the pseudonym, or its first 8 digits or more.
            slug: of the arena; None looks in all.

        Raises:
            InvalidInputError: it is too short, or two begin so.
            NotFoundError: nobody is known by it.
        """
        if len(beginning) < SHORTEST or not beginning.isalnum():
            raise InvalidInputError(
                f"{beginning!r} is no pseudonym; give the {SHORTEST} digits that the owner's page "
                "shows, or more"
            )
        arenas = {arena.id: arena for arena in await self._pool.all()}
        found = [
            (arenas[arena_id], voter)
            for arena_id, voter in await self._data.arenas_of(beginning.lower())
            if arena_id in arenas and slug in (None, arenas[arena_id].slug)
        ]
        found = [one for one in found if erased_on(one[1]) is None]
        if not found:
            where = "this database" if slug is None else f"the arena {slug!r}"
            raise NotFoundError(f"{where} knows no voter whose pseudonym begins with {beginning!r}")
        if len(found) > 1:
            raise InvalidInputError(
                f"more than one pseudonym begins with {beginning!r}; give more of its digits, or "
                "the arena"
            )
        return found[0]

    async def export(self, arena: Arena, voter: str) -> dict[str, Any]:
        """Return all that is stored about a pseudonym, for JSON."""
        names = {str(c.id): c.name for c in await self._pool.everyone(arena)}
        return {
            "arena": arena.slug,
            "pseudonym": voter,
            "exported_at": self._now().isoformat(),
            "consent": {"version": arena.consent.version, "text": arena.consent.text},
            "contestants": names,
            "stored": await self._data.rows(arena.id, voter),
        }

    async def own(self, session: Session) -> dict[str, Any]:
        """Return all that is stored about a browser, in every arena, as its voter may see it.

        Who the contestants of a battle were is told after the vote, as on the page.
        """
        found = []
        for arena, voter in await self._pseudonyms(session):
            export = await self.export(arena, voter)
            if export["stored"]:
                stored, told = _blind(export["stored"])
                names = {i: name for i, name in export["contestants"].items() if i in told}
                found.append(export | {"stored": stored, "contestants": names})
        return {
            "session": {
                "id": str(session.id),
                "created_at": session.created_at.isoformat(),
                "consents": sorted(session.consents),
            },
            "arenas": found,
            "judge_votes": await self.raters.rows(await self._sessions.rater(session)),
        }

    async def summary(self, session: Session) -> list[tuple[Arena, str, int, int]]:
        """Return for each arena with data the pseudonym, and how many battles and votes."""
        found = []
        for arena, voter in await self._pseudonyms(session):
            rows = await self._data.rows(arena.id, voter, files=False)
            if rows:
                cast = [v for v in rows.get("votes", ()) if v["points_at"] is None]
                found.append((arena, voter, len(rows.get("battles", ())), len(cast)))
        return found

    async def erase(self, arena: Arena, voter: str, *, who: str) -> Erased:
        """Delete a voter's texts, comments and the link to the browser in one arena."""
        done = await self._erase(arena, voter)
        await self._data.scrub()
        await self._note(arena, who, "Erased a voter", done)
        return done

    async def erase_rater(self, rater: str, *, who: str) -> int:
        """Cut the votes on judged pairs loose from a rater; return how many rows there were."""
        rows = await self.raters.erase(rater, who=who)
        await self._data.scrub()
        return rows

    async def erase_own(self, session: Session) -> Erased:
        """Delete all of a browser, in every arena, and its session."""
        done = Erased()
        for arena, voter in await self._pseudonyms(session):
            part = await self._erase(arena, voter)
            if part.battles:
                await self._note(arena, "Voter", "Erased a voter", part)
                done += part
        rater = await self._sessions.rater(session)
        done += Erased(votes=await self.raters.erase(rater, who="Voter"))
        await self._sessions.log_out(session)
        if (
            done.battles or done.votes
        ):  # it writes the whole file anew: nobody may ask for that with empty hands
            await self._data.scrub()
        return Erased(done.battles, done.votes, 1)

    async def sweep(self, *, force: bool = False) -> dict[str, Erased]:
        """Delete what is older than each arena's retention; return by slug what was deleted.

        Args:
            force: look also where this process has looked since the day began.
        """
        done: dict[str, Erased] = {}
        for arena in await self._pool.all():
            if arena.retention_days is None:
                continue
            before = cutoff(self._now(), arena.retention_days)
            if not force and self._swept.get(arena.id) == before:
                continue
            swept = Erased()
            for voter in await self._data.voters_before(arena.id, before):
                swept += await self._erase(arena, voter, before=before)
            if swept.battles:
                done[arena.slug] = swept
                await self._note(
                    arena, "Retention", f"Deleted texts of before {before:%Y-%m-%d}", swept
                )
                await self._end_pseudonyms(arena)
            self._swept[arena.id] = before
        if done:
            await self._data.scrub()
        return done

    async def _erase(self, arena: Arena, voter: str, *, before: datetime | None = None) -> Erased:
        label = erased_label(self._token(), self._now().date())
        for battle_id in await self._data.battles(arena.id, voter):
            self._forget(battle_id)
        done = await self._data.erase(arena.id, voter, label=label, before=before)
        self._sessions.forget_sessions()
        return done

    async def _end_pseudonyms(self, arena: Arena) -> None:
        """Destroy the key of an arena's pseudonyms where none is in use any more."""
        if await self._data.any_linked(arena.id):
            return
        await self._vault.drop(f"voter-salt:{arena.id}")
        self._sessions.forget_salt(arena.id)
        await self._audit.add(
            at=self._now(),
            who="Retention",
            what="Destroyed the key of the pseudonyms",
            detail=arena.slug,
        )

    async def _pseudonyms(self, session: Session) -> list[tuple[Arena, str]]:
        arenas = [arena for arena in await self._pool.all() if not arena.read_only]
        return [(arena, await self._sessions.voter(session, arena)) for arena in arenas]

    async def _note(self, arena: Arena, who: str, what: str, done: Erased) -> None:
        await self._audit.add(at=self._now(), who=who, what=what, detail=f"{arena.slug}: {done}")


def _blind(rows: Rows) -> tuple[dict[str, list[Mapping[str, Any]]], set[str]]:
    """Hide what a voter is not told; also return the ids of the contestants who are told.

    A pair of the review queue stays blind after its vote, as that may be changed.
    """
    voted = {
        battle["id"]
        for battle in rows.get("battles", ())
        if battle["status"] == "voted" and battle["mode"] != "queue"
    }
    battle_of = {turn["id"]: turn["battle_id"] for turn in rows.get("turns", ())}
    battle_of |= {vote["id"]: vote["battle_id"] for vote in rows.get("votes", ())}
    shown: dict[str, list[Mapping[str, Any]]] = {}
    for table, listed in rows.items():
        if table == "voter_exclusions":
            continue
        kept: list[Mapping[str, Any]] = []
        for row in listed:
            if table == "votes" and row["points_at"] is not None:
                continue
            battle = row["id"] if table == "battles" else row.get("battle_id")
            battle = battle or battle_of.get(row.get("turn_id", row.get("vote_id", "")))
            hidden = {"points_at"} if battle is None or battle in voted else set(_TELLING)
            row = {name: value for name, value in row.items() if name not in hidden}
            if table == "votes":
                row["excluded"] = told_to_voter(row["excluded"])
            kept.append(row)
        shown[table] = kept
    told = {
        str(row[name])
        for listed in shown.values()
        for row in listed
        for name in _TELLING[:3]
        if name in row
    }
    return shown, told
