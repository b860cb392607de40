"""Files by the client library, at a real server."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.client import Happened, Said, connect
from hubbub.domain.errors import ChatError, NeedName
from tests.pictures.corpus import SECRET, jpeg
from tests.process import ServerProcess


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("attachments") / "data"
    with ServerProcess(folder, "--rate-limit", "0", "--file-bytes", "64KiB") as process:
        yield process


def opened_by_a_browser(link: str) -> bytes:
    with urllib.request.urlopen(link) as answer:
        opened: bytes = answer.read()
        return opened


async def test_a_file_is_uploaded_said_fetched_and_linked_to(
    process: ServerProcess, tmp_path: Path
) -> None:
    path = tmp_path / "cup.jpg"
    path.write_bytes(jpeg())
    async with connect(f"127.0.0.1:{process.port}", user="ada") as ada:
        await ada.join("tea")
        steps: list[tuple[int, int]] = []
        file = await ada.attachments.upload(path, told=lambda *step: steps.append(step))
        assert (file.name, file.type, file.width, file.thumbnail) == (
            *("cup.jpg", "image/jpeg", 60, True),
        )
        assert steps[-1] == (path.stat().st_size, path.stat().st_size)
        said = await ada.say("tea", "", files=[file.id])
        async for update in ada:
            if isinstance(update, Happened) and update.event.seq == said.seq:
                assert isinstance(update.event, Said)
                assert [one.id for one in update.event.files] == [file.id]
                break
        assert (await ada.attachments.thumbnail(file))[8:12] == b"WEBP"
        link = await ada.attachments.link(file)
        opened = await asyncio.to_thread(opened_by_a_browser, link)
        assert opened.startswith(b"\xff\xd8")
        assert SECRET not in opened


async def test_what_the_server_does_not_take_is_raised(
    process: ServerProcess, tmp_path: Path
) -> None:
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(65 * 1024))
    async with connect(f"127.0.0.1:{process.port}", user="ben") as ben:
        with pytest.raises(ChatError, match="64 KiB are allowed"):
            await ben.attachments.upload(path)
        with pytest.raises(OSError, match="none"):
            await ben.attachments.upload(tmp_path / "none")


async def test_who_has_no_name_yet_sends_no_files(process: ServerProcess, tmp_path: Path) -> None:
    async with connect(f"127.0.0.1:{process.port}") as chat:
        with pytest.raises(NeedName):
            await chat.attachments.upload(tmp_path)
