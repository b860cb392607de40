"""What answers a message is found by an index; how many do is told with it.

The index says what is asked for in the words of `hubbub.storage.dialects`. It has nothing of what
is no reply. It takes less than a second for a million events.
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
compatible_from = "0009"

REPLY_TO = "CAST(substr(extra, 13) AS INTEGER)"
REPLY_TO_THERE = "(CAST(substring(substr(extra, 13), '^[0-9]{1,18}') AS bigint))"


def upgrade() -> None:
    reply_to = REPLY_TO_THERE if op.get_context().dialect.name == "postgresql" else REPLY_TO
    op.execute(
        f"CREATE INDEX ix_events_reply_to ON events (room_id, {reply_to})"
        " WHERE substr(extra, 1, 12) = '{\"reply_to\":'"
    )
