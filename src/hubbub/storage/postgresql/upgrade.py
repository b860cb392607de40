"""Brings a database to the schema of this version while other servers use it, or try the same.

A server goes on with tables that a newer version has changed, if the migration's module names a
revision that the server knows (`hubbub.storage.upgrade.COMPATIBLE_FROM`). What others cannot go on
with waits until their leases are over, and is refused while they renew them.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from time import sleep

from msgspec import Struct
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from hubbub.storage.errors import OlderNodes
from hubbub.storage.nodes import NOW
from hubbub.storage.postgresql.address import IN_USE, Address
from hubbub.storage.schema import nodes
from hubbub.storage.upgrade import compatible_from, is_outdated, migrate

UPGRADING = IN_USE + 1
LOCK_SECONDS = 2
"""For which a migration waits for a table, as all others have to wait behind it: then it lets them
go first. pg_dump, for one, holds its locks for as long as it takes."""
PAUSE_SECONDS = 0.5  # until it tries again

_SERVING = (
    select(nodes.c.id, nodes.c.name, nodes.c.version, nodes.c.until)
    .where(nodes.c.until > NOW)
    .order_by(nodes.c.name, nodes.c.id)
)

_logger = logging.getLogger(__name__)


class _Node(Struct, frozen=True):
    """A server with a lease. ``until``: see `hubbub.storage.schema.nodes`."""

    id: str
    name: str
    version: str
    until: int


class _Wait(Exception):
    """Servers that cannot go on with the new tables have leases."""

    def __init__(self, those: Sequence[_Node]) -> None:
        super().__init__(_names(those))
        self.those = those


def upgrade(engine: Engine, address: Address) -> None:
    """Makes or upgrades the tables, all or nothing; who comes second waits, and finds it done.

    Raises `hubbub.storage.errors.NewerDatabase`, `NotADatabase`, or `OlderNodes` if servers go on
    that could not use the new tables.
    """
    with engine.begin() as connection:
        if not is_outdated(connection, address):
            return
    leases: dict[str, int] = {}
    told = ""
    while True:
        try:
            with engine.begin() as connection:
                _upgrade(connection, address)
        except _Wait as wait:
            if leases and any(one.until > leases.get(one.id, 0) for one in wait.those):
                raise _older_nodes(wait.those, address) from None
            leases = leases or {one.id: one.until for one in wait.those}
            why = f"until the leases are over of servers that cannot go on with them: {wait}"
        except DBAPIError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
            why = "for another program that uses them, such as pg_dump"
        else:
            return
        if why != told:
            _logger.warning(
                "The tables in the database %s are to be changed. Waiting %s", address, why
            )
            told = why
        sleep(PAUSE_SECONDS)


def check_others(connection: Connection, address: Address) -> None:
    """Raises `OlderNodes` if more than one server could not go on with the new tables.

    The one is that in whose place this one is started.
    """
    if is_outdated(connection, address) and len(those := _serving(connection)) > 1:
        raise _older_nodes(those, address)


def _upgrade(connection: Connection, address: Address) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADING})
    if not is_outdated(connection, address):
        return
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
    if those := _serving(connection, lock=True):
        raise _Wait(those)
    migrate(connection)


def _serving(connection: Connection, *, lock: bool = False) -> Sequence[_Node]:
    """The servers with leases that cannot go on with the tables of this version.

    ``lock``: there will be no other ones until this transaction is over, and those whose lease is
    over by now do not get it back.
    """
    if not inspect(connection).has_table(nodes.name):
        return []
    too_old = nodes.c.schema < compatible_from()
    if lock:
        connection.execute(text("LOCK TABLE nodes IN SHARE ROW EXCLUSIVE MODE"))
        connection.execute(update(nodes).values(until=0).where(too_old, nodes.c.until <= NOW))
    return [_Node(*row) for row in connection.execute(_SERVING.where(too_old))]


def _older_nodes(those: Sequence[_Node], address: Address) -> OlderNodes:
    """They would go on, and could not."""
    return OlderNodes(
        f"The tables in the database {address} are to be changed in a way that servers cannot go "
        f"on with which use it now: {_names(those)}. Stop these first, or upgrade them to the "
        "version before this one. Until then nothing is changed, and they go on."
    )


def _names(those: Sequence[_Node]) -> str:
    return ", ".join(f"{one.name} (Hubbub {one.version})" for one in those)
