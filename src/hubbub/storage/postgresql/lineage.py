"""Whether the database has all that this server has shown: after a failover it may have lost some.

A standby that was not synchronous lacks the last commits of the primary, and gives their numbers to
other events once it is promoted. So nothing is read from a database that is another one, of another
timeline or started anew, nor written to it, before it was compared with what was shown. If it lacks
something, its *generation* is raised, and with it the log has another id: clients begin anew then,
and do not take other texts for those that they know.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from msgspec import Struct
from msgspec.structs import astuple

from hubbub.hub.ports import Shown
from hubbub.storage.postgresql.address import Address

FIRST_GENERATION = 1
COMPARE_SECONDS = 10  # for one statement, of which there are three
NAME_BYTES = 6  # of a run's name, which goes with each message between servers

_logger = logging.getLogger(__name__)

# A promotion begins another timeline; who may not be told which it is (42501, 0A000) is told when
# the server was started.
STARTED = "SELECT '', '', extract(epoch FROM pg_postmaster_start_time())::text"
ORIGIN = """
SELECT system_identifier::text, CASE WHEN pg_is_in_recovery() THEN ''
    ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END,
    extract(epoch FROM pg_postmaster_start_time())::text
FROM pg_control_system()
"""
GENERATION = "SELECT value FROM meta WHERE key = 'generation'"
RAISE = "UPDATE meta SET value = %s WHERE key = 'generation' AND value = %s"
LACKING = """
SELECT given.id FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS given(id, seq, at)
LEFT JOIN rooms ON rooms.id = given.id
LEFT JOIN events ON events.room_id = given.id AND events.seq = given.seq
WHERE rooms.head < given.seq OR events.at <> given.at OR (rooms.id IS NULL AND %s)
LIMIT 1
"""
"""Rooms whose newest event that was shown is not there. One may be trimmed, a room be deleted."""


class Origin(Struct, frozen=True):
    """Which run of which database a connection leads to; "" where that is not told."""

    system: str
    timeline: str
    started: str

    def is_moved(self, before: Origin) -> bool:
        """Whether it is another database, or another timeline of it."""
        return (self.system, self.timeline) != (before.system, before.timeline)

    @property
    def name(self) -> str:
        """The same at all servers, in short."""
        told = "/".join(astuple(self)).encode()
        return hashlib.blake2b(told, digest_size=NAME_BYTES).hexdigest()


class Lineage:
    """What the database at ``address`` is compared with. For all threads.

    ``generation`` is the one whose events this server shows, ``origin`` the name of the run that
    has all that was shown; "" before there was a connection.
    """

    def __init__(self, address: Address) -> None:
        self.generation = FIRST_GENERATION
        self._address = address
        self.origin = ""
        self._known: Origin | None = None
        self._watching = False
        self._doubtful = False

    def admit(self, connection: psycopg.Connection[Any]) -> None:
        """Looks where a new connection leads to; raises `psycopg.OperationalError`."""
        origin = _origin(connection)
        if self._known is None or not self._watching:
            self._doubtful = self._known not in (None, origin)
            self._know(origin)
        elif origin != self._known:
            self._doubtful = True
            raise psycopg.OperationalError(
                "the database was started anew, or is another one: it is compared with what was "
                "shown of it"
            )

    def saw(self, generation: int) -> None:
        """That is what the database says by now."""
        if generation != self.generation:
            self._doubtful = True

    def doubt(self) -> None:
        """Something does not fit to what was shown."""
        self._doubtful = True

    async def holds(self, shown: Callable[[], Sequence[Shown]]) -> bool:
        """Whether all of ``shown`` is there; it is only looked if there is reason to doubt it.

        True also while the database cannot be asked: then nothing can be read from it, either.
        """
        self._watching = True
        if not self._doubtful:
            return True
        self._doubtful = False
        try:
            connection = await asyncio.to_thread(self._address.connect, seconds=COMPARE_SECONDS)
        except psycopg.Error:
            self._doubtful = True
            return True
        # Not before there is the connection: what the former one has brought is shown by then.
        there = shown()
        try:
            return await asyncio.to_thread(self._compare, connection, there)
        except psycopg.Error as error:
            _logger.debug("The database cannot be compared with what was shown: %s", error)
            self._doubtful = True
            return True

    def _compare(self, connection: psycopg.Connection[Any], shown: Sequence[Shown]) -> bool:
        with connection:
            origin = _origin(connection)
            moved = self._known is not None and origin.is_moved(self._known)
            generation = generation_of(connection)
            # One that there was is not taken again, also if a failover has lost the number itself.
            back = generation < self.generation
            if back or (
                generation == self.generation and _is_lacking(connection, shown, moved=moved)
            ):
                connection.execute(RAISE, (str(self.generation + 1), str(generation)))
                return False
            if generation == self.generation:
                self._know(origin)
                return True
            return False

    def _know(self, origin: Origin) -> None:
        self._known, self.origin = origin, origin.name


def generation_of(connection: psycopg.Connection[Any]) -> int:
    """How often the log has lost events that were shown, and one more."""
    found = connection.execute(GENERATION).fetchone()
    return FIRST_GENERATION if found is None else int(found[0])


def id_of(log_id: str, generation: int) -> str:
    """The id by which clients know that generation of the log; 32 hexadecimal digits."""
    if generation <= FIRST_GENERATION:
        return log_id
    return hashlib.sha256(f"{log_id}/{generation}".encode()).hexdigest()[:32]


def _origin(connection: psycopg.Connection[Any]) -> Origin:
    try:
        found = connection.execute(ORIGIN).fetchone()
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported):
        found = connection.execute(STARTED).fetchone()
    assert found is not None
    return Origin(*found)


def _is_lacking(
    connection: psycopg.Connection[Any], shown: Sequence[Shown], *, moved: bool
) -> bool:
    columns = ([getattr(one, name) for one in shown] for name in ("room_id", "seq", "at"))
    found = connection.execute(LACKING, (*columns, moved)).fetchone()
    if found is not None:
        _logger.error(
            "The database lacks events that were shown (of the room with the id %s, at least), as "
            "after a failover to a standby that was behind, or when a backup was restored",
            found[0],
        )
    return found is not None
