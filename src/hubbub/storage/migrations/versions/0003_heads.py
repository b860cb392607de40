"""A room's events tell how far it has come; kept with the room, each text wrote a page more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    if op.get_context().dialect.name != "sqlite":
        op.drop_column("rooms", "at")
        op.drop_column("rooms", "head")
        return
    # SQLite before 3.35 cannot drop a column, and old systems have a Python that brings it.
    op.create_table(
        "new_rooms",
        sa.Column("id", serial, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rooms"),
        sa.UniqueConstraint("key", name="uq_rooms_key"),
    )
    op.execute("INSERT INTO new_rooms (id, key, name) SELECT id, key, name FROM rooms")
    op.drop_table("rooms")
    op.rename_table("new_rooms", "rooms")
