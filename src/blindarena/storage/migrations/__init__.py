"""The one history of the schema, run by Alembic at the start; see `storage.schema`."""
