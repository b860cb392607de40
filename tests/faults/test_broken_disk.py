"""Disks that fail, and folders that cannot be used: a clear answer each, and nothing is lost."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from hubbub.storage.log import DATABASE
from tests.faults.disk.shim import Shim, needs_a_compiler
from tests.faults.forked import CAN_FORK, ForkedServer
from tests.faults.nursery import Nursery
from tests.faults.people import Person, read_log
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess
from tests.storage.test_faults import read

pytestmark = [
    needs_a_compiler,
    pytest.mark.skipif(not CAN_FORK, reason="needs pidfd_open to start servers quickly"),
]


@pytest.fixture(scope="module")
def watched_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shim, Nursery]]:
    shim = Shim(tmp_path_factory.mktemp("broken") / "disk")
    with Nursery(shim.environment()) as nursery:
        yield shim, nursery


@pytest.fixture
def shim(watched_disk: tuple[Shim, Nursery]) -> Iterator[Shim]:
    shim, _ = watched_disk
    yield shim
    shim.heal()


@pytest.fixture
def server(watched_disk: tuple[Shim, Nursery], tmp_path: Path) -> ForkedServer:
    shim, nursery = watched_disk
    folder = shim.folder / tmp_path.name
    folder.mkdir()
    return ForkedServer(nursery, folder / "data", "--rate-limit", "0")


@asynccontextmanager
async def talking(server: ServerProcess) -> AsyncIterator[Person]:
    """Ada, who says one thing after the other in a room."""
    ada = Person(server.url, "ada", window=1)
    async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        group.create_task(ada.live())
        await ada.acks(3)
        yield ada
        await ada.acks(3)
        ada.talking = False


@pytest.mark.parametrize(
    "call, reason",
    [
        ("write", errno.EIO),
        ("write", errno.ENOSPC),
        ("write", errno.EROFS),  # what Linux makes of a file system that it does not trust any more
        ("sync", errno.EIO),
        ("sync", errno.ENOSPC),  # a network's file system finds that out late
    ],
)
async def test_a_disk_that_fails_refuses_texts_until_it_works_again(
    call: str, reason: int, shim: Shim, server: ForkedServer
) -> None:
    with server:
        async with talking(server) as ada:
            shim.fail(call, reason)
            await ada.refused()
            assert len(await read_log(server.url)) >= 4, "what is saved is still read"
            refused = ada.refusals
            shim.heal()
        assert ada.refusals >= refused
        log = await read_log(server.url)
        assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
        said = [event["text"] for event in log if event["kind"] == "said"]
        assert said == list(ada.texts.values()), "what was refused was not saved then, and once now"
        assert any("The log in the database fails" in line for line in server.output)
        assert not [line for line in server.output if "Traceback" in line], server.output


@pytest.mark.parametrize(
    "reason, told",
    [
        # Most reads that meet EIO are damage to SQLite; the first look at a file is an error only.
        (errno.EIO, "damaged and cannot be read|cannot read its log just now"),
        (errno.ETIMEDOUT, "cannot read its log just now"),
    ],
    ids=["damaged", "late"],
)
async def test_a_disk_that_cannot_be_read_says_so_and_is_read_again(
    reason: int, told: str, shim: Shim, server: ForkedServer
) -> None:
    with server:
        async with talking(server) as ada:
            await ada.acks(300)  # more than the pages that a start reads anyhow
        await asyncio.to_thread(server.restart)  # nothing is in memory
        shim.fail("read", reason)
        with pytest.raises(AssertionError, match=told):
            await read_log(server.url)
        shim.heal()
        assert len(await read_log(server.url, reader="eve")) >= 7


@pytest.mark.parametrize("call", ["read", "write", "sync", "open"])
async def test_a_server_does_not_start_on_a_disk_that_fails(
    call: str, shim: Shim, server: ForkedServer
) -> None:
    with server:
        async with talking(server):
            pass
        server.kill()
        before = await read(server.data)
        shim.fail(call, errno.EROFS if call == "open" else errno.EIO)
        said = await asyncio.to_thread(server.refuses_to_start)
        assert "Traceback" not in said
        assert said.splitlines()[-1].startswith(("hubbub: The da", f"hubbub: {server.data}")), said
        assert str(server.data) in said
        shim.heal()
        assert await read(server.data) == before, "the try cost nothing"
        await asyncio.to_thread(server.start)


async def test_a_second_server_on_the_same_folder_is_refused(server: ForkedServer) -> None:
    with server:
        async with talking(server):
            other = ServerProcess(server.data)
            said = await asyncio.to_thread(other.refuses_to_start)
        assert "Another Hubbub server (process" in said
        assert "--data" in said
        assert "Traceback" not in said


async def test_a_database_of_a_newer_version_is_refused_and_kept(
    server: ForkedServer,
) -> None:
    with server:
        async with talking(server):
            pass
        server.stop()
        with closing(sqlite3.connect(server.data / DATABASE, isolation_level=None)) as database:
            database.execute("UPDATE alembic_version SET version_num = '9999'")
            database.execute("UPDATE meta SET value = '9999' WHERE key = 'compatible_from'")
        before = (server.data / DATABASE).read_bytes()
        said = await asyncio.to_thread(server.refuses_to_start)
        assert "newer Hubbub" in said
        assert "Traceback" not in said
        assert (server.data / DATABASE).read_bytes() == before
