"""Saving goes on while the event loop is busy: with somebody's flood, say."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import pytest

from hubbub.cli import serving
from hubbub.config import Settings
from hubbub.domain.events import Said
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.ports import Draft, Settled
from hubbub.storage.log import SqlLog

TEXTS = 15
STEP_SECONDS = 0.001
BITS = 3


@pytest.fixture(autouse=True)
def _interval() -> Iterator[None]:
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


async def test_a_text_is_saved_soon_while_the_loop_is_busy(tmp_path: Path) -> None:
    """The writer has to get Python's lock for each statement, and the loop hardly rests."""
    sys.setswitchinterval(serving.SWITCH_SECONDS)
    log = await SqlLog.open(tmp_path, durability="full")
    loop = asyncio.get_running_loop()
    saved = asyncio.Event()
    over = False
    nowhere = os.open(os.devnull, os.O_WRONLY)

    def settled(outcomes: Sequence[Settled]) -> None:
        saved.set()

    def busy() -> None:
        for _ in range(BITS):
            until = time.thread_time() + STEP_SECONDS / BITS
            while time.thread_time() < until:
                pass
            os.write(nowhere, b"x")  # as one answers: the lock is free for a moment
        if not over:
            loop.call_soon(busy)

    log.listen(settled)
    ada = UserName.parse("ada")
    spent = []
    busy()
    for _ in range(TEXTS):
        saved.clear()
        began = time.thread_time()  # of the loop: the disk's time, and other programs', is theirs
        log.append(Draft(RoomName.parse("General"), Said(0, 1, ada, text="hello")))
        await saved.wait()
        spent.append(time.thread_time() - began)
    over = True
    await log.close()
    os.close(nowhere)
    assert median(spent) < 0.030, spent


def test_the_server_lets_threads_have_their_turn_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []

    async def serve(settings: Settings, data: Path, service: object) -> None:
        found.append(sys.getswitchinterval())

    monkeypatch.setattr(serving, "_serve", serve)
    monkeypatch.setattr("hubbub.server.logs.set_up", lambda level, format: None)
    serving.serve(Settings(data=tmp_path))
    assert found == [pytest.approx(serving.SWITCH_SECONDS)]
