"""Tables are changed while servers of the version before use them, or not before these are gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import closing
from threading import Thread

import psycopg
import pytest

from hubbub.hub.ports import KeepNode, LeaseLost, NodeKept, NodeRecord
from hubbub.storage.errors import NewerDatabase, OlderNodes
from hubbub.storage.postgresql.log import PostgresLog, check
from hubbub.storage.upgrade import HEAD
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.storage.neighbour import CONTRACTS, EXPANDS, LATER, Become, become
from tests.storage.talk import NOON, Talk, joined, said, texts

__all__ = ["become"]

LEASE = 60.0


def lease(id: str, seconds: float = LEASE, *, first: bool = True) -> KeepNode:
    return KeepNode(NodeRecord(id, f"node-{id}", "1.2.3", NOON), seconds, first, take_over=False)


@pytest.fixture
def sql(database: str) -> Iterator[psycopg.Connection]:
    with closing(psycopg.connect(database, autocommit=True)) as connection:
        yield connection


def schema(sql: psycopg.Connection) -> str:
    row = sql.execute("SELECT version_num FROM alembic_version").fetchone()
    assert row is not None
    return str(row[0])


def end_lease(sql: psycopg.Connection, id: str) -> None:
    """As if its time was over."""
    sql.execute("UPDATE nodes SET until = 1 WHERE id = %s", (id,))


class Server(Talk):
    """What one says to a log of its own."""

    log: PostgresLog


async def serving(database: str, id: str = "a", seconds: float = LEASE) -> Server:
    """A server of this version, with a lease."""
    talk = Server(await PostgresLog.open(database))
    talk.log.fence(id)
    (settled,) = await talk.settle(lease(id, seconds))
    assert isinstance(settled, NodeKept), settled
    return talk


async def test_a_server_goes_on_while_tables_are_added(
    database: str, sql: psycopg.Connection, become: Become
) -> None:
    old = await serving(database)
    await old.settle(joined(), said("before"))
    become(EXPANDS, HEAD)
    check(database)
    new = await serving(database, "b")
    assert schema(sql) == LATER
    await new.settle(said("by the newer one"))
    await old.settle(said("by the older one"), lease("a", first=False))
    expected = ["before", "by the newer one", "by the older one"]
    for talk in (old, new):
        assert texts(await talk.all()) == expected
        await talk.log.close()


async def test_a_server_starts_with_tables_to_which_a_newer_one_has_added(
    database: str, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    become(EXPANDS, HEAD)
    await (await PostgresLog.open(database)).close()
    monkeypatch.undo()
    check(database)
    old = await serving(database)
    await old.settle(joined(), said("hello"))
    assert texts(await old.all()) == ["hello"]
    await old.log.close()


async def test_what_others_cannot_go_on_with_is_refused_as_long_as_they_serve(
    database: str, sql: psycopg.Connection, become: Become
) -> None:
    old = await serving(database)
    await old.settle(joined())
    become(CONTRACTS)
    renewing = asyncio.create_task(renew(old, "a"))
    try:
        with pytest.raises(OlderNodes, match=r"node-a \(Hubbub 1\.2\.3\)\. Stop these first"):
            await asyncio.to_thread(open_and_close, database)
    finally:
        renewing.cancel()
    assert schema(sql) == HEAD
    await old.settle(said("it goes on"))
    await old.log.close()


async def test_in_the_place_of_one_it_is_started_and_not_beside_another_one(
    database: str, sql: psycopg.Connection, become: Become
) -> None:
    one = await serving(database)
    await one.settle(lease("b"))
    become(CONTRACTS)
    with pytest.raises(OlderNodes, match=r"node-a .*, node-b .*Until then nothing is changed"):
        check(database)
    end_lease(sql, "a")
    check(database)
    await one.log.close()


async def test_leases_of_servers_that_have_ended_are_waited_for(
    database: str, sql: psycopg.Connection, become: Become, caplog: pytest.LogCaptureFixture
) -> None:
    old = await serving(database)
    await old.log.close()
    become(CONTRACTS)
    with caplog.at_level(logging.WARNING):
        starting = Thread(target=open_and_close, args=(database,))
        starting.start()
        await asyncio.to_thread(wait_until, lambda: "Waiting" in caplog.text)
        end_lease(sql, "a")
        await asyncio.to_thread(starting.join, PATIENCE_SECONDS)
    assert schema(sql) == LATER
    (waited,) = [one for one in caplog.messages if "Waiting" in one]
    assert waited.endswith("cannot go on with them: node-a (Hubbub 1.2.3)")


async def test_a_server_that_stood_still_meanwhile_does_not_get_its_lease_back(
    database: str, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    old = await serving(database, seconds=0.1)
    await old.settle(joined())
    await asyncio.sleep(0.2)
    become(CONTRACTS)
    await asyncio.to_thread(open_and_close, database)
    monkeypatch.undo()
    for entry in (said("it speaks for nobody"), lease("a", first=False)):
        (settled,) = await old.settle(entry)
        assert isinstance(settled.error, LeaseLost)
    await old.log.close()
    assert sql.execute("SELECT until FROM nodes WHERE id = 'a'").fetchall() == [(0,)]


async def test_a_server_that_was_just_starting_is_told(
    database: str, monkeypatch: pytest.MonkeyPatch, become: Become
) -> None:
    late = Server(await PostgresLog.open(database))
    late.log.fence("a")
    become(CONTRACTS)
    await asyncio.to_thread(open_and_close, database)
    monkeypatch.undo()
    (settled,) = await late.settle(lease("a"))
    assert isinstance(settled.error, LeaseLost)
    await late.log.close()
    with pytest.raises(NewerDatabase):
        await PostgresLog.open(database)


async def test_a_program_that_reads_tables_for_long_keeps_nobody_else_waiting(
    database: str, sql: psycopg.Connection, become: Become, caplog: pytest.LogCaptureFixture
) -> None:
    """As pg_dump does. Whoever comes behind a migration that waits would wait, too."""
    old = await serving(database)
    await old.settle(joined())
    become(EXPANDS, HEAD)
    with sql.transaction():
        sql.execute("SELECT count(*) FROM rooms")
        with caplog.at_level(logging.WARNING):
            starting = Thread(target=open_and_close, args=(database,))
            starting.start()
            await asyncio.to_thread(wait_until, lambda: "pg_dump" in caplog.text)
        await old.settle(said("hello"), lease("a", first=False))
    await asyncio.to_thread(starting.join, PATIENCE_SECONDS)
    assert schema(sql) == LATER
    await old.log.close()


async def renew(talk: Talk, id: str) -> None:
    while True:
        await talk.settle(lease(id, first=False))
        await asyncio.sleep(0.05)


def open_and_close(database: str) -> None:
    async def both() -> None:
        await (await PostgresLog.open(database)).close()

    asyncio.run(both())
