"""The database goes away and comes back: what was told is there, and nothing is there twice."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest
from psycopg import sql

from hubbub.domain.errors import LogUnavailable
from hubbub.domain.events import Joined
from hubbub.hub.ports import Draft
from hubbub.storage.postgresql import connection as connections
from hubbub.storage.postgresql import log as logs
from hubbub.storage.postgresql import patient
from hubbub.storage.postgresql.connection import SharedConnection
from hubbub.storage.postgresql.log import PostgresLog
from tests.patience import PATIENCE_SECONDS
from tests.postgres import Server, database_of, server
from tests.storage.talk import ADA, GENERAL, NOON, Talk, said, seqs, texts

PROCESS = {"fsync": "off", "full_page_writes": "off"}
"""What was acknowledged survives the end of the database's processes, if not a power cut."""


@pytest.fixture(scope="module")
def mortal() -> Iterator[Server]:
    """A server that these tests stop."""
    with server(**PROCESS) as made:
        yield made


@pytest.fixture
def url(mortal: Server) -> Iterator[str]:
    with database_of(mortal) as found:
        yield found


@pytest.fixture
async def talk(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Talk]:
    monkeypatch.setattr(connections, "FIRST_PAUSE_SECONDS", 0.0)
    log = await PostgresLog.open(url)
    yield Talk(log)
    await log.close()


def cut(server: Server) -> None:
    """All other connections to it are gone."""
    with server.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND application_name = 'hubbub'"
        )


async def said_again(talk: Talk, text: str, nonce: str) -> int:
    """Says it until it is saved; its number."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            (one,) = await talk.settle(said(text, nonce=nonce))
            if one.event is not None:
                return one.event.seq
            assert isinstance(one.error, LogUnavailable)
            await asyncio.sleep(0.05)


async def test_a_connection_that_was_cut_in_a_pause_is_noticed_by_nobody(
    talk: Talk, mortal: Server
) -> None:
    await talk.settle(said("one", nonce="1"))
    for number in range(2, 6):
        cut(mortal)
        (one,) = await talk.settle(said(f"text {number}", nonce=str(number)))
        assert one.error is None
        assert one.event is not None
        assert one.event.seq == number
        # Who reads meets it, too, and asks again.
        assert len(await talk.all()) == number


async def test_while_the_database_is_away_all_is_refused_and_then_goes_on(
    talk: Talk, mortal: Server
) -> None:
    await talk.settle(said("one", nonce="1"))
    mortal.stop(signal.SIGQUIT)
    try:
        for _ in range(3):
            (one,) = await talk.settle(said("two", nonce="2"))
            assert isinstance(one.error, LogUnavailable)
            with pytest.raises(LogUnavailable):
                await talk.all()
    finally:
        mortal.start(**PROCESS)
    assert await said_again(talk, "two", "2") == 2
    assert texts(await talk.all()) == ["one", "two"]


@contextmanager
def commits_that(patch: pytest.MonkeyPatch, *, arrive: bool, server: Server) -> Iterator[None]:
    """The next COMMIT gets lost on its way, or its answer does; and so does a text alone."""
    done = threading.Event()
    execute = psycopg.Connection.execute

    def cutting(self: psycopg.Connection[Any], query: Any, *rest: Any, **more: Any) -> Any:
        commits = query == "COMMIT" or str(query).startswith("WITH room AS")
        if not commits or done.is_set():
            return execute(self, query, *rest, **more)
        done.set()
        if arrive:
            found = execute(self, query, *rest, **more)
            if self._pipeline is not None:
                self._pipeline.sync()
            assert found.statusmessage
        pid = self.info.backend_pid
        with server.connect() as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        self.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    with patch.context() as patched:
        patched.setattr(psycopg.Connection, "execute", cutting)
        yield
    assert done.is_set()


@pytest.mark.parametrize("arrive", [False, True])
@pytest.mark.parametrize("alone", [False, True])
async def test_a_commit_whose_answer_is_lost_is_made_once(
    talk: Talk, mortal: Server, monkeypatch: pytest.MonkeyPatch, arrive: bool, alone: bool
) -> None:
    """All have nonces, so the writer asks by itself what became of them."""
    await talk.settle(said("one", nonce="1"))
    with commits_that(monkeypatch, arrive=arrive, server=mortal):
        drafts = [said(f"text {place}", nonce=f"n{place}") for place in range(1 if alone else 3)]
        if not alone:
            drafts[1] = Draft(GENERAL, Joined(0, NOON, ADA, by_id=drafts[0].event.by_id), nonce="j")
        found = await talk.settle(*drafts)
    assert [one.error for one in found] == [None] * len(drafts)
    assert seqs(await talk.all()) == [*range(1, len(drafts) + 2)]
    assert [one.event and one.event.seq for one in found] == [*range(2, len(drafts) + 2)]


@pytest.mark.parametrize("arrive", [False, True])
async def test_what_has_no_nonce_is_not_saved_twice(
    talk: Talk, mortal: Server, monkeypatch: pytest.MonkeyPatch, arrive: bool
) -> None:
    """It is refused, and may be there: whoever follows the log is shown it then."""
    await talk.settle(said("one"))
    with commits_that(monkeypatch, arrive=arrive, server=mortal):
        (lost,) = await talk.settle(said("two"))
    assert isinstance(lost.error, LogUnavailable)
    (after,) = await talk.settle(said("three"))
    assert after.event is not None
    assert after.event.seq == (3 if arrive else 2)
    assert texts(await talk.all()) == (["one", "two", "three"] if arrive else ["one", "three"])


async def test_a_deadlock_is_tried_again(
    talk: Talk, mortal: Server, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk.settle(said("one"))
    failures = iter([psycopg.errors.DeadlockDetected(), psycopg.errors.SerializationFailure()])
    begin = SharedConnection.__enter__

    def failing(self: SharedConnection) -> Any:
        for failure in failures:
            raise failure
        return begin(self)

    monkeypatch.setattr(SharedConnection, "__enter__", failing)
    found = await talk.settle(said("two"), Draft(GENERAL, Joined(0, NOON, ADA)))
    assert [one.error for one in found] == [None, None]
    assert len(await talk.all()) == 3


async def test_who_holds_a_lock_for_too_long_makes_texts_wait_and_then_refused(
    talk: Talk, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "WRITE_SECONDS", 1)
    await talk.settle(said("one"))
    impatient = await PostgresLog.open(url)
    other = Talk(impatient)
    with psycopg.connect(url) as holder:
        holder.execute("SELECT 1 FROM rooms FOR UPDATE")
        (late,) = await other.settle(said("two"))
        assert isinstance(late.error, LogUnavailable)
        waiting = asyncio.create_task(talk.settle(said("three")))
        await asyncio.sleep(0)
        holder.rollback()
    assert [one.error for one in await waiting] == [None]
    assert (await other.say("four")).error is None
    await impatient.close()


async def test_a_database_that_takes_no_writes_refuses(talk: Talk, url: str) -> None:
    await talk.settle(said("one"))
    name = sql.Identifier(url.rsplit("/", 1)[1])
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name)
        )
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND application_name = 'hubbub'"
        )
        (refused,) = await talk.settle(said("two"))
        assert isinstance(refused.error, LogUnavailable)
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(
            sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name)
        )
    assert await said_again(talk, "two", "2") == 2


async def test_it_ends_in_time_while_the_database_is_away(url: str, mortal: Server) -> None:
    log = await PostgresLog.open(url)
    talk = Talk(log)
    await talk.settle(said("one"))
    mortal.stop(signal.SIGQUIT)
    try:
        talk.append(said("two"))
        with suppress(TimeoutError):
            await log.close()
        assert isinstance(talk.settled[-1].error, LogUnavailable)
    finally:
        mortal.start(**PROCESS)


@contextmanager
def hanging(server: Server) -> Iterator[None]:
    """The processes that serve our connections stand still; new ones do not."""
    with server.connect() as connection:
        pids = [
            pid
            for (pid,) in connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'hubbub'"
            )
        ]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@pytest.mark.skipif(os.name != "posix", reason="stops processes")
async def test_a_database_that_hangs_is_given_up_and_another_connection_made(
    mortal: Server, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process neither ends a statement in time nor the connection."""
    monkeypatch.setattr(connections, "WRITE_SECONDS", 1)
    monkeypatch.setattr(patient, "LATE_SECONDS", 0.0)
    monkeypatch.setattr(logs, "READ_SECONDS", 1)
    log = await PostgresLog.open(url)
    try:
        talk = Talk(log)
        await talk.settle(said("before", nonce="0"))
        assert seqs(await talk.all()) == [1]
        with hanging(mortal):
            async with asyncio.timeout(PATIENCE_SECONDS):
                assert seqs(await talk.all()) == [1]  # asked again
                (outcome,) = await talk.settle(said("not known", nonce="1"))
                assert isinstance(outcome.error, LogUnavailable)
                assert await said_again(talk, "not known", "1") == 2
                assert seqs(await talk.all()) == [1, 2]
    finally:
        await log.close()


@pytest.mark.skipif(os.name != "posix", reason="stops processes")
async def test_a_log_whose_database_hangs_is_closed(mortal: Server, url: str) -> None:
    log = await PostgresLog.open(url)
    talk = Talk(log)
    await talk.settle(said("before", nonce="0"))
    await talk.all()
    with hanging(mortal):
        reading = asyncio.create_task(talk.all())
        saving = asyncio.create_task(talk.settle(said("on its way", nonce="1")))
        await asyncio.sleep(0)  # both have begun
        async with asyncio.timeout(PATIENCE_SECONDS):
            await log.close()
            (saved,) = await saving
            assert isinstance(saved.error, LogUnavailable)
            with pytest.raises(LogUnavailable):
                await reading
