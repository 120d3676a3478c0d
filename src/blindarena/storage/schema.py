"""The version of the schema: where a database stands, and the way to the newest."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from blindarena.errors import StorageError


def upgrade(connection: Connection) -> str:
    """Bring the database to the newest version, in the connection's transaction.

    Returns:
        The version it has now.

    Raises:
        StorageError: the database is newer than this program.
    """
    with _config() as config:
        scripts = ScriptDirectory.from_config(config)
        known = {script.revision for script in scripts.walk_revisions()}
        here, head = current(connection), str(scripts.get_current_head())
        if here is not None and here not in known:
            raise StorageError(
                f"the database has schema {here}, written by a newer BlindArena; this program"
                f" knows up to {head}: install the newer version, or restore an older backup"
            )
        if here != head:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return head


def current(connection: Connection) -> str | None:
    """Return the database's version; None is an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """Return the newest version that this program knows."""
    with _config() as config:
        return str(ScriptDirectory.from_config(config).get_current_head())


@contextmanager
def _config() -> Iterator[Config]:
    with as_file(files("blindarena.storage") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        yield config
