"""The version of the schema: where a database stands, and the way to the newest."""

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
    with as_file(files("blindarena.storage") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        scripts = ScriptDirectory.from_config(config)
        newest = scripts.get_current_head()
        here = current(connection)
        known = {script.revision for script in scripts.walk_revisions()}
        if here is not None and here not in known:
            raise StorageError(
                f"the database has schema {here}, written by a newer BlindArena; this program"
                f" knows up to {newest}: install the newer version, or restore an older backup"
            )
        if here != newest:
            command.upgrade(config, "head")
    return str(newest)


def current(connection: Connection) -> str | None:
    """Return the database's version; None is an empty database."""
    return MigrationContext.configure(connection).get_current_revision()
