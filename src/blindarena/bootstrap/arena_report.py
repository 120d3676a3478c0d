"""What an arena's file says, and the versions that the database knows of it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from blindarena.bootstrap.configured import plan_of
from blindarena.bootstrap.versions import draft_of, model_identities
from blindarena.domain.arenas import KPI_DIRECTION, ArenaVersion
from blindarena.errors import ConfigError, StorageError
from blindarena.settings import ArenaFile, Settings, checked_arena, read_text
from blindarena.storage.database import Database


@dataclass(frozen=True, slots=True)
class ArenaReport:
    """One arena as configured and as stored.

    Attributes:
        versions: each with its votes by people, the oldest first.
        current: number of the version that the server ran last; None: it has not run yet.
        next_number: the version that the file makes at the next start.
        note: why the database says nothing; "" where it does.
    """

    file: ArenaFile
    prompts: int
    versions: tuple[tuple[ArenaVersion, int], ...]
    current: int | None
    next_number: int
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it for a program."""
        return {
            "slug": self.file.slug,
            "file": str(self.file.path),
            "configured": self.file.model_dump(mode="json", exclude={"path"}),
            "prompts": self.prompts,
            "current": self.current,
            "next": self.next_number,
            "note": self.note,
            "versions": [
                {
                    "number": version.number,
                    "created_at": version.created_at.isoformat(),
                    "who": version.who,
                    "votes": votes,
                    "hash": version.hash,
                    "compared": _compared(version),
                }
                for version, votes in self.versions
            ],
        }

    def lines(self) -> list[str]:
        """Return it for a person."""
        file = self.file
        margin = file.margin if file.kpi == "rating" else file.kpi_margin
        unit = " Elo" if file.kpi == "rating" else ""
        invited = sum(group.invited or 0 for group in file.groups)
        rows = {
            "file": str(file.path),
            "title": file.title,
            "owner": file.owner,
            "question": file.question,
            "decides": f"{file.kpi}, {KPI_DIRECTION[file.kpi]} is better",
            "margin": "none" if margin is None else f"{margin:g}{unit}",
            "deadline": str(file.deadline or "none"),
            "groups": ", ".join(group.name for group in file.groups)
            + (f" ({invited} invited)" if invited else ""),
            "languages": ", ".join(file.languages),
            "prompts": f"{self.prompts} prepared" if self.prompts else "voters write their own",
            "asked": "usable answer" if file.usable_answer else "",
            "personal data": file.privacy.pii,
            "retention": f"{file.privacy.retention_days} days"
            if file.privacy.retention_days
            else "none",
        }
        said = [f"{name:<14} {value}" for name, value in rows.items() if value]
        for contestant in file.contestants:
            system = f', system "{contestant.system:.40}..."' if contestant.system else ""
            said.append(
                f"{'contestant':<14} {contestant.name}: {', '.join(contestant.where)}{system}"
            )
        return [*said, "", *self.history()]

    def history(self) -> list[str]:
        """Return the versions for a person."""
        if self.note:
            return [self.note]
        said = []
        for version, votes in self.versions:
            mark = "  (current)" if version.number == self.current else ""
            at = version.created_at.strftime("%Y-%m-%d %H:%M")
            said.append(f"version {version.number}  {at}  {version.who}, {votes} votes{mark}")
        if self.next_number != self.current:
            known = {version.number for version, _ in self.versions}
            again = "goes back to" if self.next_number in known else "makes"
            said.append(f"The file has changed: the next start {again} version {self.next_number}.")
        return said


def find_arena(slug: str, settings: Settings) -> ArenaFile:
    """Return the arena of that name; what is wrong in another one's file does not matter.

    Raises:
        ConfigError: there is none, or its file cannot be used.
    """
    known = []
    for path in sorted((settings.root / "arenas").glob("*.toml")):
        try:
            file = checked_arena(read_text(path), path, deployments=settings.deployments)
        except ConfigError:
            if path.stem == slug:
                raise
            continue
        if file.slug == slug:
            return file
        known.append(file.slug)
    raise ConfigError(f'there is no arena "{slug}"; known: {", ".join(known) or "none"}')


async def report_of(file: ArenaFile, settings: Settings) -> ArenaReport:
    """Say what an arena's file says and what the database knows of it; nothing is changed.

    Raises:
        ConfigError: a file that it names cannot be used.
    """
    plan = plan_of(settings.model_copy(update={"arenas": (file,)}))
    prompts = len(plan.arenas[0].prompts)
    unknown = ArenaReport(file, prompts, (), None, 1)
    try:
        database = await Database.open(settings.server.database, create=False)
    except StorageError as error:
        return replace(unknown, note=f"No version yet: {error}")
    try:
        if await database.schema_version() != Database.newest_schema():
            return replace(unknown, note="No version yet: `blindarena db upgrade` comes first.")
        arena = await database.arenas.by_slug(file.slug)
        if arena is None:
            return replace(unknown, note="No version yet: `blindarena up` makes the first.")
        present = await database.arenas.prompts(arena.id)
        imported = [prompt for prompt in present if prompt.import_id is not None]
        now = datetime.now(UTC)
        models = model_identities(plan)
        _, _, draft = draft_of(plan.arenas[0], imported, models, at=now, who="")
        stored = await database.arenas.versions(arena.id)
        counted = []
        for version in stored:
            pairs = await database.counts.pairs(
                arena.id, population="people", version=version.number
            )
            counted.append((version, sum(pair.total for pair in pairs)))
        same = next((v.number for v in stored if v.hash == draft.hash), len(stored) + 1)
        return ArenaReport(
            file=file,
            prompts=prompts + len(imported),
            versions=tuple(counted),
            current=arena.version if stored else None,
            next_number=same,
        )
    finally:
        await database.close()


def _compared(version: ArenaVersion) -> object:
    return version.document.get("compared")
