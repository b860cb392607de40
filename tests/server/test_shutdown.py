"""The end of the server: everybody is told, what was said is saved, and it does not take long."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from hubbub.server import run
from hubbub.server.options import Options
from hubbub.storage.log import SqlLog
from tests.memorylog.log import MemoryLog
from tests.process import STOP_SECONDS
from tests.server.serving import Chatter, LineClient, eventually, make_hub, serving
from tests.server.test_slow_readers import OPTIONS, enter_slowly, talk
from tests.stopwatch import Stopwatch


async def test_everybody_is_told_and_what_was_said_is_saved() -> None:
    log = MemoryLog()
    async with serving(log=log) as server:
        committing = asyncio.ensure_future(commit_now_and_then(log))
        ada = await server.enter("ada")
        async with server.web() as socket:
            ben = Chatter(socket)
            await ben.enter("ben")
            committing.cancel()
            ada.say("last words")
            await eventually(lambda: log.waiting == 1)
            server.stop.set()
            await asyncio.sleep(0)
            log.commit()
            heard = await ada.until("What you said is saved.")
            assert heard[-2] == "[…] ada: last words"
            assert await ada.rest() == b""
            assert (await ben.hear("bye"))["reason"] == "shutting-down"
            assert ben.events[-1]["text"] == "last words"
            with pytest.raises(ConnectionClosed) as closed:
                await ben.hear()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1001


async def commit_now_and_then(log: MemoryLog) -> None:
    while True:
        log.commit()
        await asyncio.sleep(0)


async def test_nobody_comes_in_any_more() -> None:
    async with serving() as server:
        host, port = server.host, server.port
        await server.enter("ada")
        server.stop.set()
        await server.connections(0)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(host, port)


async def test_it_ends_in_time_with_clients_that_do_not_read(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path, durability="process")
    async with serving(OPTIONS, log=log) as server:
        ada = await server.enter("ada")
        for name in ("ben", "eve"):
            (await enter_slowly(server, name)).writer.transport.pause_reading()  # type: ignore[attr-defined]
        half = await server.line(b"x")
        web = await server.raw_web(b"\x81")
        drain = asyncio.ensure_future(ada.rest())
        await talk(ada)
        await eventually(lambda: server.hub.stats()["stalls"] >= 2)
        watch = Stopwatch()
        server.stop.set()
        await server.connections(0)
        assert watch.seconds < STOP_SECONDS
        assert (await drain).endswith(b"What you said is saved.\n")
        await half.rest()
        await web.rest()
    await log.close()


async def test_it_ends_in_time_when_the_disk_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "FLUSH_SECONDS", 0.1)
    log = MemoryLog()
    watch = Stopwatch()
    async with serving(log=log) as server:
        committing = asyncio.ensure_future(commit_now_and_then(log))
        ada = await server.enter("ada")
        committing.cancel()
        ada.say("nobody will ever see this")
        await eventually(lambda: log.waiting == 1)
    assert watch.seconds < STOP_SECONDS


async def test_sigterm_stops_it() -> None:
    async with serving() as server:
        ada = await server.enter("ada")
        signal.raise_signal(signal.SIGTERM)
        await ada.until("What you said is saved.")
        await server.connections(0)


async def test_an_address_in_use_is_an_error_at_the_start() -> None:
    async with serving() as server:
        with pytest.raises(OSError, match="in use"):
            await run.serve(make_hub(), Options(port=server.port), announce=print)


async def test_a_server_that_fails_lets_go_of_its_port_and_its_connections() -> None:
    """Not only by SIGTERM: a loop with an open server in it does not close (uvloop)."""
    clients: list[LineClient] = []

    async def fail() -> None:
        async with serving() as server:
            clients.append(await server.enter("ada"))
            server.clients.clear()
            raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as failed:
        await fail()
    assert failed.group_contains(ZeroDivisionError)
    (ada,) = clients
    await ada.rest()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*ada.writer.get_extra_info("peername"))
    ada.abort()
