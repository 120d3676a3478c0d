"""The files of arenas, as the owner's page reads and writes them."""

import asyncio
import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from blindarena.bootstrap.arena_store import ArenaStore
from blindarena.bootstrap.configured import arena_plan
from blindarena.bootstrap.plan import ArenaPlan
from blindarena.domain.arenas import Arena
from blindarena.errors import (
    ArenaFileError,
    ChangedMeanwhileError,
    ConfigError,
    FileProblem,
    NotFoundError,
    ReadOnlyError,
)
from blindarena.settings import ArenaFile, Settings, checked_arena
from blindarena.settings.lines import key_lines, line_of
from blindarena.settings.login import NO_PROVIDER, NO_PROVIDER_CURE

NO_FILE = (
    "This arena comes with the demo and has no file; `blindarena init` writes one of your own."
)


@dataclass(frozen=True, slots=True)
class FileState:
    """What is in an arena's file now.

    Attributes:
        name: of the file; None where the arena has none.
        revision: of the text; a write must name the one that was looked at.
        parsed: None where there is a problem.
        read_only: why it cannot be written here; "" where it can.
    """

    name: str | None
    text: str
    revision: str
    parsed: ArenaFile | None
    problems: tuple[FileProblem, ...]
    read_only: str = ""


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What would become of an arena with another file.

    Attributes:
        becomes: its version then; None where there are problems.
        new: no version so far compares the same.
    """

    problems: tuple[FileProblem, ...]
    becomes: int | None = None
    new: bool = False


class ArenaFiles:
    """Reads and writes the files of arenas while the server runs."""

    def __init__(self, *, store: ArenaStore, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._lock = asyncio.Lock()

    async def read(self, slug: str) -> FileState:
        """Return the file of an arena, its problems included.

        Raises:
            NotFoundError: there is no such arena.
        """
        path = self._plan(slug).file
        if path is None:
            return FileState(None, "", "", None, (), NO_FILE)
        text = ""
        try:
            text = await asyncio.to_thread(read_exactly, path)
            parsed, _ = await asyncio.to_thread(self._taken, text, path, slug)
        except ArenaFileError as error:
            return FileState(path.name, text, revision_of(text), None, error.problems)
        return FileState(path.name, text, revision_of(text), parsed, ())

    async def check(self, slug: str, text: str) -> FileCheck:
        """Tell what a text would do as the arena's file; nothing is written.

        Raises:
            NotFoundError: there is no such arena.
            ReadOnlyError: it has no file.
        """
        path = self._plan(slug).file
        if path is None:
            raise ReadOnlyError(NO_FILE)
        try:
            _, plan = await asyncio.to_thread(self._given, text, path, slug)
        except ArenaFileError as error:
            return FileCheck(error.problems)
        return FileCheck((), *await self._store.would_be(plan))

    async def write(self, slug: str, text: str, *, revision: str, who: str = "Owner") -> Arena:
        """Replace the file of an arena and use it at once.

        Args:
            slug: of the arena; a file cannot change it.
            text: the whole file, comments and all.
            revision: of the text that was looked at, see `FileState`.
            who: for the history.

        Raises:
            NotFoundError: there is no such arena.
            ReadOnlyError: it has no file.
            ChangedMeanwhileError: the file is another one by now.
            ArenaFileError: with every problem, or it cannot be written; the old file is there.
        """
        path = self._plan(slug).file
        if path is None:
            raise ReadOnlyError(NO_FILE)
        async with self._lock:
            if revision_of(await asyncio.to_thread(read_exactly, path)) != revision:
                raise ChangedMeanwhileError(
                    f"{path.name} has been changed since you opened it; load it again"
                )
            _, plan = await asyncio.to_thread(self._given, text, path, slug)
            await asyncio.to_thread(write_atomically, path, text)
            arena = await self._store.put(plan, who=who)
        await self._store.note(
            who=who, what=f"Wrote {path.name}", detail=f"{slug}: version {arena.version}"
        )
        return arena

    def _plan(self, slug: str) -> ArenaPlan:
        if slug not in self._store.plans:
            raise NotFoundError(f"there is no arena {slug!r}")
        return self._store.plans[slug]

    def _given(self, text: str, path: Path, slug: str) -> tuple[ArenaFile, ArenaPlan]:
        """Take a text that came over the network: it may name no file that was out of reach."""
        check_reach(text, path, self._settings)
        return self._taken(text, path, slug)

    def _taken(self, text: str, path: Path, slug: str) -> tuple[ArenaFile, ArenaPlan]:
        parsed, plan = take(text, path, self._settings)
        if parsed.slug != slug:
            line = line_of(key_lines(text), ("slug",))
            problem = f'"slug" is {parsed.slug!r}, but the arena that runs is {slug!r}'
            cure = "rename an arena in its folder, while the server stands still"
            raise ArenaFileError(
                [FileProblem(path.name, line, "slug", repr(parsed.slug), problem, cure)]
            )
        return parsed, plan


def check_reach(text: str, path: Path, settings: Settings) -> None:
    """Refuse files outside an arena's folder, unless its file on disk names them already.

    Whoever logs in as owner need not be who runs the server: a consent text shows any file's words.

    Raises:
        ArenaFileError: the text names such a file, or is not valid.
    """
    named = _files_of(checked_arena(text, path, deployments=settings.deployments))
    known: set[Path] = set()
    with suppress(ArenaFileError):
        now = checked_arena(read_exactly(path), path, deployments=settings.deployments)
        known = {(path.parent / file).resolve() for file in _files_of(now).values()}
    for key, file in named.items():
        where = (path.parent / file).resolve()
        if where not in known and not where.is_relative_to(path.parent.resolve()):
            line = line_of(key_lines(text), tuple(key.split(".")))
            problem = "is outside the folder of the arena's file"
            cure = "put it there, or name it in the file on the server's disk"
            raise ArenaFileError([FileProblem(path.name, line, key, str(file), problem, cure)])


def _files_of(parsed: ArenaFile) -> dict[str, Path]:
    named = {"prompts.file": parsed.prompts.file, "privacy.consent": parsed.privacy.consent}
    return {key: file for key, file in named.items() if file is not None}


def take(text: str, path: Path, settings: Settings) -> tuple[ArenaFile, ArenaPlan]:
    """Take an arena's text with the files that it names.

    Raises:
        ArenaFileError: with every problem.
    """
    parsed = checked_arena(text, path, deployments=settings.deployments)
    if parsed.require_login and settings.login.oidc is None:
        key = "require_login"
        line = line_of(key_lines(text), (key,))
        raise ArenaFileError(
            [FileProblem(path.name, line, key, "true", NO_PROVIDER, NO_PROVIDER_CURE)]
        )
    try:
        return parsed, arena_plan(parsed, settings, text=text)
    except ConfigError as error:
        key, value = _named_in(str(error), parsed)
        line = line_of(key_lines(text), tuple(key.split(".")))
        said = str(error).removeprefix(f"{path.name}: ")
        raise ArenaFileError([FileProblem(path.name, line, key, value, said)]) from error


def _named_in(message: str, parsed: ArenaFile) -> tuple[str, str | None]:
    """Return the key, and the file named there, that a message about a file is about."""
    if parsed.prompts.inline:
        return "prompts.inline", None
    consent = parsed.privacy.consent
    if consent is not None and "consent file" in message:
        return "privacy.consent", str(consent)
    return "prompts.file", None if parsed.prompts.file is None else str(parsed.prompts.file)


def read_exactly(path: Path) -> str:
    """Return a file's text with its line ends as they are.

    Raises:
        ArenaFileError: it is gone or is no UTF-8 text.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, f"can't be read: {error}") from error


def revision_of(text: str) -> str:
    """Return 16 hexadecimal digits that change with every change to the text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def write_atomically(path: Path, text: str) -> None:
    """Replace a file: after a crash it is the old one or the new one, never a part.

    Raises:
        ArenaFileError: it cannot be written; the old one is still there.
    """
    try:
        mode = path.stat().st_mode
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, mode & 0o7777)
            os.replace(name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise _unusable(path, f"can't be written: {error.strerror or error}") from error


def _unusable(path: Path, problem: str) -> ArenaFileError:
    return ArenaFileError([FileProblem(path.name, None, "", None, problem)])


def _sync_folder(folder: Path) -> None:
    """Make the new name durable, where the system can open a folder."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
