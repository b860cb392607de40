"""What is in a database: a hash over each log, and over each other table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any

from msgspec import Struct, msgpack
from sqlalchemy import Table, Text

from hubbub.storage.backup import loghash
from hubbub.storage.backup.manifest import RoomLog
from hubbub.storage.copying.contents import NONCE, TABLES, to_postgresql
from hubbub.storage.copying.marks import MARKS
from hubbub.storage.copying.side import Row, Side, name, names
from hubbub.storage.schema import events, meta

_NUL = b"\0"

_encode = msgpack.Encoder().encode


class Rows(Struct, frozen=True):
    """How many rows a table has; ``sha256``: over all of them, in no order."""

    count: int
    sha256: str


class Proof(Struct, frozen=True):
    """All that a move has to bring over. ``tables``: by their names, without the events."""

    log_id: str
    logs: list[RoomLog]
    tables: dict[str, Rows]

    @property
    def events(self) -> int:
        return sum(log.events for log in self.logs)

    @property
    def sha256(self) -> str:
        """One hash for all of it."""
        return sha256(msgpack.encode(self)).hexdigest()

    def differs(self, other: Proof) -> str | None:
        """Where it is not the same, for people."""
        if self.log_id != other.log_id:
            return "the id of the log"
        mine, others = ({log.id: log for log in proof.logs} for proof in (self, other))
        for room in sorted(mine.keys() | others.keys()):
            if mine.get(room) != others.get(room):
                return f"the log of the room in row {room}"
        for table in sorted(self.tables.keys() | other.tables.keys()):
            if self.tables.get(table) != other.tables.get(table):
                return f"the table {table}"
        return None


class Unreadable(Exception):
    """A row that cannot be copied. The text says which, for people."""


def prove(
    side: Side, columns: Mapping[str, Sequence[str]], tell: Callable[[int, int], None]
) -> Proof:
    """Reads all of these ``columns``, by tables. ``tell`` is told how many events are read, of all.

    Raises `Unreadable`.
    """
    ((total,),) = side.execute(f"SELECT count(*) FROM {events.name}")  # noqa: S608
    assert isinstance(total, int)
    tables = {
        str(table.name): _rows(side, table, columns[table.name])
        for table in TABLES
        if table is not events
    }
    tables[str(meta.name)] = _rows(side, meta, ["key", "value"], without=MARKS)
    ((log_id,),) = side.execute("SELECT value FROM meta WHERE key = 'log_id'")
    logs = list(_logs(side, columns[events.name], lambda done: tell(done, total)))
    tell(total, total)
    return Proof(str(log_id), logs, tables)


def _logs(side: Side, columns: Sequence[str], tell: Callable[[int], None]) -> Iterator[RoomLog]:
    """The hashes are those of `hubbub.storage.backup.loghash`."""
    hashed = loghash.hashed(columns)
    seq, nonce = 1 + hashed.index(events.c.seq.name), 1 + hashed.index(NONCE)
    read = ["room_id", *hashed]
    query = f"SELECT {names(read)} FROM events ORDER BY room_id, seq"  # noqa: S608
    log: _Log | None = None
    done = 0
    for rows in _readable(side, query, events, read):
        for room, group in groupby(rows, itemgetter(0)):
            if log is None or log.room != room:
                if log is not None:
                    yield log.whole()
                log = _Log(room)
            log.add([_known(row, nonce) for row in group], seq)
        done += len(rows)
        tell(done)
    if log is not None:
        yield log.whole()


class _Log:
    """A log of which one part after another is read."""

    def __init__(self, room: Any) -> None:
        self.room = room
        self._first: Any = None
        self._head: Any = None
        self._events = 0
        self._digest = sha256()

    def add(self, rows: Sequence[Row], seq: int) -> None:
        """Rows with the number of the room in front; ``seq``: where they have theirs."""
        self._first = rows[0][seq] if self._first is None else self._first
        self._head = rows[-1][seq]
        self._events += len(rows)
        self._digest.update(b"".join([_encode(row[1:]) for row in rows]))

    def whole(self) -> RoomLog:
        return RoomLog(self.room, self._first, self._head, self._events, self._digest.hexdigest())


def _readable(
    side: Side, query: str, table: Table, columns: Sequence[str]
) -> Iterator[Sequence[Row]]:
    """The rows of ``columns``, texts as bytes that are UTF-8: SQLite also stores what is not."""
    texts = [at for at, column in enumerate(columns) if isinstance(table.c[column].type, Text)]
    for rows in side.portions(query, as_bytes=True):
        # All at once, as hardly any portion has one; what is put between joins no halves.
        found = [value for row in rows for place in texts if (value := row[place]) is not None]
        try:
            b"\n".join(found).decode()
        except UnicodeDecodeError:
            raise Unreadable(_where(rows, texts, table)) from None
        yield rows


def _where(rows: Sequence[Row], texts: Sequence[int], table: Table) -> str:
    for row in rows:
        for place in texts:
            value = row[place]
            try:
                if isinstance(value, bytes):
                    value.decode()
            except UnicodeDecodeError:
                numbers = [str(number) for number in row if isinstance(number, int)]
                which = f"the row with the numbers {', '.join(numbers)}" if numbers else "a row"
                return f"a text that is no UTF-8, in {which} of the table {table.name}"
    raise AssertionError


def _known(row: Row, nonce: int) -> Row:
    """``row`` as PostgreSQL stores it."""
    value = row[nonce]
    if isinstance(value, bytes) and _NUL in value:
        return (*row[:nonce], to_postgresql(value.decode()).encode(), *row[nonce + 1 :])
    return row


def _rows(side: Side, table: Table, columns: Sequence[str], without: Iterable[str] = ()) -> Rows:
    """The sum of the rows' hashes: the databases sort texts in different orders."""
    left_out = {key.encode() for key in without}
    read = sorted(columns)
    query = f"SELECT {names(read)} FROM {name(table.name)}"  # noqa: S608
    count, total = 0, 0
    for rows in _readable(side, query, table, read):
        for row in rows:
            if left_out and row[0] in left_out:
                continue
            count += 1
            total += int.from_bytes(sha256(_encode(row)).digest())
    return Rows(count, f"{total % (1 << 256):064x}")
