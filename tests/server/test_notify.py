"""What the service manager is told."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.server.notify import Notifier
from hubbub.server.options import Options
from hubbub.server.run import serve
from hubbub.server.service import Service
from tests.patience import PATIENCE_SECONDS
from tests.server.serving import make_hub

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(PATIENCE_SECONDS)
        yield sock


def told(manager: socket.socket) -> list[str]:
    return manager.recv(4096).decode().split("\n")


def test_nobody_is_told_where_nobody_has_asked() -> None:
    notifier = Notifier.of({})
    assert not notifier.wanted
    notifier.ready("Serving")


def test_each_state_is_one_datagram(manager: socket.socket) -> None:
    notifier = Notifier.of({"NOTIFY_SOCKET": manager.getsockname()})
    notifier.ready("Serving at\n127.0.0.1:8080")
    assert told(manager) == ["READY=1", "STATUS=Serving at 127.0.0.1:8080"]
    notifier.reloading("Handing over")
    first, clock, status = told(manager)
    assert (first, status) == ("RELOADING=1", "STATUS=Handing over")
    assert int(clock.removeprefix("MONOTONIC_USEC=")) > 0
    notifier.main(4711)
    assert told(manager) == ["MAINPID=4711"]
    notifier.stopping("Saving")
    assert told(manager) == ["STOPPING=1", "STATUS=Saving"]


@pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux's")
def test_a_socket_without_a_file_is_reached_too() -> None:
    name = f"@hubbub-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("\0" + name[1:])
        Notifier(name).alive()
        assert told(sock) == ["WATCHDOG=1"]


def test_a_manager_that_is_gone_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        Notifier(str(tmp_path / "nobody")).alive()
    assert "cannot be told WATCHDOG=1" in caplog.text


def test_the_watchdog_is_for_the_process_that_it_names() -> None:
    def seconds(**environment: str) -> float | None:
        notifier = Notifier.of(environment)
        assert "WATCHDOG_PID" not in environment
        return notifier.watchdog_seconds

    assert seconds() is None
    assert seconds(WATCHDOG_USEC="2000000") == 2.0
    assert seconds(WATCHDOG_USEC="2000000", WATCHDOG_PID=str(os.getpid())) == 2.0
    assert seconds(WATCHDOG_USEC="2000000", WATCHDOG_PID="1") is None
    assert seconds(WATCHDOG_USEC="soon") is None
    assert seconds(WATCHDOG_USEC="0") is None


async def test_a_server_tells_that_it_serves_lives_and_ends(manager: socket.socket) -> None:
    manager.setblocking(False)
    loop = asyncio.get_running_loop()

    async def hear() -> list[str]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return (await loop.sock_recv(manager, 4096)).decode().split("\n")

    stop = asyncio.Event()
    addresses: list[tuple[str, int]] = []
    notifier = Notifier(str(manager.getsockname()), watchdog_seconds=0.02)
    running = asyncio.ensure_future(
        serve(
            make_hub(),
            Options(port=0),
            announce=addresses.extend,
            stop=stop,
            service=Service(notifier),
        )
    )
    assert await hear() == ["READY=1", f"STATUS=Serving at 127.0.0.1:{addresses[0][1]}"]
    assert await hear() == ["WATCHDOG=1"]
    assert await hear() == ["WATCHDOG=1"]
    stop.set()
    while (heard := await hear()) == ["WATCHDOG=1"]:
        pass
    assert heard == ["STOPPING=1", "STATUS=Saving what is on its way"]
    await running
