"""The socket in the data folder: whatever a task gives, whoever has asked is told something."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec import Struct

from hubbub.admin import calling
from hubbub.admin.calling import NotRunning, TaskFailed, ask
from hubbub.admin.running import Administration
from hubbub.admin.socket import TaskSocket
from hubbub.storage.lock import lock_folder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there are no Unix sockets")


class Text(Struct):
    text: str


class Giving:
    """Has only one task done, which gives ``text``."""

    def __init__(self, text: str) -> None:
        self.text = text

    async def at_hand(self, *asked: Any) -> Struct:
        return Text(self.text)


async def opened(folder: Path, text: str) -> TaskSocket:
    return await TaskSocket.open(folder, cast(Administration, Giving(text)))


async def asked(folder: Path) -> bytes:
    return await ask(folder, "status", b"{}", lambda progress: None)


async def test_a_server_that_is_starting_is_waited_for(tmp_path: Path) -> None:
    lock = lock_folder(tmp_path)
    answer = asyncio.create_task(asked(tmp_path))
    await asyncio.sleep(2 * calling.RETRY_SECONDS)
    assert not answer.done()
    tasks = await opened(tmp_path, "here")
    try:
        assert await answer == b'{"text":"here"}'
    finally:
        await tasks.close()
        lock.release()


async def test_where_no_server_is_nothing_is_waited_for(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(NotRunning):
            async with asyncio.timeout(calling.WAIT_SECONDS / 2):
                await asked(tmp_path)
        lock_folder(tmp_path).release()  # there is a lock file the next time


async def test_a_server_that_takes_no_questions_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "WAIT_SECONDS", 0.01)
    lock = lock_folder(tmp_path)
    with pytest.raises(NotRunning):
        await asked(tmp_path)
    lock.release()


async def test_what_cannot_be_told_is_told_to_be_an_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tasks = await opened(tmp_path, "\ud800")
    try:
        with pytest.raises(TaskFailed, match="Its log says what") as told:
            await asked(tmp_path)
    finally:
        await tasks.close()
    assert told.value.code == "internal-error"
    assert "cannot be told" in caplog.text
