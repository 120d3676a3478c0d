"""The only SQL: tables, repositories, migrations and the export to Parquet."""

from blindarena.storage.database import Database

__all__ = ["Database"]
