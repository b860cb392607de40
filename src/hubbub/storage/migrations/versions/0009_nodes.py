"""Several servers share one log: which they are, who is where, and which names are in use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# By their bytes, as SQLite compares them: what else their order depends on is the system's, and
# its next version may order otherwise, which breaks indexes.
KEYS = (
    ("meta", "key"),
    ("rooms", "key"),
    ("events", "nonce"),
    ("members", "user_key"),
    ("guests", "key"),
    ("secrets", "kind"),
    ("devices", "id"),
    ("identities", "issuer"),
    ("identities", "subject"),
)


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for table, column in KEYS:
            op.alter_column(table, column, type_=sa.Text(collation="C"))
        # Room in each page for the next version of a row, whose head changes with each commit.
        op.execute("ALTER TABLE rooms SET (fillfactor = 50)")
        # For searches: see `hubbub.storage.search.vectored`. On SQLite they have a file of theirs.
        op.execute("ALTER TABLE events ADD COLUMN terms tsvector")
        op.execute(
            "CREATE INDEX ix_events_terms ON events USING gin (terms) WHERE terms IS NOT NULL"
        )
        op.execute(
            "CREATE INDEX ix_events_day ON events ((at / 86400000), id) WHERE terms IS NOT NULL"
        )
    op.add_column("rooms", sa.Column("head", sa.BigInteger, nullable=False, server_default="0"))
    op.execute("INSERT INTO meta (key, value) VALUES ('generation', '1')")
    op.create_table(
        "nodes",
        sa.Column("id", key, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("schema", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_nodes"),
    )
    op.create_table(
        "attendances",
        sa.Column("room_id", serial, nullable=False),
        sa.Column("user_key", key, nullable=False),
        sa.Column("node_id", key, nullable=False),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("grace", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("room_id", "user_key", "node_id", name="pk_attendances"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_attendances_room_id"),
        sa.ForeignKeyConstraint(["node_id"], ["nodes.id"], name="fk_attendances_node_id"),
    )
    op.create_index("ix_attendances_node_id", "attendances", ["node_id"])
    op.create_table(
        "claims",
        sa.Column("key", key, nullable=False),
        sa.Column("node_id", key, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", "node_id", name="pk_claims"),
        sa.ForeignKeyConstraint(["node_id"], ["nodes.id"], name="fk_claims_node_id"),
    )
    op.create_index("ix_claims_node_id", "claims", ["node_id"])
    op.create_index("ix_claims_user_id", "claims", ["user_id"])
