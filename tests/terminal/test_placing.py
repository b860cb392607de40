"""https://host/chat: a room, or a server that is below that path."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hubbub.client.address import Address
from hubbub.client.cache import place
from hubbub.client.trust import Trust
from hubbub.server.options import Options
from hubbub.terminal import placing
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
