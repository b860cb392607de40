"""Files: what was uploaded, which messages have it, and what is to be deleted of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
compatible_from = "0009"

key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("id", key, nullable=False),
        sa.Column("owner", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("blob", key, nullable=False),
        sa.Column("thumbnail_size", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("animated", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
    )
    op.create_index("ix_files_owner", "files", ["owner"])
    op.create_index("ix_files_blob", "files", ["blob"])
    op.create_table(
        "said_files",
        sa.Column("file_id", key, nullable=False),
        sa.Column("room_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("file_id", name="pk_said_files"),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name="fk_said_files_file_id"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_said_files_room_id"),
    )
    op.create_index("ix_said_files_room_id", "said_files", ["room_id", "seq"])
    op.create_table(
        "unneeded_blobs",
        sa.Column("key", key, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_unneeded_blobs"),
    )
