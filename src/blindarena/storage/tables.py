"""The tables, as the newest migration leaves them; a test compares the two.

SQL knows the columns it asks about; what is only carried along (most of an arena's and a
contestant's configuration) is one JSON document.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    false,
    text,
)

from blindarena.storage.types import Id, Json, Utc, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

arenas = Table(
    "arenas",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slug", Words, nullable=False, unique=True),
    Column("position", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),  # grows with every change to its counts
    Column("settings", Json, nullable=False),
)

arena_versions = Table(
    "arena_versions",
    metadata,
    Column("arena_id", Id, ForeignKey("arenas.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("hash", Words, nullable=False),
    Column("document", Json, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("who", Words, nullable=False),
    UniqueConstraint("arena_id", "hash"),
)

contestants = Table(
    "contestants",
    metadata,
    Column("id", Id, primary_key=True),
    Column("arena_id", Id, ForeignKey("arenas.id"), nullable=False),
    Column("name", Words, nullable=False),
    Column("position", Integer, nullable=False),
    Column("switched", Boolean),  # on or off by the owner's click; null follows the settings
    Column("retired", Boolean, nullable=False),
    Column("settings", Json, nullable=False),
    Column("fingerprint", Words, nullable=False, server_default=text("''")),  # "": never versioned
    UniqueConstraint("arena_id", "name", "fingerprint"),
)

prompts = Table(
    "prompts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("arena_id", Id, ForeignKey("arenas.id"), nullable=False),
    Column("key", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("category", Words, nullable=False),
    Column("language", Words, nullable=False),
    Column("policy", Words, nullable=False),
    Column("position", Integer, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("fingerprint", Words, nullable=False, server_default=text("''")),
    Column("import_id", Id),  # no foreign key: SQLite adds such a column only without
    UniqueConstraint("arena_id", "key", "fingerprint"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("secret_hash", Words, nullable=False, unique=True),
    Column("csrf_token", Words, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("is_owner", Boolean, nullable=False),
    Column("is_reviewer", Boolean, nullable=False, server_default=false()),
    Column("subject", Words, nullable=False, server_default=text("''")),  # "": did not log in
    Column("until", Utc),  # null: until it is forgotten
)

consents = Table(
    "consents",
    metadata,
    Column("session_id", Id, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Words, primary_key=True),
    Column("at", Utc, nullable=False),
)

battles = Table(
    "battles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("arena_id", Id, ForeignKey("arenas.id"), nullable=False),
    Column("session_id", Id, nullable=False),  # no foreign key: a battle outlives a log-out
    Column("voter", Words, nullable=False),
    Column("contestant_a", Id, ForeignKey("contestants.id"), nullable=False),
    Column("contestant_b", Id, ForeignKey("contestants.id"), nullable=False),
    Column("probability", Double, nullable=False),
    Column("policy", Words, nullable=False),
    Column("consent_version", Words, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("status", Words, nullable=False),
    Column("mode", Words, nullable=False),
    Column("prompt_id", Id, ForeignKey("prompts.id")),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("voter_group", Words),  # of a rater in the review queue
    Column("images", Boolean, nullable=False, server_default=false()),  # takes pictures
)
Index(
    "ix_battles_prompts_seen",
    battles.c.arena_id,
    battles.c.voter,
    sqlite_where=battles.c.prompt_id.is_not(None),
    postgresql_where=battles.c.prompt_id.is_not(None),
)
Index(
    "ix_battles_streaming",
    battles.c.status,
    sqlite_where=text("status = 'streaming'"),
    postgresql_where=text("status = 'streaming'"),
)
Index(
    "ix_battles_open",
    battles.c.arena_id,
    sqlite_where=text("status IN ('waiting', 'streaming', 'votable')"),
    postgresql_where=text("status IN ('waiting', 'streaming', 'votable')"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", Id, primary_key=True),
    Column("battle_id", Id, ForeignKey("battles.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("content", Words, nullable=False),
    Column("status", Words, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("origin", Words, nullable=False, server_default=text("'typed'")),
    UniqueConstraint("battle_id", "number", "attempt"),
)
Index(
    "ix_turns_streaming",
    turns.c.status,
    sqlite_where=text("status = 'streaming'"),
    postgresql_where=text("status = 'streaming'"),
)

answers = Table(
    "answers",
    metadata,
    Column("turn_id", Id, ForeignKey("turns.id"), primary_key=True),
    Column("side", Words, primary_key=True),
    Column("contestant_id", Id, ForeignKey("contestants.id"), nullable=False),
    Column("text", Words, nullable=False),
    Column("words", Integer, nullable=False),
    Column("headers", Integer, nullable=False),
    Column("bold", Integer, nullable=False),
    Column("lists", Integer, nullable=False),
    Column("deployment", Words),
    Column("finish_reason", Words),
    Column("fault", Words),
    Column("prompt_tokens", Integer),
    Column("completion_tokens", Integer),
    Column("tokens_reported", Boolean, nullable=False),
    Column("ttft_s", Double),
    Column("seconds", Double),
    Column("cost_usd", Double),
    Column("price", Words),
    Column("leaked", Boolean, nullable=False),
    Column("flagged", Boolean, nullable=False, server_default=false()),  # by moderation
    CheckConstraint("side IN ('a', 'b')", name="side"),
)

votes = Table(
    "votes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("battle_id", Id, ForeignKey("battles.id"), nullable=False),
    Column("arena_id", Id, ForeignKey("arenas.id"), nullable=False),
    Column("voter", Words, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("category", Words, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("comment", Words, nullable=False),
    Column("excluded", Words),
    Column("points_at", Id, ForeignKey("votes.id")),  # a later exclusion or reinstatement of a vote
    Column("seconds", Double),  # from the end of the answers to the vote
    Column("version", Integer, nullable=False, server_default="1"),
    Column("revision", Integer, nullable=False, server_default="0"),  # of a changed vote
    Column("prompt_mark", Words),  # a keyed hash of the first message
    CheckConstraint("outcome IN ('model_a', 'model_b', 'tie', 'both_bad')", name="outcome"),
)
Index(
    "uq_votes_battle_id_revision",  # one decisive vote per battle, and per change of it
    votes.c.battle_id,
    votes.c.revision,
    unique=True,
    sqlite_where=votes.c.points_at.is_(None),
    postgresql_where=votes.c.points_at.is_(None),
)
Index("ix_votes_arena_id_created_at", votes.c.arena_id, votes.c.created_at)
Index("ix_votes_arena_id_voter_created_at", votes.c.arena_id, votes.c.voter, votes.c.created_at)
Index(
    "ix_votes_arena_id_voter_prompt_mark",
    votes.c.arena_id,
    votes.c.voter,
    votes.c.prompt_mark,
    sqlite_where=text("points_at IS NULL AND prompt_mark IS NOT NULL"),
    postgresql_where=text("points_at IS NULL AND prompt_mark IS NOT NULL"),
)
Index(
    "ix_votes_excluded",
    votes.c.arena_id,
    votes.c.excluded,
    sqlite_where=votes.c.excluded.is_not(None),
    postgresql_where=votes.c.excluded.is_not(None),
)
Index(
    "ix_votes_points_at",
    votes.c.points_at,
    votes.c.created_at,
    sqlite_where=votes.c.points_at.is_not(None),
    postgresql_where=votes.c.points_at.is_not(None),
)

voter_exclusions = Table(
    "voter_exclusions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("arena_id", Id, ForeignKey("arenas.id"), nullable=False),
    Column("voter", Words, nullable=False),
    Column("at", Utc, nullable=False),
    Column("reason", Words),  # null reinstates; the latest row of a voter counts
)
Index(
    "ix_voter_exclusions_arena_id_voter_at",
    voter_exclusions.c.arena_id,
    voter_exclusions.c.voter,
    voter_exclusions.c.at,
)

pair_counts = Table(
    "pair_counts",
    metadata,
    Column("arena_id", Id, ForeignKey("arenas.id"), primary_key=True),
    Column("population", Words, primary_key=True),  # or "excluded:REASON", of people's votes
    Column("category", Words, primary_key=True),  # "" is all votes
    Column("first", Id, ForeignKey("contestants.id"), primary_key=True),
    Column("second", Id, ForeignKey("contestants.id"), primary_key=True),
    Column("wins_first", Integer, nullable=False),
    Column("wins_second", Integer, nullable=False),
    Column("ties", Integer, nullable=False),
    Column("both_bad", Integer, nullable=False),
    Column("version", Integer, primary_key=True, server_default="1"),
)

vault = Table(
    "vault",
    metadata,
    Column("name", Words, primary_key=True),
    Column("value", Words, nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("who", Words, nullable=False),
    Column("what", Words, nullable=False),
    Column("detail", Words, nullable=False),
)
