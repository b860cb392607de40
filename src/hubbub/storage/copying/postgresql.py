"""A database of PostgreSQL as one side of a move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from operator import itemgetter
from pathlib import Path

import psycopg
from psycopg.types.string import ByteaBinaryLoader
from sqlalchemy import Table

from hubbub.storage.copying.errors import MoveRefused
from hubbub.storage.copying.side import PORTION, Kind, Row, name, names
from hubbub.storage.postgresql.address import Address, said_by
from hubbub.storage.postgresql.log import refuse_unsuited
from hubbub.storage.postgresql.moves import have_alone
from hubbub.storage.postgresql.upgrade import upgrade
from hubbub.storage.redacting import listed
from hubbub.storage.rows import EDITS
from hubbub.storage.schema import events, rooms
from hubbub.storage.search.vectors import terms_of_row

_ALIVE = (
    "SELECT name FROM nodes"
    " WHERE until > extract(epoch FROM clock_timestamp()) * 1000 ORDER BY name"
)


class PostgresqlSide:
    """The database at ``url``, which no node uses meanwhile. Raises `StorageError`."""

    kind: Kind = "PostgreSQL"

    def __init__(self, url: str) -> None:
        self.shown: Path | str = without_password(url)
        self._address = Address(url)
        try:
            self._connection = self._address.connect()
        except psycopg.Error as error:
            raise MoveRefused(f"{self.shown} cannot be opened: {said_by(error)}") from error
        try:
            refuse_unsuited(self._connection, self._address, "process")
            self._have_alone()
        except psycopg.Error as error:
            self.close()
            raise MoveRefused(f"{self.shown} cannot be used: {said_by(error)}") from error
        except BaseException:
            self.close()
            raise

    def _have_alone(self) -> None:
        """Raises `MoveRefused` while any node is connected; the leases tell which it may be."""
        if have_alone(self._connection):
            return
        who = "A Hubbub server, or another move,"
        if "nodes" in self.tables() and (found := self.execute(_ALIVE)):
            who = f"A Hubbub server ({', '.join(str(node) for (node,) in found)})"
        raise MoveRefused(f"{who} is using {self.shown}. Stop all nodes first.")

    def tables(self) -> set[str]:
        found = self.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        )
        return {str(table) for (table,) in found}

    def columns(self, table: str) -> list[str]:
        found = self.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = ?",
            (table,),
        )
        return [str(column) for (column,) in found]

    def upgrade(self) -> None:
        upgrade(self._address.engine(), self._address)

    def portions(
        self, statement: str, values: Sequence[object] = (), *, as_bytes: bool = False
    ) -> Iterator[Sequence[Row]]:
        # With a name, the server sends rows as they are asked for. Binary: numbers and bytes as
        # they are, of which nothing is parsed.
        with (
            self._connection.transaction(),
            self._connection.cursor("portions", binary=True) as cursor,
        ):
            if as_bytes:
                cursor.adapters.register_loader("text", ByteaBinaryLoader)
            cursor.itersize = PORTION
            cursor.execute(_marked(statement), values)
            while rows := cursor.fetchmany(PORTION):
                yield rows

    def execute(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        cursor = self._connection.execute(_marked(statement), values or None)
        return list(cursor.fetchall()) if cursor.description else []

    @contextmanager
    def transaction(self, *, certain: bool = True) -> Iterator[None]:
        with self._connection.transaction():
            if not certain:  # it is with the next one that is
                self.execute("SET LOCAL synchronous_commit = off")
            yield

    def add(self, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
        if table is events:
            columns, rows = _findable(columns, rows)
        statement = f"COPY {name(table.name)} ({names(columns)}) FROM STDIN"
        with self._connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def empty(self, tables: Sequence[Table]) -> None:
        self.execute(f"TRUNCATE {names([table.name for table in tables])}")

    def unsound(self) -> str | None:
        return None  # it has no such look at itself: all rows are read, which finds what is torn

    def cannot_go(self, table: Table) -> list[str]:
        return []  # SQLite holds anything

    def begin(self) -> list[str]:
        # A tree is made of all rows in a fraction of the time that it takes to add each to it.
        found = self.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
            " AND tablename = 'events' AND indexname LIKE 'ix%' ORDER BY indexname"
        )
        for index, _ in found:
            self.execute(f"DROP INDEX {name(index)}")
        return [str(definition) for _, definition in found]

    def settle(self, left: Sequence[str]) -> None:
        self.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for definition in left:
            self.execute(definition.replace(" INDEX ", " INDEX IF NOT EXISTS ", 1))
        for id, *row in self.execute(EDITED):
            self.execute(FIND_ANEW, (terms_of_row(*row), id))
        for table in (rooms, events):
            query = f"SELECT max(id) FROM {name(table.name)} HAVING max(id) > 0"  # noqa: S608
            for (newest,) in self.execute(query):
                self.execute(
                    "SELECT setval(pg_get_serial_sequence(?, 'id'), ?)", (table.name, newest)
                )
        self.execute(
            "UPDATE rooms SET head = found.head"
            " FROM (SELECT room_id, max(seq) AS head FROM events GROUP BY room_id) AS found"
            " WHERE found.room_id = rooms.id"
        )
        self.execute("ANALYZE")

    def tidy(self) -> None:
        pass

    def words(self, error: Exception) -> str | None:
        if not isinstance(error, psycopg.Error):
            return None
        if isinstance(error, psycopg.errors.DiskFull):
            return f"The disk of {self.shown} is full. Make room there."
        return f"{self.shown} says: {said_by(error)}"

    def close(self) -> None:
        # PostgreSQL notices the end of a connection some time later: who comes next, as the server
        # that is started when a move is done, is not to be refused until then.
        with suppress(psycopg.Error):  # if it is lost, or had been refused
            self._connection.rollback()
            self._connection.execute("SELECT pg_advisory_unlock_all()")
        self._connection.close()


# Each is found by what it says now, and not by what it said at first.
EDITED = (
    'SELECT DISTINCT ON (said.id) said.id, said.room_id, said.kind, said."by", edit.text'  # noqa: S608
    " FROM events AS edit JOIN events AS said"
    " ON said.room_id = edit.room_id AND said.seq = edit.amends"
    f" WHERE edit.amends IS NOT NULL AND edit.kind IN ({listed(EDITS)})"
    " ORDER BY said.id, edit.seq DESC"
)
FIND_ANEW = "UPDATE events SET terms = CAST(? AS tsvector) WHERE id = ?"


def _findable(columns: Sequence[str], rows: Sequence[Row]) -> tuple[Sequence[str], Sequence[Row]]:
    """Events with the terms by which searches find them, which only PostgreSQL has beside them."""
    which = itemgetter(*map(columns.index, ("room_id", "kind", "by", "text")))
    return [*columns, "terms"], [(*row, terms_of_row(*which(row))) for row in rows]


def _marked(statement: str) -> bytes:
    """``statement`` with the marks for values that the driver has."""
    return statement.replace("?", "%s").encode()


def without_password(url: str) -> str:
    """A URL that can be shown: what follows ``?`` may have a password, too."""
    scheme, mark, rest = url.partition("?")[0].partition("://")
    user, at, where = rest.rpartition("@")
    return f"{scheme}{mark}{user.partition(':')[0]}{at}{where}"
