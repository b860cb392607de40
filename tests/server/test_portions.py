"""A flood is read, and let in, in portions: what is left waits in its sender's system."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from itertools import pairwise

import pytest

from hubbub.server import listener
from hubbub.server.portions import PORTION_BYTES, Portions
from tests.patience import PATIENCE_SECONDS
from tests.server.serving import UNHURRIED, serving

FLOOD = bytes(range(256)) * 1024


def new_loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


def new_uvloop() -> asyncio.AbstractEventLoop:
    uvloop = pytest.importorskip("uvloop")
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


LOOPS = pytest.mark.parametrize("make_loop", [new_loop, new_uvloop])


class Reader(Portions):
    def __init__(self, total: int) -> None:
        self.heard: list[bytes] = []
        self.all_heard = asyncio.Event()
        self._total = total

    def received(self, data: bytes) -> None:
        self.heard.append(data)
        if sum(map(len, self.heard)) == self._total:
            self.all_heard.set()


@LOOPS
def test_what_has_come_is_read_in_portions(
    make_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def read() -> list[bytes]:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with theirs:
            transport, reader = await loop.create_connection(lambda: Reader(len(FLOOD)), sock=ours)
            await loop.run_in_executor(None, theirs.sendall, FLOOD)
            await reader.all_heard.wait()
            transport.close()
            return reader.heard

    with asyncio.Runner(loop_factory=make_loop) as runner:
        heard = runner.run(read())
    assert b"".join(heard) == FLOOD
    assert max(map(len, heard)) <= PORTION_BYTES


def test_a_crowd_at_the_door_comes_in_by_portions() -> None:
    """Whoever is here already is looked at in between."""
    crowd = 100

    async def come() -> list[int]:
        async with serving(settings=UNHURRIED) as server:
            sockets = [socket.create_connection(server.address) for _ in range(crowd)]
            counts = [0]
            while counts[-1] < crowd:
                await asyncio.sleep(0)
                counts.append(len(server.context.admission))
            for sock in sockets:
                sock.close()
            return counts

    with asyncio.Runner(loop_factory=new_loop) as runner:
        counts = runner.run(come())
    steps = [after - before for before, after in pairwise(counts)]
    assert max(steps) <= listener.ACCEPTED_AT_ONCE + 1  # from Python 3.13 on it is one more


@LOOPS
def test_the_system_keeps_little_of_what_is_not_read(
    make_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def size() -> int:
        async with serving() as server:
            await server.line()
            await server.connections(1)
            (transport,) = server.context.admission._clients
            sock = transport.get_extra_info("socket")
            return int(sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF))

    with asyncio.Runner(loop_factory=make_loop) as runner:
        assert runner.run(size()) <= 2 * listener.UNREAD_BYTES


def test_a_crowd_beyond_a_portion_is_kept_by_the_system() -> None:
    async def come() -> None:
        async with serving(settings=UNHURRIED) as server:
            assert server.listener._servers[0].sockets, "it listens"
            socks = [socket.create_connection(server.address, PATIENCE_SECONDS) for _ in range(200)]
            await server.connections(200)  # all of them came before the loop looked at one
            for sock in socks:
                sock.close()

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(come())
