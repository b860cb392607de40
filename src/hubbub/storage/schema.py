"""The tables. `migrations` makes the same; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

# SQLite counts by itself only in a column that is exactly INTEGER PRIMARY KEY.
_Serial = BigInteger().with_variant(Integer(), "sqlite")

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Facts of this database. ``log_id``: 32 hexadecimal digits, made with it."""

rooms = Table(
    "rooms",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
)
"""How far a room has come is not here: its events tell, and one page less is written for each.

A room that was forgotten keeps its row, so that no id is used again; see
`hubbub.storage.staging.FORGOTTEN`.
"""

events = Table(
    "events",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("room_id", ForeignKey(rooms.c.id), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("author", BigInteger),
    Column("by", Text, nullable=False),
    Column("text", Text),
    Column("extra", Text),
    Column("nonce", Text),
    UniqueConstraint("room_id", "seq"),
)
"""``id`` grows in the order of the commits. ``extra``: the kind's further fields, as JSON."""

_newest = events.alias("newest")
NEWEST_SEQ = (
    select(func.max(_newest.c.seq))
    .where(_newest.c.room_id == rooms.c.id)
    .correlate(rooms)
    .scalar_subquery()
)
"""The ``seq`` of the newest event of each room of a query; NULL before the first."""

# Only the migration says this to PostgreSQL, too: naming a dialect here loads it at every start.
Index(
    "uq_events_author_nonce",
    events.c.author,
    events.c.nonce,
    unique=True,
    sqlite_where=events.c.nonce.is_not(None),
)

members = Table(
    "members",
    metadata,
    Column("room_id", ForeignKey(rooms.c.id), primary_key=True),
    Column("user_key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("author", BigInteger),
)
"""Who is in a room by its events: joined and not left."""

markers = Table(
    "markers",
    metadata,
    Column("guest_id", ForeignKey("guests.id", ondelete="CASCADE"), primary_key=True),
    Column("room_id", ForeignKey(rooms.c.id), primary_key=True),
    Column("seq", BigInteger, nullable=False),
)
"""How far guests have read. They go with their guest."""

guests = Table(
    "guests",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
)
"""Guests who can come back. ``id`` is random, not counted."""
