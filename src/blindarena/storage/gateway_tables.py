"""The tables of the gateway's keys, their counters and usage; `tables` has the others."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
)

from blindarena.storage.tables import metadata
from blindarena.storage.types import Id, Json, Utc, Words

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Id, primary_key=True),
    Column("secret_hash", Words, nullable=False, unique=True),  # SHA-256, in hex
    Column("name", Words, nullable=False),
    Column("prefix", Words, nullable=False),
    Column("limits", Json, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("revoked_at", Utc),
    Column("last_used_on", Date),
)

key_counters = Table(
    "key_counters",
    metadata,
    Column("key_id", Id, ForeignKey("api_keys.id"), primary_key=True),
    Column("kind", Words, primary_key=True),
    Column("holder", Id, primary_key=True),  # one run of one process
    Column("period", Integer, nullable=False),  # number of the minute, the day or the month
    Column("spent", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),  # taken and not spent
    Column("reserved", BigInteger, nullable=False),  # of what is held, for requests under way
    Column("until", Utc, nullable=False),  # from then on only `spent` and `reserved` count
)

usage = Table(
    "usage",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("day", Integer, nullable=False),  # days since 1970 in UTC, for sums
    Column("request_id", Words, nullable=False),
    Column("key_id", Id),
    Column("endpoint", Words, nullable=False),
    Column("model", Words, nullable=False),
    Column("deployment", Words),
    Column("stream", Boolean, nullable=False),
    Column("prompt_tokens", BigInteger),
    Column("completion_tokens", BigInteger),
    Column("cached_tokens", BigInteger, nullable=False),
    Column("reported", Boolean, nullable=False),
    Column("cost_usd", Double),
    Column("ttft_s", Double),
    Column("seconds", Double, nullable=False),
    Column("status", Integer, nullable=False),
    Column("fault", Words),
)
Index("ix_usage_day_at", usage.c.day, usage.c.at)
Index("ix_usage_key_id_day", usage.c.key_id, usage.c.day)
