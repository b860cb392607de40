"""A server among several: it begins anew when others have taken over, and says where to go."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import Iterator

import pytest

from hubbub.cli.handing import following
from hubbub.hub.hub import Hub
from hubbub.hub.settings import HubSettings
from hubbub.server.options import Options
from hubbub.server.run import serve
from hubbub.server.service import Service
from tests.hub.chat import NOON
from tests.hub.test_two_hubs import Line
from tests.memorylog.log import Disk, MemoryLog
from tests.patience import PATIENCE_SECONDS
from tests.server.serving import eventually


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """A server that begins anew keeps its handlers, and `following` sets others."""
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    yield
    for number, handler in before.items():
        if handler is not None and signal.getsignal(number) is not handler:
            signal.signal(number, handler)


def hub_on(disk: Disk, line: Line, first_id: int) -> Hub:
    return Hub(
        MemoryLog(auto=True, disk=disk),
        settings=HubSettings(lease_seconds=3.0),
        clock=lambda: NOON,
        monotonic=lambda: disk.seconds,
        ids=itertools.count(first_id).__next__,
        bus=line.end(),
    )


async def test_a_server_that_others_have_taken_for_dead_begins_anew_on_its_sockets() -> None:
    disk, line, stop = Disk(), Line(), asyncio.Event()
    hub, addresses = hub_on(disk, line, 1), list[tuple[str, int]]()
    service = Service(hands_over=True)
    running = asyncio.ensure_future(
        serve(hub, Options(port=0), announce=addresses.extend, stop=stop, service=service)
    )
    await eventually(lambda: bool(disk.nodes and addresses))
    reader, writer = await asyncio.open_connection(*addresses[0])
    writer.write(b"ada\n/join General\n")
    await eventually(lambda: bool(disk.attendances))
    other = hub_on(disk, line, 1000)
    await other.start()
    disk.seconds += 10  # of which the first one has not noticed anything
    other.tick()
    await asyncio.sleep(0)
    disk.seconds += 10
    other.tick()
    await eventually(lambda: len(disk.nodes) == 1)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await running
    assert b"The server restarts" in await reader.read()
    writer.close()
    assert hub.lost.is_set()
    again = following(service)
    assert again is not None
    assert [one.getsockname()[:2] for one in again.sockets] == [addresses[0]]
    for one in again.sockets:
        one.close()
    for task in other.tasks:
        task.cancel()


async def test_one_that_is_told_to_end_ends_though_it_was_taken_for_dead() -> None:
    service = Service(hands_over=True)
    service.begin_anew()
    goes_on = service.goes_on
    service.end()
    assert (goes_on, service.goes_on) == (True, False)
    assert following(service) is None
