"""Brings a database to the schema of this version while other servers may try the same."""

from __future__ import annotations

from sqlalchemy import Engine, text

from hubbub.storage.postgresql.address import IN_USE, Address
from hubbub.storage.upgrade import HEAD, migrate, revision

UPGRADING = IN_USE + 1


def upgrade(engine: Engine, address: Address) -> None:
    """Makes or upgrades the tables, all or nothing; who comes second waits, and finds it done.

    Raises `hubbub.storage.errors.NewerDatabase` or `NotADatabase`.
    """
    with engine.begin() as connection:
        if revision(connection, address) == HEAD:
            return
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADING})
        found = revision(connection, address)
        if found != HEAD:
            migrate(connection, found, address)
