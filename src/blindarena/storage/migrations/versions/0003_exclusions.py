"""Exclusions: who and what no longer counts, counted by reason beside the votes that do."""

import sqlalchemy as sa
from alembic import op

from blindarena.storage.types import Id, Utc, Words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COUNT_WHAT_WAS_EXCLUDED = """
    INSERT INTO pair_counts (arena_id, population, category, first, second,
                             wins_first, wins_second, ties, both_bad)
    SELECT arena_id, 'excluded:' || excluded, {category}, first, second,
           sum(CASE WHEN outcome = 'model_a' AND a_is_first
                      OR outcome = 'model_b' AND NOT a_is_first THEN 1 ELSE 0 END),
           sum(CASE WHEN outcome = 'model_b' AND a_is_first
                      OR outcome = 'model_a' AND NOT a_is_first THEN 1 ELSE 0 END),
           sum(CASE WHEN outcome = 'tie' THEN 1 ELSE 0 END),
           sum(CASE WHEN outcome = 'both_bad' THEN 1 ELSE 0 END)
    FROM (
        SELECT v.arena_id, v.excluded, v.category, v.outcome,
               b.contestant_a < b.contestant_b AS a_is_first,
               CASE WHEN b.contestant_a < b.contestant_b
                    THEN b.contestant_a ELSE b.contestant_b END AS first,
               CASE WHEN b.contestant_a < b.contestant_b
                    THEN b.contestant_b ELSE b.contestant_a END AS second
        FROM votes AS v JOIN battles AS b ON b.id = v.battle_id
        WHERE v.excluded IS NOT NULL AND v.points_at IS NULL
    ) AS excluded_votes
    {where}
    GROUP BY arena_id, excluded, {group}first, second
"""


def upgrade() -> None:
    """Add what exclusions need and count the votes that are excluded already."""
    op.create_table(
        "voter_exclusions",
        sa.Column("id", Id, nullable=False),
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("voter", Words, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("reason", Words),
        sa.ForeignKeyConstraint(["arena_id"], ["arenas.id"], name="fk_voter_exclusions_arena_id"),
        sa.PrimaryKeyConstraint("id", name="pk_voter_exclusions"),
    )
    op.create_index(
        "ix_voter_exclusions_arena_id_voter_at", "voter_exclusions", ["arena_id", "voter", "at"]
    )
    op.create_index(
        "ix_votes_points_at",
        "votes",
        ["points_at", "created_at"],
        sqlite_where=sa.text("points_at IS NOT NULL"),
        postgresql_where=sa.text("points_at IS NOT NULL"),
    )
    op.add_column("votes", sa.Column("seconds", sa.Double()))
    op.execute(_COUNT_WHAT_WAS_EXCLUDED.format(category="''", where="", group=""))
    op.execute(
        _COUNT_WHAT_WAS_EXCLUDED.format(
            category="category", where="WHERE category <> ''", group="category, "
        )
    )
