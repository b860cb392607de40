"""Hundreds of uploads at once, a full disk in the middle, and a kill -9.

What is said has its files, and what is a file was said, or is deleted.
"""

from __future__ import annotations

import asyncio
import hashlib
import resource
import sys
import time
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import pytest

from hubbub.client import Address, Chat, connect
from hubbub.client.files import Uploader
from hubbub.domain.events import Said
from hubbub.domain.files import File
from hubbub.hub.hub import Hub
from hubbub.hub.settings import HubSettings
from hubbub.storage.log import SqlLog
from tests.filing import file_ports, names_in
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.server.serving import eventually

PEOPLE, EACH = 20, 10
FILE_BYTES = 400_000
MOST_GROWTH = 64 * 1024 * 1024

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not hasattr(resource, "prlimit"), reason=f"{sys.platform} cannot limit another process"
    ),
]


def content(number: int) -> bytes:
    """That of one file; each of them is there twice."""
    seed = hashlib.sha256(b"%d" % (number // 2)).digest()
    return seed * (FILE_BYTES // len(seed))


class Crowd:
    """Everybody, each with ten files, until all are said."""

    def __init__(self, server: ServerProcess, folder: Path) -> None:
        self.address = Address(host="127.0.0.1", port=server.port)
        self.folder = folder
        self.said: dict[int, int] = {}

    async def come(self, stack: AsyncExitStack) -> list[Chat]:
        return [
            await stack.enter_async_context(connect(self.address, user=f"person{number}"))
            for number in range(PEOPLE)
        ]

    async def send(self, chats: list[Chat]) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(PEOPLE * EACH):
                group.create_task(self._send(chats[number % PEOPLE], number))

    async def _send(self, chat: Chat, number: int) -> None:
        file = self.folder / f"{number}.bin"
        await asyncio.to_thread(file.write_bytes, content(number))
        me = chat.resume()
        assert me.token is not None
        uploader = Uploader(self.address, me.token, guest=me.user, patience=PATIENCE_SECONDS)
        found = await uploader.upload(file)
        line = chat.send("General", f"text {number}", files=[found.id], outside=True)
        self.said[number] = (await line.saved()).seq

    async def until(self, many: int) -> None:
        await eventually(lambda: len(self.said) >= many)


def begin_to_count(pid: int) -> None:
    """The peak of its memory is that from now on."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def memory(pid: int, what: str) -> int:
    """Bytes of a process: ``VmRSS`` now, ``VmHWM`` at most so far."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(what)


async def test_no_text_is_without_its_file_and_no_file_without_a_text(tmp_path: Path) -> None:
    files = tmp_path / "sent"
    files.mkdir()
    flags = ("--rate-limit", "0", "--sessions-per-address", "0")
    server = ServerProcess(tmp_path / "data", *flags, module="tests.faults.believing_server")
    async with AsyncExitStack() as stack:
        stack.enter_context(server)
        crowd = Crowd(server, files)
        chats = await crowd.come(stack)
        before = memory(server.pid, "VmRSS")
        begin_to_count(server.pid)
        sending = asyncio.ensure_future(crowd.send(chats))
        await crowd.until(20)
        no_limit = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (FILE_BYTES // 2, no_limit[1]))
        await asyncio.to_thread(server.tells, "No file can be taken")
        full_at = len(crowd.said)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, no_limit)
        await crowd.until(full_at + 20)
        grown = memory(server.pid, "VmHWM") - before
        await asyncio.to_thread(server.kill)
        assert not sending.done()
        await asyncio.to_thread(server.start)
        await sending
        assert len(crowd.said) == PEOPLE * EACH
        assert server.stop() == 0
    assert grown <= MOST_GROWTH, f"{grown >> 20} MiB"
    await _look(tmp_path / "data", crowd)


async def _look(data: Path, crowd: Crowd) -> None:
    """What is there, and what is left after the sweeps of the next days."""
    log = await SqlLog.open(data)
    ids = count(1)
    hub = Hub(
        log,
        settings=HubSettings(),
        clock=lambda: time.time_ns() // 1_000_000 + 2 * 86_400_000,
        monotonic=time.monotonic,
        ids=lambda: next(ids),
        files=file_ports(data),
    )
    await hub.start()
    assert hub.sweeping is not None
    assert hub.uploading is not None
    await hub.uploading.expire()
    await hub.sweeping.forget_unsaid()
    await hub.sweeping.delete_unneeded()
    await hub.sweeping.delete_orphans()
    events = await log.read("general", 0, await log.head("general"))
    said = {one.text: one.files for one in events if isinstance(one, Said)}
    assert len(said) == len([one for one in events if isinstance(one, Said)]) == PEOPLE * EACH
    shown: list[File] = []
    for number in crowd.said:
        (file,) = said[f"text {number}"]
        shown.append(file)
        (record,) = await log.files([file.id])
        blob = data / "files" / record.blob[:2] / record.blob
        assert blob.read_bytes() == content(number)
    blobs = names_in(data / "files")
    assert len(blobs) == PEOPLE * EACH // 2, "the same is stored once, and nothing else is left"
    assert names_in(data / "uploads") == set()
    assert len({one.id for one in shown}) == PEOPLE * EACH
    await log.close()
