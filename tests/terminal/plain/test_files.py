"""Files in the plain client, at a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from hubbub.client import Address
from hubbub.terminal.plain.editor import Paths
from hubbub.terminal.plain.start import run
from tests.patience import PATIENCE_SECONDS
from tests.pictures.corpus import jpeg
from tests.process import ServerProcess
from tests.terminal.plain.typist import Typist


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("files") / "data", "--rate-limit", "0") as process:
        yield process


@asynccontextmanager
async def chatting(
    process: ServerProcess, user: str, room: str, *, interactive: bool = True
) -> AsyncIterator[Typist]:
    typist = Typist(interactive=interactive)
    address = Address(host="127.0.0.1", port=process.port)
    async with asyncio.timeout(PATIENCE_SECONDS):
        chat = asyncio.create_task(run(address, user, room, typist))
        try:
            if interactive:
                await typist.sees(f"Welcome to room {room}!")
            yield typist
        finally:
            typist.hang_up()
            await chat


async def test_a_file_is_sent_and_others_see_its_name_size_and_where_it_is(
    process: ServerProcess, tmp_path: Path
) -> None:
    (tmp_path / "my notes.txt").write_text("Buy tea.")
    async with chatting(process, "ada", "tea") as ada, chatting(process, "ben", "tea") as ben:
        ada.type(f'/send "{tmp_path}/my notes.txt"')
        await ben.sees("ada: my notes.txt (8 B) http://127.0.0.1:")
        await ada.sees("ada: my notes.txt (8 B)")
        ben.type("/show ada")
        await ben.sees("?pass=")


async def test_a_picture_is_drawn_when_it_is_asked_for(
    process: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBBUB_PICTURES", "blocks")
    (tmp_path / "cup.jpg").write_bytes(jpeg())
    async with chatting(process, "ada", "cups") as ada:
        ada.type(f"/send {tmp_path}/cup.jpg")
        await ada.sees("ada: cup.jpg (")
        assert not [line for line in ada.screen if "▀" in line]
        ada.type("/show")
        await ada.sees("▀")


async def test_what_cannot_be_sent_is_told(process: ServerProcess, tmp_path: Path) -> None:
    async with chatting(process, "ada", "none") as ada:
        ada.type(f"/send {tmp_path}/none.txt")
        await ada.sees("! none.txt is not there. Nothing was sent.")
        ada.type(f"/send {tmp_path}/no such.txt")
        await ada.sees(
            "! no is not there. Nothing was sent. A name with spaces in it stands in quotes."
        )
        ada.type("/show")
        await ada.sees("Nobody has sent a file here lately.")
        ada.type("/send")
        await ada.sees("Which file do you send?")


async def test_a_pipe_waits_until_its_file_is_sent(process: ServerProcess, tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("done")
    async with (
        chatting(process, "eve", "pipes") as eve,
        chatting(process, "ada", "pipes", interactive=False) as ada,
    ):
        ada.type("before", f"/send {tmp_path}/log.txt", "after")
        await eve.sees("ada: after")
    said = [line.partition("] ")[2] for line in eve.screen if " ada: " in line]
    assert said[0] == "ada: before"
    assert said[1].startswith("ada: log.txt (4 B)")
    assert said[2] == "ada: after"


def test_tab_completes_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my notes.txt").touch()
    monkeypatch.chdir(tmp_path)

    def offered(typed: str) -> list[tuple[str, int]]:
        found = Paths().get_completions(Document(typed), CompleteEvent())
        return [(one.text, one.start_position) for one in found]

    assert offered("/send my") == [('"my notes.txt" ', -2)]
    assert offered("/send a.txt ") == [('"my notes.txt" ', 0)]
    assert offered("/topic my") == offered("my") == []
