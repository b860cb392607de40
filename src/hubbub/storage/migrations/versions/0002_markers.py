"""How far each guest has read each room."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "markers",
        sa.Column("guest_id", sa.BigInteger, nullable=False),
        sa.Column("room_id", serial, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("guest_id", "room_id", name="pk_markers"),
        sa.ForeignKeyConstraint(
            ["guest_id"], ["guests.id"], name="fk_markers_guest_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_markers_room_id"),
    )
