"""Users have ids for good; a guest is a name that is kept for one, and may go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", serial, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.execute("INSERT INTO users (id, name) SELECT id, name FROM guests")
    # Guests whose name is free again are known by what they said only.
    op.execute(
        'INSERT INTO users (id, name) SELECT author, "by" FROM events WHERE id IN ('
        " SELECT max(id) FROM events"
        " WHERE author IS NOT NULL AND author NOT IN (SELECT id FROM users) GROUP BY author)"
    )
    # Made anew, as SQLite can change neither keys nor references of a table.
    op.execute("CREATE TABLE old_guests AS SELECT * FROM guests")
    op.execute("CREATE TABLE old_markers AS SELECT * FROM markers")
    op.drop_table("markers")
    op.drop_table("guests")
    op.create_table(
        "guests",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("user_id", serial, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_guests"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_guests_user_id"),
    )
    op.create_index("ix_guests_user_id", "guests", ["user_id"])
    op.create_table(
        "markers",
        sa.Column("user_id", serial, nullable=False),
        sa.Column("room_id", serial, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "room_id", name="pk_markers"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_markers_user_id"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_markers_room_id"),
    )
    op.execute(
        "INSERT INTO guests (key, name, user_id, token_hash)"
        " SELECT key, name, id, token_hash FROM old_guests"
    )
    op.execute(
        "INSERT INTO markers (user_id, room_id, seq) SELECT guest_id, room_id, seq FROM old_markers"
    )
    op.drop_table("old_guests")
    op.drop_table("old_markers")
