from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hubbub.storage.backup import BackupMade, back_up
from hubbub.storage.log import SqlLog
from tests.storage.talk import KITCHEN, NOON, Talk, said


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
async def talk(data: Path) -> AsyncIterator[Talk]:
    """A log in ``data`` with some texts in two rooms, and who listens to it."""
    log = await SqlLog.open(data, durability="process")
    talk = Talk(log)
    await talk.settle(*(said(f"text {number}") for number in range(10)))
    await talk.settle(*(said(f"dish {number}", room=KITCHEN) for number in range(3)))
    yield talk
    await log.close()


@pytest.fixture
async def made(talk: Talk, data: Path, place: Path) -> BackupMade:
    """A backup of ``talk``."""
    return await back_up(data, str(place), at=NOON)
