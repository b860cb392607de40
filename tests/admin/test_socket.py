"""The socket in the data folder: whatever a task gives, whoever has asked is told something."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec import Struct

from hubbub.admin.calling import TaskFailed, ask
from hubbub.admin.running import Administration
from hubbub.admin.socket import TaskSocket

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there are no Unix sockets")


class Text(Struct):
    text: str


class Giving:
    """Has only one task done, which gives what no JSON can have."""

    async def at_hand(self, *asked: Any) -> Struct:
        return Text("\ud800")


async def test_what_cannot_be_told_is_told_to_be_an_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tasks = await TaskSocket.open(tmp_path, cast(Administration, Giving()))
    try:
        with pytest.raises(TaskFailed, match="Its log says what") as told:
            await ask(tmp_path, "status", b"{}", lambda progress: None)
    finally:
        await tasks.close()
    assert told.value.code == "internal-error"
    assert "cannot be told" in caplog.text
