"""Where exports are written: whole, or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from hubbub.moving.errors import CannotWrite, MovingError
from hubbub.moving.html.exporting import export_pages
from hubbub.moving.outfile import OutFile
from hubbub.moving.outfolder import OutFolder
from hubbub.moving.selecting import Selection
from tests.moving.everything import fill
from tests.moving.servers import in_memory


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def inside(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


async def test_a_file_is_there_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with OutFile(path) as out:
        await out.write(b"a" * 2_000_000)
        await out.write(b"b")
        assert inside(tmp_path) != ["out"]
        await out.finish()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (path.stat().st_size, out.bytes) == (2_000_001, 2_000_001)
    assert inside(tmp_path) == ["out"]


async def test_a_full_disk_is_told_and_nothing_is_left_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", full)
    async with in_memory() as place:
        await fill(place)
        with pytest.raises(CannotWrite, match="cannot be written: No space left on device"):
            await place.export(tmp_path / "all.jsonl")
    assert inside(tmp_path) == []


async def test_a_full_disk_is_told_and_nothing_is_left_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OutFolder, "_write", full)
    async with in_memory() as place:
        await fill(place)
        with pytest.raises(CannotWrite, match="cannot be written: No space left on device"):
            await export_pages(place.server, tmp_path / "out", Selection())
    assert inside(tmp_path) == []


async def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    path.write_text("mine")
    async with in_memory() as place:
        await fill(place)
        with pytest.raises(CannotWrite, match="is there already"):
            await place.export(path)
        with pytest.raises(CannotWrite, match="cannot be written: No such file or directory"):
            await place.export(tmp_path / "no" / "all.jsonl")
    assert path.read_text() == "mine"


async def test_a_room_that_is_not_there_is_told_with_what_is_like_it(tmp_path: Path) -> None:
    async with in_memory() as place:
        await fill(place)
        with pytest.raises(MovingError, match=r'There is no room "Kitchn"\. Is it Kitchen\?'):
            await place.export(tmp_path / "a", "Kitchn")
        with pytest.raises(MovingError, match="cannot have"):
            await place.export(tmp_path / "a", "Kit chen")
        report = await place.export(tmp_path / "a", "cellar", "#KITCHEN")  # a former name, too
    assert report.rooms == 1
