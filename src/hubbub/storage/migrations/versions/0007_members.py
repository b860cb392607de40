"""Members have the event with which they came, and accounts what they say of themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("members", sa.Column("since", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("members", sa.Column("profile", sa.Text))
    connection = op.get_bind()
    # Who came under another name has been there already.
    came = connection.execute(
        sa.text(
            "SELECT max(seq) AS since, room_id, author FROM events"
            " WHERE kind IN ('joined', 'registered') AND author IS NOT NULL"
            " AND (extra IS NULL OR extra NOT LIKE '%\"was\":%') GROUP BY room_id, author"
        )
    )
    begun = connection.execute(
        sa.text(
            "SELECT max(seq) AS since, room_id FROM events WHERE kind = 'direct' GROUP BY room_id"
        )
    )
    of_all = sa.text("UPDATE members SET since = :since WHERE room_id = :room_id")
    of_one = sa.text(f"{of_all} AND author = :author")
    for statement, found in ((of_all, begun), (of_one, came)):
        rows = [dict(row) for row in found.mappings()]
        if rows:
            connection.execute(statement, rows)
    op.execute(
        "UPDATE members SET profile = (SELECT '{\"registered\":' || registered || '}'"
        " FROM users WHERE users.id = members.author)"
        " WHERE room_id = (SELECT id FROM rooms WHERE key = '/server')"
    )
