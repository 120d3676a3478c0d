"""One database, opened: its repositories and its lifetime."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from blindarena.errors import StorageError
from blindarena.storage import schema
from blindarena.storage.api_keys import ApiKeys
from blindarena.storage.arenas import Arenas
from blindarena.storage.audit import AuditLog
from blindarena.storage.battles import Battles
from blindarena.storage.board_counts import BoardCounts
from blindarena.storage.counts import Counts
from blindarena.storage.drained import Drained
from blindarena.storage.exclusions import Exclusions
from blindarena.storage.images import Images
from blindarena.storage.imports import Imports
from blindarena.storage.judge_votes import JudgeVotes
from blindarena.storage.key_counters import KeyCounters
from blindarena.storage.logins import Logins
from blindarena.storage.moderation import ModerationBook
from blindarena.storage.prepared import PreparedAnswers
from blindarena.storage.privacy import VoterData
from blindarena.storage.queue import Queue
from blindarena.storage.queue_invites import Invites
from blindarena.storage.runner import Runner
from blindarena.storage.secrets import Secrets
from blindarena.storage.sessions import Sessions
from blindarena.storage.shares import Shares
from blindarena.storage.snapshots import Snapshots
from blindarena.storage.sqlite import SqliteRunner
from blindarena.storage.usable import UsableVotes
from blindarena.storage.usage import UsageBook
from blindarena.storage.vault import Vault
from blindarena.storage.vote_changes import VoteChanges
from blindarena.storage.votes import Votes
from blindarena.storage.workers import Workers


class Database:
    """The repositories on one database; `open` makes it, `close` ends it."""

    def __init__(self, runner: Runner, *, kind: str) -> None:
        self.kind = kind
        self._runner = runner
        self.arenas = Arenas(runner)
        self.imports = Imports(runner)
        self.prepared = PreparedAnswers(runner)
        self.sessions = Sessions(runner)
        self.battles = Battles(runner)
        self.images = Images(runner)
        self.votes = Votes(runner)
        self.counts = Counts(runner)
        self.board_counts = BoardCounts(runner)
        self.usable = UsableVotes(runner)
        self.exclusions = Exclusions(runner)
        self.snapshots = Snapshots(runner)
        self.queue = Queue(runner)
        self.invites = Invites(runner)
        self.vote_changes = VoteChanges(runner)
        self.shares = Shares(runner)
        self.moderation = ModerationBook(runner)
        self.vault = Vault(runner)
        self.voter_data = VoterData(runner)
        self.secrets = Secrets(runner)
        self.logins = Logins(runner)
        self.workers = Workers(runner)
        self.drained = Drained(runner)
        self.audit = AuditLog(runner)
        self.api_keys = ApiKeys(runner)
        self.key_counters = KeyCounters(runner)
        self.usage = UsageBook(runner)
        self.judge_votes = JudgeVotes(runner)

    @classmethod
    async def open(cls, url: str, *, create: bool = True) -> "Database":
        """Connect to a database; its schema is not looked at yet, see `migrate`.

        Args:
            url: `sqlite:///relative/path`, `sqlite:////absolute/path`, `sqlite:///:memory:` (a
                file that is gone after `close`) or `postgresql://user:password@host:port/name`.
            create: make an SQLite file where there is none.

        Raises:
            StorageError: the address is malformed, or the database cannot be reached or written.
        """
        parsed = _parse(url)
        if parsed.get_backend_name() == "postgresql":
            # Its driver takes a third of a second to import, and most installations use SQLite.
            from blindarena.storage.postgres import PostgresRunner

            return cls(await PostgresRunner.open(parsed), kind="postgresql")
        if parsed.database in (None, "", ":memory:"):
            folder = TemporaryDirectory(prefix="blindarena-", ignore_cleanup_errors=True)
            runner = await SqliteRunner.open(Path(folder.name) / "memory.db", folder=folder)
        else:
            runner = await SqliteRunner.open(_file(str(parsed.database), create=create))
        return cls(runner, kind="sqlite")

    async def migrate(self) -> str:
        """Bring the schema to the version this program knows; return that version.

        Several processes may do so at once. Nothing changes where it fails.
        """
        return await self._runner.migrate(schema.upgrade)

    async def schema_version(self) -> str | None:
        """Return the version of the schema; None is an empty database."""
        return await self._runner.read(schema.current)

    @staticmethod
    def newest_schema() -> str:
        """Return the newest version that this program knows."""
        return schema.newest()

    async def check(self) -> None:
        """Ask the database something, for a health check.

        Raises:
            StorageError: it does not answer.
        """
        await self._runner.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())

    async def export_votes(self, arena_id: UUID, path: Path, *, version: int | None = None) -> int:
        """Write an arena's votes, of one version or of all, to a Parquet file; return how many.

        The file appears whole or not at all, and memory does not grow with the number of votes.
        """
        from blindarena.storage.export import export_votes  # brings Parquet along

        part = path.with_name(f".{path.name}.part")
        try:
            rows = await export_votes(self._runner, arena_id, part, version=version)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return rows

    async def votes_parquet(self, arena_id: UUID, *, version: int | None = None) -> bytes:
        """Return an arena's votes as a Parquet file in memory (compressed, but whole)."""
        from blindarena.storage.export import export_votes

        sink = BytesIO()
        await export_votes(self._runner, arena_id, sink, version=version)
        return sink.getvalue()

    async def close(self) -> None:
        """Let begun writes end, then close all connections; again is no error."""
        await self.votes.drain()
        await self._runner.close()


def _parse(url: str) -> URL:
    cure = "give sqlite:///path or postgresql://user:password@host:port/name"
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise StorageError(f"this is not the address of a database: {cure}") from error
    if backend not in ("sqlite", "postgresql"):
        raise StorageError(f"databases of type {backend!r} are not supported: {cure}")
    return parsed


def _file(name: str, *, create: bool) -> Path:
    path = Path(name)
    if not create and not path.exists():
        raise StorageError(f"there is no SQLite file {path}; `blindarena db upgrade` makes it")
    return path
