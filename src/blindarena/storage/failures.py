"""Every foreign exception of a database becomes one StorageError."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from blindarena.errors import StorageError


@contextmanager
def storage_errors(where: str, *, closed: bool) -> Iterator[None]:
    """Translate what drivers and SQLAlchemy raise.

    Args:
        where: the database in words, without its password.
        closed: refuse, because the database has been closed.
    """
    if closed:
        raise StorageError(f"{where}: closed already")
    try:
        yield
    except StorageError:
        raise
    except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise StorageError(f"{where}: {cause(error)}") from error


def cause(error: BaseException) -> str:
    """Return the first line of what the driver said, without the SQL around it."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].removeprefix(f"{type(error)}: ")


def is_bad_row(error: StorageError) -> bool:
    """Say whether the fault was in what was to be stored, not in the database's state."""
    cause = error.__cause__
    if isinstance(cause, DBAPIError):
        return isinstance(cause, IntegrityError | DataError)
    return isinstance(cause, StatementError)  # a value that its column's type refused
