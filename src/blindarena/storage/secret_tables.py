"""The tables of keys and of logins under way; `tables` has the others."""

from sqlalchemy import Column, Table

from blindarena.storage.tables import metadata
from blindarena.storage.types import Utc, Words

secrets = Table(
    "secrets",
    metadata,
    Column("name", Words, primary_key=True),
    Column("sealed", Words, nullable=False),  # "KEY_ID:BASE64" of nonce and ciphertext
    Column("set_at", Utc, nullable=False),
)

logins = Table(
    "logins",
    metadata,
    Column("state_hash", Words, primary_key=True),
    Column("browser_hash", Words, nullable=False),
    Column("verifier", Words, nullable=False),
    Column("nonce", Words, nullable=False),
    Column("back", Words, nullable=False),
    Column("until", Utc, nullable=False),
)
