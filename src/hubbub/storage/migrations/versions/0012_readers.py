"""What each program of an account has read, beside what the account has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
compatible_from = "0009"

key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "readers",
        sa.Column("user_id", id, nullable=False),
        sa.Column("reader", key, nullable=False),
        sa.Column("room_id", id, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "reader", "room_id", name="pk_readers"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_readers_user_id"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_readers_room_id"),
    )
