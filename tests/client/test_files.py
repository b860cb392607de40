"""Uploads of the client library: over what may break, and to whoever may refuse."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from hubbub.client import Address, TooMany, Unreachable
from hubbub.client.files import Uploader
from hubbub.hub.settings import HubSettings
from tests.patience import PATIENCE_SECONDS
from tests.server.serving import Server
from tests.server.test_http_accounts import registered
from tests.server.uploader import filing

DATA = bytes(range(256)) * 4000


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    settings = HubSettings(rate_limit=0, files_per_user_bytes=1_500_000)
    async with filing(tmp_path, settings) as server:
        yield server


async def uploader_at(
    server: Server, port: int | None = None, patience: float = PATIENCE_SECONDS
) -> Uploader:
    ada = await registered(server, "ada")
    assert ada.token is not None
    address = Address(host="127.0.0.1", port=port or server.port, plain=True)
    return Uploader(address, ada.token, patience=patience)


def put(folder: Path, name: str = "big.bin", data: bytes = DATA) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


async def test_a_file_is_uploaded_and_told_how_far_it_is(server: Server, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    uploader = await uploader_at(server)
    file = await uploader.upload(put(tmp_path), told=lambda done, size: told.append((done, size)))
    assert (file.name, file.size) == ("big.bin", len(DATA))
    assert told == sorted(told)
    assert told[-1] == (len(DATA), len(DATA))


async def test_an_empty_file_is_uploaded_under_another_name(server: Server, tmp_path: Path) -> None:
    uploader = await uploader_at(server)
    file = await uploader.upload(put(tmp_path, "a", b""), name="Übung.txt")
    assert (file.name, file.size) == ("Übung.txt", 0)


async def test_what_is_refused_is_told_in_the_words_of_the_server(
    server: Server, tmp_path: Path
) -> None:
    uploader = await uploader_at(server)
    await uploader.upload(put(tmp_path))
    with pytest.raises(TooMany, match="Your files take"):
        await uploader.upload(put(tmp_path))


async def test_a_line_that_breaks_again_and_again_is_gone_on_with(
    server: Server, tmp_path: Path
) -> None:
    """Each connection ends after 300 kB."""
    sent: list[int] = []
    carrying: set[asyncio.Task[object] | None] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carrying.add(asyncio.current_task())
        there, back = await asyncio.open_connection(*server.address)

        async def answer() -> None:
            # Either end may reset its connection while something is on its way from the other one.
            with suppress(ConnectionError):
                while data := await there.read(65536):
                    writer.write(data)

        answering = asyncio.ensure_future(answer())
        carried = 0
        try:
            with suppress(ConnectionError):
                while carried < 300_000 and (data := await reader.read(50_000)):
                    carried += len(data)
                    back.write(data)
                    await back.drain()
            if carried < 300_000:
                await answering
        finally:
            sent.append(carried)
            answering.cancel()
            for one in (writer, back):
                one.transport.abort() if carried >= 300_000 else one.close()

    relay = await asyncio.start_server(carry, "127.0.0.1", 0)
    uploader = await uploader_at(server, relay.sockets[0].getsockname()[1])
    file = await uploader.upload(put(tmp_path))
    assert file.size == len(DATA)
    (blob,) = [one for one in (tmp_path / "files").rglob("*") if one.is_file()]
    assert blob.read_bytes() == DATA
    relay.close()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*(one for one in carrying if one is not None))
    assert sum(one >= 300_000 for one in sent) >= 3


async def test_a_server_that_is_not_there_is_told_of_when_patience_is_over(
    server: Server, tmp_path: Path
) -> None:
    uploader = await uploader_at(server, port=1, patience=0.3)
    with pytest.raises(Unreachable, match="cannot be reached"):
        await uploader.upload(put(tmp_path))


async def test_a_file_that_is_not_there_is_told_of(server: Server, tmp_path: Path) -> None:
    uploader = await uploader_at(server)
    with pytest.raises(FileNotFoundError):
        await uploader.upload(tmp_path / "none")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason=f"{sys.platform} has no such pipes")
async def test_what_is_no_file_that_can_be_read_is_not_even_begun(
    server: Server, tmp_path: Path
) -> None:
    uploader = await uploader_at(server)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, why in (
        (pipe, "a pipe or a device"),
        (tmp_path, "directory"),
        (Path("/proc/self/status"), "does not tell its size|No such file"),
    ):
        with pytest.raises(OSError, match=why):
            await uploader.upload(path)
    assert server.hub.uploading is not None
    assert not server.hub.uploading._open
