"""A room's state is kept beside its log, and amendments are found by what they amend."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("events", sa.Column("amends", sa.BigInteger))
    op.create_index(
        "ix_events_room_id_amends",
        "events",
        ["room_id", "amends"],
        sqlite_where=sa.text("amends IS NOT NULL"),
        postgresql_where=sa.text("amends IS NOT NULL"),
    )
    op.create_table(
        "room_state",
        sa.Column("room_id", serial, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("room_id", name="pk_room_state"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_room_state_room_id"),
    )
    # Until now a room's first text was the only thing that changed what is kept. By the index it is
    # met after a few events, mostly. Rooms that were forgotten have theirs, too.
    spoken = sa.text(
        "INSERT INTO room_state (room_id, seq, state) SELECT room_id, seq, :state"
        " FROM (SELECT id AS room_id, (SELECT seq FROM events WHERE events.room_id = rooms.id"
        " AND kind = 'said' ORDER BY seq LIMIT 1) AS seq FROM rooms) AS spoken"
        " WHERE seq IS NOT NULL"
    )
    op.execute(spoken.bindparams(state='{"silent":false}'))
