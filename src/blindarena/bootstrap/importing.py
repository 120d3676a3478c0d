"""Takes a file of prompts into an arena and prepares answers; for `web` and `cli` alike."""

import asyncio
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from blindarena.arena.outstanding import Estimate, Wanted, estimates, outstanding
from blindarena.arena.pool import ContestantPool
from blindarena.arena.preparing import AnswerMaker, Making, check_priced
from blindarena.bootstrap.arena_store import ArenaStore
from blindarena.bootstrap.fleet import Fleet
from blindarena.bootstrap.import_rows import batch_of, matcher
from blindarena.bootstrap.import_tools import tools_for
from blindarena.bootstrap.tariffs import Tariffs
from blindarena.domain.arenas import Arena, Contestant, PiiMode, Prompt
from blindarena.domain.ids import uuid7
from blindarena.domain.imports import Import
from blindarena.errors import InvalidInputError, NotFoundError
from blindarena.pipeline.importing.preparing import Prepared, Tools, prepare
from blindarena.pipeline.importing.preview import Preview
from blindarena.pipeline.importing.reading import open_source
from blindarena.pipeline.pii.screening import screen
from blindarena.settings import Limits
from blindarena.storage.database import Database

Say = Callable[[str, int], None]
"""What is being done ("reading" counts bytes, "preparing" rows) and how far it is."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is to be taken.

    Attributes:
        pii: None takes the arena's own; where that is off, personal data is only told of.
        columns: our names and those of the file.
        sample: rows to take at most; None takes all.
    """

    pii: PiiMode | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    sample: int | None = None
    seed: int = 0
    skip_bad: bool = False

    def __post_init__(self) -> None:
        if self.sample is not None and self.sample < 1:
            raise InvalidInputError(f"sample is {self.sample}; give how many prompts to take")


class Importer:
    """The use-cases of an import, on one database.

    Args:
        fleet: answers, and knows what answers cost.
        limits: for the longest prompt that is taken.
        now: the time, in UTC.
    """

    def __init__(
        self,
        *,
        database: Database,
        fleet: Fleet,
        store: ArenaStore,
        pool: ContestantPool,
        limits: Limits,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._tariffs = Tariffs(fleet.prices, fleet.cards)
        self._store = store
        self._pool = pool
        self._longest = limits.max_prompt_chars
        self._now = now
        self.maker = AnswerMaker(models=fleet.router, prepared=database.prepared, now=now)

    async def preview(
        self,
        arena: Arena,
        path: Path,
        options: ImportOptions,
        *,
        name: str | None = None,
        say: Say = lambda what, done: None,
    ) -> tuple[Prepared, Preview]:
        """Read a file and tell what would be taken; nothing is stored.

        The caller closes the first of the two.

        Raises:
            ImportFileError: one line with file, row, column, value and cure.
        """
        if arena.read_only:
            raise InvalidInputError(f"{arena.title!r} is a published board and takes no prompts")
        contestants = await self._pool.contestants(arena)
        own = {p.key for p in await self._pool.prompts(arena) if p.import_id is None}
        tools = tools_for(arena, options.pii or _told(arena.pii), key=await self._key())

        def work() -> tuple[Prepared, Preview]:
            with open_source(
                path,
                name=name,
                columns=options.columns,
                categories=arena.categories,
                taken=own,
                skip_bad=options.skip_bad,
                longest=self._longest,
                say=lambda size: say("reading", size),
            ) as source:
                return prepare(
                    source,
                    tools,
                    contestant_of=matcher(source.name, contestants, named=source.named),
                    sample=options.sample,
                    seed=options.seed,
                    say=lambda rows: say("preparing", rows),
                )

        return await asyncio.to_thread(work)

    async def stage(self, arena: Arena, prepared: Prepared, preview: Preview) -> Import:
        """Store the rows where nobody sees them yet, in batches; `finish` takes them over."""
        made = Import(
            id=uuid7(),
            arena_id=arena.id,
            name=preview.name,
            digest=preview.digest,
            created_at=self._now(),
            facts=asdict(preview),
        )
        contestants = {c.name: c for c in await self._pool.contestants(arena)}
        imports = self._database.imports
        await imports.begin(made)
        rows, start = iter(prepared), 0
        while batch := await asyncio.to_thread(batch_of, rows, contestants):
            await imports.stage(made.id, start, batch)
            start += len(batch)
        return made

    async def finish(self, import_id: UUID, *, who: str) -> Import:
        """Make the staged rows prompts of their arena, at once; again is no error."""
        staged = await self.get(import_id)
        made = await self._database.imports.finish(import_id, self._now())
        if staged.status == "done":
            return made
        arena = await self._pool.arena(made.arena_id)
        await self._store.note(
            who=who,
            what="Imported prompts",
            detail=f"{arena.slug}: {made.facts.get('taken')} from {made.name}",
        )
        await self._store.refresh(arena.slug, who=who)
        return made

    async def discard(self, import_id: UUID) -> None:
        """Forget a staged import; a done one stays."""
        await self._database.imports.discard(import_id)

    async def get(self, import_id: UUID) -> Import:
        """Return an import.

        Raises:
            NotFoundError: there is none.
        """
        found = await self._database.imports.get(import_id)
        if found is None:
            raise NotFoundError("there is no such import; please upload the file again")
        return found

    async def of_arena(self, arena: Arena) -> list[Import]:
        """Return an arena's imports, newest first."""
        return await self._database.imports.of_arena(arena.id)

    async def missing(
        self, arena: Arena, *, pii: PiiMode | None = None
    ) -> tuple[list[Wanted], list[Estimate]]:
        """Return the answers that are still to be asked for, and what they would cost.

        Prompts are screened once more: what was taken in without is not sent on without. One
        that is blocked is asked of nobody.
        """
        prompts = await self._pool.prompts(arena)
        contestants = [c for c in await self._pool.contestants(arena) if c.enabled]
        tools = tools_for(arena, pii or arena.pii, key=b"")
        sendable = await asyncio.to_thread(lambda: list(_sendable(prompts, tools)))
        states = await self._database.prepared.states(arena.id)
        wanted = outstanding(contestants, sendable, states, tariff=self._tariffs)
        return wanted, estimates(wanted, states, tariff=self._tariffs)

    def would_cost(self, contestants: Sequence[Contestant], preview: Preview) -> list[Estimate]:
        """Return what the answers that the file lacks would cost, before it is taken.

        The prompts are counted by the mean of the preview's examples.
        """
        texts = preview.examples
        total = []
        for contestant in contestants:
            number = preview.taken - preview.answers.get(contestant.name, 0)
            if number <= 0 or not contestant.enabled:
                continue
            system = [contestant.system] if contestant.system else []
            tokens = sum(self._tariffs.tokens([*system, text]) for text in texts) // len(texts)
            most = self._tariffs.cost(
                contestant.deployments,
                prompt=tokens,
                completion=contestant.parameters.max_tokens,
                seconds=None,
            )
            total.append(
                Estimate(
                    contestant=contestant.name,
                    answers=number,
                    prompt_tokens=tokens * number,
                    likely_usd=None,
                    at_most_usd=None if most is None else most * number,
                )
            )
        return total

    async def make(
        self,
        arena: Arena,
        wanted: Sequence[Wanted],
        *,
        max_spend: float | None = None,
        making: Making | None = None,
        say: Callable[[Making], None] = lambda making: None,
    ) -> Making:
        """Ask for missing answers; each is stored as soon as it is complete."""
        return await self.maker.run(arena.id, wanted, max_spend=max_spend, making=making, say=say)

    def check_limit(self, wanted: Sequence[Wanted], max_spend: float | None) -> None:
        """Say whether a spend limit can be kept.

        Raises:
            InvalidInputError: a contestant's price is unknown.
        """
        if max_spend is not None:
            check_priced(wanted)

    async def _key(self) -> bytes:
        stored = await self._database.vault.put_if_absent("import-key", secrets.token_hex(32))
        return bytes.fromhex(stored)


def _told(pii: PiiMode) -> PiiMode:
    return "warn" if pii == "off" else pii


def _sendable(prompts: Sequence[Prompt], tools: Tools) -> Iterator[tuple[Prompt, str]]:
    for prompt in prompts:
        result = screen(prompt.text, mode=tools.pii, detection=tools.detection)
        if not result.blocked:
            yield prompt, result.text
