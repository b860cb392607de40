"""The tables. `migrations` makes the same; a test compares the two."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
    false,
    func,
    select,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

T = TypeVar("T")

# SQLite counts by itself only in a column that is exactly INTEGER PRIMARY KEY.
_Serial = BigInteger().with_variant(Integer(), "sqlite")

# By its bytes, as SQLite compares: another order is the system's, and may change with it.
_Key = Text().with_variant(Text(collation="C"), "postgresql")

meta = Table(
    "meta",
    metadata,
    Column("key", _Key, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Facts of this database. ``log_id``: 32 hexadecimal digits, made with it. ``generation``:
how often the log has lost events that were shown, and one more.
"""

rooms = Table(
    "rooms",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("key", _Key, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("head", BigInteger, nullable=False, server_default="0"),
)
"""``head``: on PostgreSQL, the ``seq`` of the newest event; who has locked the row may raise it. On
SQLite always 0: there the newest event itself tells, and each one writes a page less.

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
    Column("nonce", _Key),
    Column("amends", BigInteger),
    UniqueConstraint("room_id", "seq"),
)
"""``id`` grows in the order of the commits in SQLite, which has one writer; in PostgreSQL nearly.

``extra``: the kind's further fields, as JSON.

``author``: a user's id, if it is known. No foreign key, which would be looked up for each text.
``amends``: the ``seq`` of the event of the same room that this one changes (`Traits.amends`).
"""

room_state = Table(
    "room_state",
    metadata,
    Column("room_id", ForeignKey(rooms.c.id), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
)
"""What a room's events add up to, beside its members and what the newest event tells.

``state``: `hubbub.domain.state.RoomFacts` as JSON. ``seq``: of the event that changed it last. So a
room in which nothing changed it has no row, and a text writes none, except the first in its room.
"""

CONTENT = (
    events.c.seq,
    events.c.at,
    events.c.kind,
    events.c.author,
    events.c.by,
    events.c.text,
    events.c.extra,
    events.c.amends,
)
"""What `hubbub.storage.rows.event_of` makes an event of."""

_newest = events.alias("newest")
_OF_ITS_EVENTS = (
    select(func.max(_newest.c.seq))
    .where(_newest.c.room_id == rooms.c.id)
    .correlate(rooms)
    .scalar_subquery()
)


class Worded(ColumnElement[T]):
    """What each database has in words of its own, which `compiles` gives.

    Without parts: a statement with it is compiled once, and found again by its class.
    """

    _traverse_internals: ClassVar[list[Any]] = []  # type: ignore[misc]


class _NewestSeq(Worded[int | None]):
    inherit_cache = True
    type = BigInteger()  # type: ignore[assignment]  # nullable, as every column's may be


@compiles(_NewestSeq)
def _found(_: _NewestSeq, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(_OF_ITS_EVENTS, **options)


@compiles(_NewestSeq, "postgresql")
def _kept(_: _NewestSeq, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(rooms.c.head, **options)


NEWEST_SEQ = _NewestSeq()
"""The ``seq`` of the newest event of each room of a query; NULL or 0 before the first."""

WITH_STATE = rooms.outerjoin(
    events, and_(events.c.room_id == rooms.c.id, events.c.seq == NEWEST_SEQ)
).outerjoin(room_state, room_state.c.room_id == rooms.c.id)
"""Rooms with their newest events and their states, each of which may be missing."""

SUMMARY = (events.c.seq, events.c.at, room_state.c.state)
"""What of `WITH_STATE` `hubbub.storage.rows.summary_of` makes a summary of."""

# Only the migration says this to PostgreSQL, too: naming a dialect here loads it at every start.
Index(
    "uq_events_author_nonce",
    events.c.author,
    events.c.nonce,
    unique=True,
    sqlite_where=events.c.nonce.is_not(None),
)

Index(
    "ix_events_room_id_amends",
    events.c.room_id,
    events.c.amends,
    sqlite_where=events.c.amends.is_not(None),
)

# See `hubbub.storage.dialects`. On PostgreSQL it takes other words.
Index(
    "ix_events_reply_to",
    events.c.room_id,
    text("CAST(substr(extra, 13) AS INTEGER)"),
    sqlite_where=text("substr(extra, 1, 12) = '{\"reply_to\":'"),
)

members = Table(
    "members",
    metadata,
    Column("room_id", ForeignKey(rooms.c.id), primary_key=True),
    Column("user_key", _Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("author", BigInteger),
    Column("since", BigInteger, nullable=False, server_default="0"),
    Column("profile", Text),
)
"""Who is in a room by its events: joined and not left. ``author``: the user's id.

``since`` and ``profile``: see `hubbub.domain.state.Member`; the latter as JSON, NULL for none.
"""

users = Table(
    "users",
    metadata,
    Column("id", _Serial, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("registered", BigInteger),
)
"""Everybody who was ever here, with the name that they had last. No row is ever deleted.

``id`` is random, not counted: see `hubbub.domain.ids`. ``registered``: since when they have an
account, in ms since the Unix epoch; NULL for who has none.
"""

markers = Table(
    "markers",
    metadata,
    Column("user_id", ForeignKey(users.c.id), primary_key=True),
    Column("room_id", ForeignKey(rooms.c.id), primary_key=True),
    Column("seq", BigInteger, nullable=False),
)
"""How far users have read who can come back: who have a row in ``guests``, or an account."""

readers = Table(
    "readers",
    metadata,
    Column("user_id", ForeignKey(users.c.id), primary_key=True),
    Column("reader", _Key, primary_key=True),
    Column("room_id", ForeignKey(rooms.c.id), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""How far the programs of accounts have read: see `hubbub.hub.ports.ReaderMarker`. ``at``: when
that was saved, in ms since the Unix epoch; of very many those go that are the oldest.
"""

guests = Table(
    "guests",
    metadata,
    Column("key", _Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("user_id", ForeignKey(users.c.id), nullable=False, index=True),
    Column("token_hash", LargeBinary, nullable=False),
)
"""Names that are kept for users who can come back with a token; gone when the name is freed."""

secrets = Table(
    "secrets",
    metadata,
    Column("kind", _Key, primary_key=True),
    Column("owner", BigInteger, primary_key=True, autoincrement=False),
    Column("value", Text, nullable=False),
)
"""What no log may have. ``kind``: of `hubbub.hub.ports.SecretKind`, which says what ``owner`` is:
the id of a user, or that of a room's row.
"""

devices = Table(
    "devices",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("user_id", ForeignKey(users.c.id), nullable=False, index=True),
    Column("token_hash", LargeBinary, nullable=False),
    Column("client", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
)
"""Where accounts are logged in; see `hubbub.hub.ports.DeviceRecord`."""

identities = Table(
    "identities",
    metadata,
    Column("issuer", _Key, primary_key=True),
    Column("subject", _Key, primary_key=True),
    Column("user_id", ForeignKey(users.c.id), nullable=False, index=True),
)
"""Which account is whose by a single sign-on; see `hubbub.hub.ports.TakeIdentity`."""

nodes = Table(
    "nodes",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("version", Text, nullable=False),
    Column("schema", Text, nullable=False),
)
"""The servers on this log, if it can have several. ``until``: when the lease ends, as ``started``
in ms since the Unix epoch by the database's clock; 0: it is over for good. ``schema``: the newest
migration that the server's program knows.
"""

attendances = Table(
    "attendances",
    metadata,
    Column("room_id", ForeignKey(rooms.c.id), primary_key=True),
    Column("user_key", _Key, primary_key=True),
    Column("node_id", ForeignKey(nodes.c.id), primary_key=True, index=True),
    Column("user_id", BigInteger),
    Column("grace", Boolean, nullable=False, server_default=false()),
)
"""Who is present where, by the key of the name: members only. ``grace``: they have lost the
connection, and may come back for a while. A node goes only after its rows, which another one takes.
"""

claims = Table(
    "claims",
    metadata,
    Column("key", _Key, primary_key=True),
    Column("node_id", ForeignKey(nodes.c.id), primary_key=True, index=True),
    Column("user_id", BigInteger, nullable=False, index=True),
    Column("name", Text, nullable=False),
)
"""Which names are in use, or held, at which nodes. All rows of one ``key`` have one ``user_id``."""

files = Table(
    "files",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("owner", BigInteger, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("blob", _Key, nullable=False, index=True),
    Column("thumbnail_size", BigInteger, nullable=False, server_default="0"),
    Column("width", Integer),
    Column("height", Integer),
    Column("animated", Integer, nullable=False, server_default="0"),
)
"""Files that were uploaded; see `hubbub.hub.ports.FileRecord`. A row never changes, and so never
moves: what it says is overwritten in its place when the file goes.

``animated``: 1, or 0. ``blob``: the SHA-256 of what it holds, and a number that is never used
again.
"""

said_files = Table(
    "said_files",
    metadata,
    Column("file_id", ForeignKey(files.c.id), primary_key=True),
    Column("room_id", ForeignKey(rooms.c.id), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Index("ix_said_files_room_id", "room_id", "seq"),
)
"""Which message a file belongs to. One without a row was not said yet."""

unneeded_blobs = Table("unneeded_blobs", metadata, Column("key", _Key, primary_key=True))
"""Blobs that no file has any more: they are deleted behind the commit, and then these rows."""
