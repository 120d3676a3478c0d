"""Marks of first messages, what failures were, moderation, an audit log that only grows."""

import secrets
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from blindarena.domain.repeats import PROMPT_KEY, prompt_mark
from blindarena.storage.types import Id, Words

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_PAGE = 2_000
_KINDS = {
    "refusals": "answers.finish_reason = 'content_filter'",
    "timeouts": "answers.fault = 'timeout'",
}


def upgrade() -> None:
    """Mark the first messages of old votes, count old failures by kind, guard the audit log."""
    op.add_column("votes", sa.Column("prompt_mark", Words))
    marked = sa.text("points_at IS NULL AND prompt_mark IS NOT NULL")
    op.create_index(
        "ix_votes_arena_id_voter_prompt_mark",
        "votes",
        ["arena_id", "voter", "prompt_mark"],
        sqlite_where=marked,
        postgresql_where=marked,
    )
    _mark_old_votes(op.get_bind())
    for name, chosen in _KINDS.items():
        column = sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))
        op.add_column("contestant_stats", column)
        op.execute(
            f"UPDATE contestant_stats SET {name} = (SELECT count(*) FROM answers "  # noqa: S608
            "JOIN turns ON turns.id = answers.turn_id "
            "WHERE answers.contestant_id = contestant_stats.contestant_id "
            f"AND turns.status <> 'interrupted' AND answers.fault IS NOT NULL AND {chosen})"
        )
    op.add_column(
        "answers", sa.Column("flagged", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "moderation_counts",
        sa.Column("arena_id", Id, nullable=False),
        sa.Column("what", Words, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["arena_id"], ["arenas.id"], name="fk_moderation_counts_arena_id"),
        sa.PrimaryKeyConstraint("arena_id", "what", name="pk_moderation_counts"),
    )
    for statement in guard(op.get_bind().dialect.name):
        op.execute(statement)


def guard(dialect: str) -> list[str]:
    """Return the statements by which the audit log takes new lines only.

    Of an old line only `detail` may be written again: whoever erases a voter takes the pseudonym
    out of it.
    """
    refusal = "the audit log only grows"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER audit_log_{name} BEFORE {event} ON audit_log "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            for name, event in {
                "keeps": "DELETE",
                "stays": 'UPDATE OF "id", "at", "who", "what"',
            }.items()
        ]
    return [
        "CREATE FUNCTION audit_log_grows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$",
        *(
            f"CREATE TRIGGER audit_log_{name} BEFORE {event} ON audit_log "
            f"FOR EACH {each} EXECUTE FUNCTION audit_log_grows()"
            for name, event, each in (
                ("keeps", "DELETE", "ROW"),
                ("keeps_all", "TRUNCATE", "STATEMENT"),
                ("stays", 'UPDATE OF "id", "at", "who", "what"', "ROW"),
            )
        ),
    ]


def _mark_old_votes(connection: sa.Connection) -> None:
    """Give each vote that is there the mark of its battle's first message, page by page."""
    votes = sa.table(
        "votes",
        *(sa.column(name, Id) for name in ("id", "battle_id", "arena_id", "points_at")),
        *(sa.column(name, Words) for name in ("voter", "prompt_mark")),
    )
    turns = sa.table(
        "turns",
        sa.column("battle_id", Id),
        sa.column("number", sa.Integer),
        sa.column("status", Words),
        sa.column("content", Words),
    )
    page = (
        sa.select(votes.c.id, votes.c.arena_id, votes.c.voter, turns.c.content)
        .join_from(votes, turns, turns.c.battle_id == votes.c.battle_id)
        .where(turns.c.number == 1, turns.c.status == "complete", votes.c.points_at.is_(None))
        .where(votes.c.id > sa.bindparam("after", type_=Id))
        .order_by(votes.c.id)
        .limit(_PAGE)
    )
    write = (
        sa.update(votes)
        .where(votes.c.id == sa.bindparam("vote", type_=Id))
        .values(prompt_mark=sa.bindparam("mark"))
    )
    key, after = b"", UUID(int=0)
    while rows := connection.execute(page, {"after": after}).all():
        key = key or _key(connection)
        marks = [
            {
                "vote": vote,
                "mark": prompt_mark(key, arena_id=arena_id, voter=voter, content=content),
            }
            for vote, arena_id, voter, content in rows
            if content
        ]
        if marks:
            connection.execute(write, marks)
        after = rows[-1].id


def _key(connection: sa.Connection) -> bytes:
    """Return the key of the marks, which is made here where there is none."""
    vault = sa.table("vault", sa.column("name", Words), sa.column("value", Words))
    known = connection.scalar(sa.select(vault.c.value).where(vault.c.name == PROMPT_KEY))
    if known is None:
        known = secrets.token_hex(32)
        connection.execute(sa.insert(vault).values(name=PROMPT_KEY, value=known))
    return bytes.fromhex(known)
