"""The table of people's votes on judged pairs."""

from sqlalchemy import Boolean, Column, Index, Integer, Table

from blindarena.storage.tables import metadata
from blindarena.storage.types import Id, Utc, Words

judge_votes = Table(
    "judge_votes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run", Words, nullable=False),
    Column("item", Words, nullable=False),
    Column("question_id", Words, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("model_a", Words, nullable=False),
    Column("model_b", Words, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("rater", Words, nullable=False),
    Column("at", Utc, nullable=False),
)
Index("ix_judge_votes_run", judge_votes.c.run)
Index("ix_judge_votes_rater", judge_votes.c.rater)
