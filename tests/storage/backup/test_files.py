"""The files that people have sent are in a backup as they were, and back in place after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.hub.fileports import thumbnail_of
from hubbub.storage.backup import back_up, restore, sources, verify
from hubbub.storage.backup.archive import Check
from hubbub.storage.backup.manifest import FileContents
from hubbub.storage.blobs.folder import FolderBlobs
from tests.filing import names_in
from tests.storage.talk import NOON, Talk

KEYS = [f"{letter * 64}-1a2b3c4d" for letter in "abc"]


async def put(data: Path, *keys: str) -> FolderBlobs:
    blobs = FolderBlobs(data / "files")
    await blobs.prepare()
    upload = data.parent / "upload"
    for key in keys:
        for name in (key, thumbnail_of(key)):
            upload.unlink(missing_ok=True)  # a blob may be another name of it
            upload.write_bytes(name.encode())
            await blobs.put(upload, name)
    return blobs


async def test_sent_files_go_there_and_back(
    talk: Talk, data: Path, place: Path, tmp_path: Path
) -> None:
    await put(data, *KEYS)
    made = await back_up(data, str(place), at=NOON)
    await verify(made.where)
    restored = (await restore(made.where, tmp_path / "again")).folder
    assert names_in(restored / "files") == names_in(data / "files")
    for key in KEYS:
        assert (restored / "files" / key[:2] / key).read_bytes() == key.encode()


async def test_what_is_taken_back_meanwhile_does_not_end_a_backup(
    talk: Talk,
    data: Path,
    place: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blobs = await put(data, *KEYS)
    kept = sources.kept

    def late(folder: Path, check: Check) -> list[FileContents]:
        """When it is listed what there is, one of them is deleted."""
        (data / "files" / KEYS[0][:2] / KEYS[0]).unlink()
        return kept(folder, check)

    monkeypatch.setattr(sources, "kept", late)
    made = await back_up(data, str(place), at=NOON)
    restored = (await restore(made.where, tmp_path / "again")).folder
    assert KEYS[0] in names_in(restored / "files")
    monkeypatch.undo()
    await blobs.delete(KEYS[0])
    later = await back_up(data, str(place), at=NOON + 10_000)
    restored = (await restore(later.where, tmp_path / "later")).folder
    assert KEYS[0] not in names_in(restored / "files")
    assert KEYS[1] in names_in(restored / "files")
