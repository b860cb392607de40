"""https://host/chat: a room, or a server that is below that path."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from hubbub.client.address import Address
from hubbub.client.cache import place
from hubbub.client.trust import Trust
from hubbub.server.options import Options
from hubbub.terminal import placing
from tests.process import clean_environment
from tests.server.serving import serving

BELOW = Options(port=0, path_prefix="/chat")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(placing, "default_folder", lambda: tmp_path)
    return tmp_path


def placed(text: str) -> Address:
    return placing.placed(Address.parse(text), Address.whole_path(text), Trust())


async def test_a_server_below_a_path_is_found_there() -> None:
    async with serving(BELOW, http=True) as server:
        where = await asyncio.to_thread(placed, f"http://ada@127.0.0.1:{server.port}/chat")
        assert (where.endpoint, where.room, where.user) == ("/chat/ws", None, "ada")


async def test_elsewhere_it_is_a_room() -> None:
    async with serving(Options(port=0), http=True) as server:
        where = await asyncio.to_thread(placed, f"http://127.0.0.1:{server.port}/chat")
        assert (where.endpoint, where.room) == ("/ws", "chat")


def test_nobody_is_asked_who_is_known(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def asked(address: Address, trust: Trust) -> bool:
        raise AssertionError(address)

    monkeypatch.setattr(placing, "_answers", asked)
    text = "https://chat.example.org/chat"
    usual, whole = Address.parse(text), Address.whole_path(text)
    assert whole is not None
    for known in (whole, usual):
        file = folder / f"{place.file_name(known)}.db"
        file.touch()
        assert placed(text) == known
        file.unlink()
    assert placed("https://chat.example.org/").room is None


def test_a_server_that_does_not_answer_is_taken_at_its_word() -> None:
    assert placed("http://127.0.0.1:9/chat").room == "chat"


@pytest.mark.slow
async def test_scripts_find_it_there_too(tmp_path: Path) -> None:
    variables = {**clean_environment(), "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}

    async def run(*words: str) -> str:
        command = (sys.executable, "-m", "hubbub", *words)
        process = await asyncio.create_subprocess_exec(
            *command,
            env=variables,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        assert process.returncode == 0, out.decode()
        return out.decode()

    async with serving(BELOW, http=True) as server:
        url = f"http://127.0.0.1:{server.port}/chat"
        await run("send", "--server", url, "--user", "ada", "General", "below a path")
        assert "below a path" in await run("tail", "--server", url, "General")
        assert "below a path" in await run("tail", "--server", f"{url}/General")
