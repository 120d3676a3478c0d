"""What imports and prepared answers need from outside; `storage` and `testing` provide it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from blindarena.domain.imports import Import, ImportedRow, PreparedAnswer, PreparedState


class Imports(Protocol):
    """Files of prompts that were taken into arenas."""

    async def begin(self, made: Import) -> None:
        """Store a staged import without rows; abandoned ones of the arena are forgotten.

        Abandoned is a staged import of the same file, or one that is older than a day.
        """
        ...

    async def stage(self, import_id: UUID, start: int, rows: Sequence[ImportedRow]) -> None:
        """Store rows `start`, `start` + 1, ... of a staged import; nobody sees them yet."""
        ...

    async def finish(self, import_id: UUID, at: datetime) -> Import:
        """Make the staged rows prompts of the arena, in one transaction; again is no error.

        A prompt with the same key and text keeps its id and its answers; one whose text changed is
        another prompt, and the old one is retired, as is what an earlier import of the same file
        brought and this one does not. The arena's prompts are prepared ones from now on.

        Raises:
            NotFoundError: there is no such import.
            InvalidInputError: a key is that of a prompt from the arena's file.
        """
        ...

    async def discard(self, import_id: UUID) -> None:
        """Forget a staged import; a done one stays."""
        ...

    async def get(self, import_id: UUID) -> Import | None:
        """Return one import."""
        ...

    async def of_arena(self, arena_id: UUID) -> list[Import]:
        """Return an arena's imports, newest first."""
        ...


class PreparedAnswers(Protocol):
    """One answer for each prompt and contestant; a later one replaces it."""

    async def put(self, answer: PreparedAnswer) -> None:
        """Store an answer in place of the one there may be."""
        ...

    async def of_prompt(self, prompt_id: UUID) -> list[PreparedAnswer]:
        """Return the answers to a prompt in order of the contestants' ids, faults included.

        Those of contestants that are retired by now are among them.
        """
        ...

    async def states(self, arena_id: UUID) -> Mapping[tuple[UUID, UUID], PreparedState]:
        """Return what there is, without texts, by prompt and contestant."""
        ...


class Tariff(Protocol):
    """What answers cost, before they are asked for."""

    def tokens(self, texts: Sequence[str]) -> int:
        """Estimate the tokens of a request made of these messages."""
        ...

    def cost(
        self, deployments: Sequence[str], *, prompt: int, completion: int, seconds: float | None
    ) -> float | None:
        """Return the cost in USD at the dearest of the deployments; None where it is unknown.

        Args:
            deployments: any of them may answer.
            prompt: tokens.
            completion: tokens.
            seconds: None where nobody knows, which is unknown for a price per hour.
        """
        ...

    def is_here(self, deployments: Sequence[str]) -> bool:
        """Say whether all of them run on this machine, so that nobody sends a bill."""
        ...
