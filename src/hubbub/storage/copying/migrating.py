"""Copies all that a server has into the other kind of database, in steps that can be repeated."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Table

from hubbub.storage.backup.pacing import Teller
from hubbub.storage.backup.stopping import Stop
from hubbub.storage.copying import marks
from hubbub.storage.copying.contents import (
    ALL_ROWS,
    MADE_THERE,
    NONCE,
    TABLES,
    for_postgresql,
    for_sqlite,
)
from hubbub.storage.copying.errors import GOES_ON, MoveFailed, MoveRefused
from hubbub.storage.copying.marks import MARKS, MIGRATING, MOVED, Migrating, Moved
from hubbub.storage.copying.proving import Proof, Unreadable, prove
from hubbub.storage.copying.side import (
    Row,
    Side,
    meta_of,
    name,
    names,
    put_meta,
    schema_of,
)
from hubbub.storage.schema import events, meta
from hubbub.storage.upgrade import HEAD

EVENTS_AT_ONCE = 5_000  # in a transaction, or as many as have so many bytes:
BYTES_AT_ONCE = 4 * 1024 * 1024


class Migrated(Struct, frozen=True, kw_only=True):
    """What was moved. ``resumed``: how many of the events were there already.

    ``whole_before``: all of it was there, and was proved once more.
    """

    source: str
    target: str
    proof: Proof
    resumed: int
    whole_before: bool
    seconds: float


def migrate(source: Side, target: Side, stop: Stop, tell: Teller) -> Migrated:
    """Copies ``source`` to ``target``, or goes on with that, and proves that it is the same.

    Nothing is written to ``target`` before all of ``source`` was read and could be copied. Raises
    `StorageError`, and `hubbub.storage.backup.errors.Stopped`.
    """
    return _Move(source, target, stop, tell).run()


def reopen(side: Side) -> bool:
    """Lets servers use again what was moved away; False if it was not."""
    with _in_words(side), side.transaction():
        found = side.execute(f"DELETE FROM meta WHERE key = '{MOVED}' RETURNING key")  # noqa: S608
    return bool(found)


class _Move:
    """One run of a move."""

    def __init__(self, source: Side, target: Side, stop: Stop, tell: Teller) -> None:
        self._source = source
        self._target = target
        self._stop = stop
        self._tell = tell
        self._columns: Mapping[str, Sequence[str]] = {}

    def run(self) -> Migrated:
        began = time.monotonic()
        source, target = self._source, self._target
        with _in_words(source):
            self._refuse_half(source)
            source.upgrade()
            _refuse_newer(source)
            self._examine()
        with _in_words(target):
            there = meta_of(target)
            half = marks.migrating(there)
            if half is None:
                self._refuse_taken(there)
            target.upgrade()
            _refuse_newer(target)
        with _in_words(source), _in_words(target):
            self._columns = {
                table.name: _shared(source, target, table) for table in (*TABLES, meta)
            }
        proof = self._proof(source, "reading")
        resumed = 0
        whole_before = half is None and there.get("log_id") == proof.log_id
        left: list[str] = []
        if not whole_before:
            why = marks.why_not_served(meta_of(source).items(), source.shown)
            if half is None and why is not None:
                raise MoveRefused(why)
            mark = self._begun(proof, half)
            left = mark.left
            resumed = self._copy(mark, proof.events)
        self._verify(proof, whole_before=whole_before)
        self._end(left)
        return Migrated(
            source=str(source.shown),
            target=str(target.shown),
            proof=proof,
            resumed=resumed,
            whole_before=whole_before,
            seconds=time.monotonic() - began,
        )

    def _end(self, left: Sequence[str]) -> None:
        """From now on the target can be served, and the source cannot.

        At no moment can both: if this is killed in between, neither can before it is done again.
        """
        source, target = self._source, self._target
        with _in_words(source), source.transaction():
            moved = Moved(to=str(target.shown), at=time.time_ns() // 1_000_000)
            put_meta(source, MOVED, marks.encode(moved))
        self._tell("finishing", 0, 0)
        with _in_words(target), target.transaction():
            target.settle(left)
            for key in MARKS:
                target.execute("DELETE FROM meta WHERE key = ?", (key,))

    def _refuse_half(self, source: Side) -> None:
        half = marks.migrating(meta_of(source))
        if half is not None:
            raise MoveRefused(
                f"{source.shown} holds only a part of what is being moved there from "
                f"{half.source}. Finish that move first: repeat its command."
            )

    def _examine(self) -> None:
        """Refuses what is damaged, or what the other database could not hold."""
        source = self._source
        self._tell("examining", 0, 1)
        unsound = source.unsound()
        self._stop.check()
        if unsound is not None:
            raise MoveRefused(
                f"{source.shown} is damaged ({unsound}), and nothing was copied. hubbub admin "
                "doctor tells more; docs/reliability.md tells what to do."
            )
        wrong = [row for table in TABLES for row in source.cannot_go(table)]
        if wrong:
            raise MoveRefused(
                f"{self._target.kind} cannot hold what is in {', '.join(wrong)}: a NUL character, "
                "or a value of another type than Hubbub writes. Some other program wrote it. "
                "Nothing was copied. Correct these rows (the sqlite3 shell finds them by their "
                "rowid), and repeat the command."
            )

    def _refuse_taken(self, there: Mapping[str, str]) -> None:
        """Raises `MoveRefused` if somebody's data is in the target: not for this very log's."""
        target = self._target
        log_id = meta_of(self._source).get("log_id")
        if there.get("log_id") == log_id:
            return
        taken = [
            table.name
            for table in TABLES
            if table.name in target.tables()
            and target.execute(f"SELECT 1 FROM {name(table.name)} LIMIT 1")  # noqa: S608
        ]
        if taken:
            raise MoveRefused(
                f"There is the data of another server in {target.shown} already, and a move "
                "overwrites nothing. Name an empty database or folder, or empty that one first."
            )

    def _proof(self, side: Side, doing: str) -> Proof:
        def tell(done: int, total: int) -> None:
            self._stop.check()
            self._tell(doing, done, total)

        try:
            with _in_words(side):
                return prove(side, self._columns, tell)
        except Unreadable as error:
            raise MoveRefused(
                f"In {side.shown} there is {error}. Nothing was copied. hubbub admin doctor tells "
                "more; docs/reliability.md tells what to do."
            ) from None

    def _begun(self, proof: Proof, half: Migrating | None) -> Migrating:
        """The mark of the half-done target, which goes on, or begins now."""
        target = self._target
        if half is not None and half.log_id != proof.log_id:
            raise MoveRefused(
                f"{target.shown} holds a part of what is being moved there from {half.source}, "
                "which has another log. Finish that move, or name an empty database or folder."
            )
        sha256 = proof.sha256
        if half is not None and half.proof == sha256:
            return half
        if half is not None:
            # The source was served in between: what was copied may be of before.
            self._tell("beginning anew", 0, 1)
        with _in_words(target), target.transaction():
            left = [] if half is None else half.left
            mark = Migrating(
                source=str(self._source.shown),
                log_id=proof.log_id,
                proof=sha256,
                done=[],
                left=left + target.begin(),
            )
            self._mark(mark)
            target.empty(ALL_ROWS)
        return mark

    def _copy(self, mark: Migrating, total: int) -> int:
        """Copies what is not there yet; how many events were."""
        target = self._target
        resumed = 0
        for table in (*TABLES, meta):
            if table.name in mark.done:
                continue
            if table is events:
                resumed = self._copy_events(total)
            mark = replace(mark, done=[*mark.done, str(table.name)])
            with _in_words(target), target.transaction():
                if table is meta:
                    self._copy_meta()
                elif table is not events:
                    self._copy_rows(table)
                self._mark(mark)
        return resumed

    def _mark(self, mark: Migrating) -> None:
        put_meta(self._target, MIGRATING, marks.encode(mark))

    def _copy_rows(self, table: Table) -> None:
        """All rows of a small table; in the transaction that says that they are there."""
        columns = self._columns[table.name]
        query = f"SELECT {names(columns)} FROM {name(table.name)}"  # noqa: S608
        done = 0
        for rows in self._read(query):
            self._target.add(table, columns, rows)
            done += len(rows)
            self._stop.check()
            self._tell(f"copying {table.name}", done, 0)

    def _copy_meta(self) -> None:
        kept = "', '".join(sorted(MARKS))
        self._target.execute(f"DELETE FROM meta WHERE key NOT IN ('{kept}')")  # noqa: S608
        query = f"SELECT key, value FROM meta WHERE key NOT IN ('{kept}')"  # noqa: S608
        for rows in self._read(query):
            self._target.add(meta, ("key", "value"), rows)

    def _copy_events(self, total: int) -> int:
        """Those behind the last one that is there; how many there were.

        As they come in the order of their ids and each transaction is saved whole, what is in the
        target always ends at one place.
        """
        target = self._target
        columns = self._columns[events.name]
        nonce = columns.index(NONCE)
        suited = for_postgresql if target.kind == "PostgreSQL" else for_sqlite
        with _in_words(target):
            ((last, there),) = target.execute("SELECT max(id), count(*) FROM events")
        assert isinstance(there, int)
        done = there
        query = f"SELECT {names(columns)} FROM events WHERE id > ? ORDER BY id"  # noqa: S608
        for rows in _gathered(self._read(query, (last or 0,))):
            with _in_words(target):
                with target.transaction(certain=False):
                    target.add(events, columns, suited(rows, nonce))
                target.tidy()
            done += len(rows)
            self._stop.check()
            self._tell("copying events", done, total)
        return there

    def _read(self, query: str, values: Sequence[object] = ()) -> Iterator[Sequence[Row]]:
        with _in_words(self._source):
            yield from self._source.portions(query, values)

    def _verify(self, proof: Proof, *, whole_before: bool) -> None:
        target = self._target
        differs = self._proof(target, "verifying").differs(proof)
        if differs is None:
            return
        if whole_before:
            raise MoveRefused(
                f"{target.shown} holds this server's log already, but not the same: {differs} is "
                f"another one than in {self._source.shown}. It was moved before, and one of the "
                "two was served since. A move overwrites nothing: name an empty database or "
                "folder."
            )
        raise MoveFailed(
            f"What was copied to {target.shown} is not what is in {self._source.shown}: {differs} "
            "differs. Has another program written to one of them? Empty the target, and repeat "
            "the command."
        )


def _refuse_newer(side: Side) -> None:
    """Tables that this version can use may hold what it does not know, and would not copy."""
    if (found := schema_of(side)) != HEAD:
        raise MoveRefused(
            f"{side.shown} was changed by a newer Hubbub (its schema is {found}, this version's is "
            f"{HEAD}), and this one would not copy all of it. Move it with the newer version."
        )


def _shared(source: Side, target: Side, table: Table) -> list[str]:
    """The columns that both have. What only one kind of database has is made of the others."""
    there = set(source.columns(table.name)) & set(target.columns(table.name))
    return [
        column.name
        for column in table.columns
        if column.name in there and (table.name, column.name) not in MADE_THERE
    ]


def _gathered(portions: Iterator[Sequence[Row]]) -> Iterator[Sequence[Row]]:
    """Rows in groups, each for one transaction."""
    group: list[Row] = []
    chars = 0
    for rows in portions:
        group += rows
        chars += sum(len(value) for row in rows for value in row if isinstance(value, str))
        if len(group) >= EVENTS_AT_ONCE or chars >= BYTES_AT_ONCE:
            yield group
            group, chars = [], 0
    if group:
        yield group


@contextmanager
def _in_words(side: Side) -> Iterator[None]:
    """Raises what the driver of ``side`` raises as a sentence."""
    try:
        yield
    except Exception as error:
        words = side.words(error)
        if words is None:
            raise
        raise MoveFailed(f"{words} What was copied stays. {GOES_ON}") from error
