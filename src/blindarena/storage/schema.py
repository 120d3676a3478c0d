"""The version of the schema: where a database stands, and the way to the newest."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect

from blindarena.errors import StorageError

if TYPE_CHECKING:  # Alembic takes as long to import as the rest of the storage
    from alembic.config import Config

HEAD = "0017"
"""The newest version this program knows; a test compares it with the migrations."""


def upgrade(connection: Connection) -> str:
    """Bring the database to the newest version, in the connection's transaction.

    Returns:
        The version it has now.

    Raises:
        StorageError: the database is newer than this program.
    """
    here = current(connection)
    if here == HEAD:
        return HEAD
    from alembic import command
    from alembic.script import ScriptDirectory

    with _config() as config:
        scripts = ScriptDirectory.from_config(config)
        known = {script.revision for script in scripts.walk_revisions()}
        if here is not None and here not in known:
            raise StorageError(
                f"the database has schema {here}, written by a newer BlindArena; this program"
                f" knows up to {HEAD}: install the newer version, or restore an older backup"
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return HEAD


def current(connection: Connection) -> str | None:
    """Return the database's version; None is an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if version is None else str(version)


def newest() -> str:
    """Return the newest version of the migrations in this package."""
    from alembic.script import ScriptDirectory

    with _config() as config:
        return str(ScriptDirectory.from_config(config).get_current_head())


@contextmanager
def _config() -> "Iterator[Config]":
    from alembic.config import Config

    with as_file(files("blindarena.storage") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        yield config
