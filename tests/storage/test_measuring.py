"""The log tells what its commits take."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Literal

import pytest

from hubbub.domain.events import Said
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.ports import Draft, MakeRoom
from hubbub.storage.log import SqlLog
from tests.server.serving import eventually

GENERAL, ADA = RoomName.parse("General"), UserName.parse("ada")


@pytest.mark.parametrize("durability", ["full", "process"])
async def test_each_commit_is_measured_once_with_all_that_it_saved(
    tmp_path: Path, durability: Literal["full", "process"]
) -> None:
    log = await SqlLog.open(tmp_path, durability=durability)
    commits: list[tuple[float, int]] = []
    log.measure(lambda seconds, entries: commits.append((seconds, entries)))
    groups: list[int] = []
    log.listen(lambda settled: groups.append(len(settled)))

    def saved(entries: int) -> bool:
        return sum(groups) == entries

    began = asyncio.get_running_loop().time()
    log.append(MakeRoom(GENERAL))
    for appended in (21, 41, 61):
        for number in range(20):
            log.append(Draft(GENERAL, Said(0, 0, ADA, text=f"text {number}")))
        await eventually(partial(saved, appended))
    took = asyncio.get_running_loop().time() - began
    assert [entries for _, entries in commits] == groups
    assert sum(groups) == 61
    assert all(0 <= seconds <= took + 0.002 for seconds, _ in commits), "uvloop rounds its time"
    await log.close()


async def test_the_sizes_of_the_files_are_told(tmp_path: Path) -> None:
    log = await SqlLog.open(tmp_path)
    seen = await log.look_at_disk()
    assert seen.free
    assert seen.files["database"] == (tmp_path / "hubbub.db").stat().st_size
    assert "wal" in seen.files
    assert "search" not in seen.files, "there is none yet"
    (tmp_path / "search.db").write_bytes(b"x" * 100)
    assert (await log.look_at_disk()).files["search"] == 100
    await log.close()
