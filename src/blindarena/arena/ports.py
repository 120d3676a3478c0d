"""What the arena needs from outside; `storage` and `testing` provide it.

Every method of a repository is one short transaction; none stays open while a model streams.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from blindarena.domain.arenas import Arena, ArenaVersion, Contestant, Prompt, VersionDraft
from blindarena.domain.battles import (
    Answer,
    Battle,
    BattleStatus,
    Session,
    Turn,
    TurnRecord,
    TurnStatus,
    Vote,
)
from blindarena.domain.chat import ChatRequest, StreamEvent
from blindarena.domain.exclusions import VoteRules
from blindarena.domain.images import SentPicture
from blindarena.domain.usable import JudgedSide


class Arenas(Protocol):
    """Arenas, their contestants and their prompts, as configured."""

    async def put(
        self,
        arena: Arena,
        contestants: Sequence[Contestant],
        prompts: Sequence[Prompt],
        *,
        draft: VersionDraft | None = None,
    ) -> Arena:
        """Insert or update by slug (contestants by name, prompts by key); ids in the store stay.

        Contestants and prompts with another fingerprint are others of the same name or key. With
        a `draft` the arena gets the version that compares the same, which is made where there is
        none; without, it keeps the version that was given.

        A contestant or prompt that is no longer given is kept for its old votes but retired: it is
        not listed any more. What an owner switched on or off (`enabled`) stays as switched.

        Returns:
            The arena as stored, with its lasting id.
        """
        ...

    async def all(self) -> list[Arena]:
        """Return all arenas in the order in which they were first put."""
        ...

    async def by_slug(self, slug: str) -> Arena | None:
        """Return one arena."""
        ...

    async def contestants(self, arena_id: UUID, *, retired: bool = False) -> list[Contestant]:
        """Return the contestants of an arena, in order; with `retired`, the old ones too."""
        ...

    async def prompts(self, arena_id: UUID, *, retired: bool = False) -> list[Prompt]:
        """Return the prepared prompts of an arena, by position; with `retired`, those too."""
        ...

    async def versions(self, arena_id: UUID) -> list[ArenaVersion]:
        """Return the versions of an arena, the oldest first; none where it has no file."""
        ...

    async def set_enabled(self, contestant_id: UUID, enabled: bool) -> None:
        """Switch a contestant on or off (the owner's explicit click)."""
        ...


class Sessions(Protocol):
    """Browsers and what they consented to."""

    async def add(self, session: Session) -> None:
        """Store a new session with its consents."""
        ...

    async def by_secret_hash(self, secret_hash: str) -> Session | None:
        """Return the session of a cookie."""
        ...

    async def add_consent(self, session_id: UUID, version: str, at: datetime) -> None:
        """Remember that a session agreed to a version; again is no error."""
        ...

    async def delete(self, session_id: UUID) -> None:
        """Forget a session and its consents (log-out)."""
        ...


class Battles(Protocol):
    """Battles, their turns and answers."""

    async def add(self, battle: Battle) -> None:
        """Store a new battle."""
        ...

    async def get(self, battle_id: UUID) -> Battle | None:
        """Return one battle."""
        ...

    async def move(
        self, battle_id: UUID, *, to: BattleStatus, allowed: Sequence[BattleStatus]
    ) -> bool:
        """Change the status if it is one of `allowed` now; say whether it was (compare and set)."""
        ...

    async def start_turn(
        self,
        turn: Turn,
        *,
        replaces: Turn | None = None,
        images: Sequence[SentPicture] | None = None,
    ) -> bool:
        """Store a turn and move its battle from waiting or votable to streaming, atomically.

        A complete turn that it `replaces` is kept with its answers, as replaced. `images` take the
        place of those of earlier attempts at this message; None leaves them.

        Returns:
            False, with nothing stored, where the battle was in another state.
        """
        ...

    async def end_turn(
        self,
        turn_id: UUID,
        answers: Sequence[Answer],
        *,
        status: TurnStatus,
        battle_status: BattleStatus,
    ) -> None:
        """Store the answers, the turn's and the battle's new status, and the contestants' sums.

        One transaction. The sums are those of `ContestantStats`: an answer with a fault counts
        as an error; an interrupted turn and a named battle count in no sum.
        """
        ...

    async def turns(self, battle_id: UUID) -> list[TurnRecord]:
        """Return all turns in order of number and attempt, with their answers."""
        ...

    async def prompts_seen(
        self, arena_id: UUID, voter: str, *, version: int = 1
    ) -> Mapping[UUID, BattleStatus]:
        """Return each prepared prompt this voter met with its battle's status, oldest first.

        Only battles of one version of the arena count: a new one is voted on anew. The review
        queue, which gives each prompt several times, is apart.
        Where a prompt was met more often, `voted` wins, else the latest.
        """
        ...

    async def reset_streaming(self) -> int:
        """Close what a killed process left: streaming turns become interrupted.

        Their battles become votable where an earlier turn is complete, else waiting.

        Returns:
            How many turns were closed.
        """
        ...


class Votes(Protocol):
    """Votes, append-only, and the counts kept beside them."""

    async def record(
        self,
        vote: Vote,
        *,
        first: UUID,
        second: UUID,
        wins_first: bool,
        rules: VoteRules = VoteRules(),  # noqa: B008 - frozen
        usable: Sequence[JudgedSide] = (),
    ) -> str | None:
        """Store a vote durably and add it to the counts of those that count or do not.

        One transaction: the battle moves from votable to voted, the vote is inserted, and the
        counts of the population "people" grow, once for category "" (all) and once for the
        vote's own category where it has one. It returns after the commit.

        Args:
            vote: the vote; its `excluded` decides whether it is counted.
            first: the contestant with the smaller id.
            second: the other one.
            wins_first: for a decisive outcome, whether the winner is `first`.
            rules: those about the voter's earlier votes are applied in the same transaction, and
                then the exclusion of the voter; see `domain.exclusions`.
            usable: what it says of each side, stored and counted with it.

        Returns:
            Why the vote does not count; None counts.

        Raises:
            DuplicateVoteError: the battle already has a vote.
            BattleStateError: the battle is not votable.
        """
        ...

    async def of_voter(self, arena_id: UUID, voter: str, *, limit: int) -> list[Vote]:
        """Return a voter's latest votes, newest first, excluded as they were when cast."""
        ...

    async def count_of_voter(self, arena_id: UUID, voter: str) -> int:
        """Return how many votes this voter has cast in the arena, excluded ones included."""
        ...

    async def recent(self, arena_id: UUID, *, limit: int) -> list[Vote]:
        """Return the arena's latest votes, newest first, excluded as they are now."""
        ...


class Vault(Protocol):
    """Small secrets of the installation: salts, the owner's password hash."""

    async def get(self, name: str) -> str | None:
        """Return a secret."""
        ...

    async def put_if_absent(self, name: str, value: str) -> str:
        """Store a secret unless there is one; return the one that is stored."""
        ...

    async def put(self, name: str, value: str) -> None:
        """Store a secret in place of the one there may be."""
        ...

    async def drop(self, name: str) -> None:
        """Destroy a secret; without one nothing happens."""
        ...


class AuditLog(Protocol):
    """Who changed what, append-only."""

    async def add(self, *, at: datetime, who: str, what: str, detail: str = "") -> None:
        """Append one line."""
        ...

    async def recent(self, *, limit: int) -> list[tuple[datetime, str, str, str]]:
        """Return the latest lines (time, who, what, detail), newest first."""
        ...


class ChatModels(Protocol):
    """Models, reached by the names of their deployments; the gateway's router in process."""

    def stream(
        self, deployments: Sequence[str], request: ChatRequest
    ) -> AsyncIterator[StreamEvent]:
        """Stream one answer from the first deployment that gives a first token.

        Yields:
            Text deltas, then one Finished.

        Raises:
            ProviderError: all of them failed, or the one that had begun broke off.
        """
        ...

    def available(self, deployments: Sequence[str]) -> bool:
        """Say whether at least one of them can be asked now."""
        ...


class SamplingRates(Protocol):
    """How often pairs are to meet under `racing`."""

    def __call__(
        self, arena: Arena, contestants: Sequence[Contestant]
    ) -> Mapping[tuple[UUID, UUID], float] | None:
        """Return the rates as far as known, at once, for all pairs of these contestants.

        None draws every pair alike. Ids are in order, the smaller first.
        """
        ...


class Clock(Protocol):
    """The time, as an argument."""

    def __call__(self) -> datetime:
        """Return the time now, in UTC."""
        ...
