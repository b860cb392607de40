"""A backup is made while a server runs, and restored elsewhere."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from hubbub.domain.names import RoomName
from hubbub.storage.backup import (
    BackupFailed,
    BackupMade,
    RestoreRefused,
    back_up,
    backups,
    restore,
    verify,
)
from hubbub.storage.backup.folder import FolderPlace
from hubbub.storage.log import DATABASE, SqlLog
from tests.storage.backup.folders import content, contents, mode, names, put
from tests.storage.talk import GENERAL, KITCHEN, NOON, Talk, said, texts


async def read(folder: Path, room: RoomName) -> list[str]:
    log = await SqlLog.open(folder)
    try:
        return texts(await log.read(room.key, 0, 1_000_000))
    finally:
        await log.close()


async def test_what_was_saved_before_is_in_it_and_what_comes_later_is_not(
    talk: Talk, made: BackupMade, tmp_path: Path
) -> None:
    await talk.say("later")
    restored = await restore(made.where, tmp_path / "elsewhere")
    assert restored.manifest == made.manifest
    assert restored.sha256 == made.sha256
    assert await read(restored.folder, GENERAL) == [f"text {number}" for number in range(10)]
    assert await read(restored.folder, KITCHEN) == ["dish 0", "dish 1", "dish 2"]


async def test_it_tells_how_far_each_room_has_come_and_no_name(
    talk: Talk, made: BackupMade
) -> None:
    manifest = made.manifest
    assert [(room.first, room.head, room.events) for room in manifest.rooms] == [
        (1, 10, 10),
        (1, 3, 3),
    ]
    assert manifest.log_id == talk.log.id
    assert manifest.at == NOON
    assert manifest.rows["events"] == manifest.events == 13
    assert b"general" not in json.dumps(str(manifest)).lower().encode()


async def test_its_name_says_when_it_was_made_and_of_which_log(
    made: BackupMade, place: Path
) -> None:
    assert made.name == f"hubbub-2023-07-30T100000Z-{made.manifest.log_id[:8]}.backup"
    assert names(place) == {made.name}
    (stored,) = await backups(str(place))
    assert stored.where == made.where
    assert stored.bytes == made.bytes == len(content(made.where))
    assert (stored.at, stored.log) == (NOON, made.manifest.log_id[:8])


async def test_two_of_one_second_have_two_names(
    talk: Talk, data: Path, made: BackupMade, place: Path
) -> None:
    again = await back_up(data, str(place), at=NOON)
    assert again.name > made.name
    assert [one.name for one in await backups(str(place))] == [again.name, made.name]


async def test_one_made_at_the_same_time_of_the_same_data_is_the_same_file(
    talk: Talk, data: Path, made: BackupMade, tmp_path: Path
) -> None:
    again = await back_up(data, str(tmp_path / "others"), at=NOON)
    assert content(again.where) == content(made.where)


async def test_nobody_else_can_read_it(made: BackupMade, place: Path) -> None:
    assert mode(made.where) == 0o600
    assert mode(place) == 0o700


async def test_a_proof_tells_what_it_is_and_changes_nothing(made: BackupMade, place: Path) -> None:
    whole = hashlib.sha256(content(made.where)).hexdigest()
    proof = await verify(made.where)
    assert (proof.sha256, proof.bytes) == (made.sha256, made.bytes)
    assert made.sha256 == whole
    assert proof.manifest == made.manifest
    assert names(place) == {made.name}


@pytest.mark.skipif(shutil.which("tar") is None, reason="there is no tar")
async def test_without_hubbub_any_tar_reads_it(made: BackupMade, tmp_path: Path) -> None:
    def run(*command: str) -> str:
        return subprocess.run(
            command, cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    names = run("tar", "xvf", made.where).split()
    assert names == ["manifest.json", "hubbub.db.gz", "sha256"]
    run("gunzip", "hubbub.db.gz")
    found = json.loads((tmp_path / "manifest.json").read_text())
    whole = hashlib.sha256((tmp_path / "hubbub.db").read_bytes()).hexdigest()
    assert found["database"]["sha256"] == whole


async def test_the_authority_of_its_own_is_in_it_and_the_index_of_searches_is_not(
    talk: Talk, data: Path, place: Path, tmp_path: Path
) -> None:
    put(data / "tls" / "own" / "ca.key", "the authority's key")
    put(data / "search.db", "an index")
    made = await back_up(data, str(place), at=NOON)
    assert [file.name for file in made.manifest.files] == ["tls/own/ca.key"]
    await restore(made.where, tmp_path / "elsewhere")
    kept = tmp_path / "elsewhere" / "tls" / "own" / "ca.key"
    assert kept.read_text() == "the authority's key"
    assert mode(kept) == 0o600
    assert mode(kept.parent) == 0o700
    assert not (tmp_path / "elsewhere" / "search.db").exists()


async def test_links_and_files_that_are_not_ours_are_left_out(
    talk: Talk, data: Path, place: Path, tmp_path: Path
) -> None:
    put(tmp_path / "secret", "of somebody else")
    put(data / "tls" / "README.md.orig~")
    (data / "tls" / "link").symlink_to(tmp_path / "secret")
    (data / "files").symlink_to(tmp_path)
    made = await back_up(data, str(place), at=NOON)
    assert made.manifest.files == []


@pytest.mark.parametrize("name", ["hubbub.db", "hubbub.db-wal", "hubbub.db-shm"])
async def test_a_database_is_not_overwritten(made: BackupMade, tmp_path: Path, name: str) -> None:
    there = put(tmp_path / "elsewhere" / name, "of another log")
    with pytest.raises(RestoreRefused, match="already"):
        await restore(made.where, there.parent)
    assert there.read_text() == "of another log"
    assert names(there.parent) == {name, "hubbub.lock"}


async def test_an_authority_is_not_overwritten(
    talk: Talk, data: Path, place: Path, tmp_path: Path
) -> None:
    for folder in (data, tmp_path / "elsewhere"):
        put(folder / "tls" / "ca.key", folder.name)
    made = await back_up(data, str(place), at=NOON)
    with pytest.raises(RestoreRefused, match="already"):
        await restore(made.where, tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "tls" / "ca.key").read_text() == "elsewhere"


async def test_a_folder_in_use_is_not_restored_into(
    talk: Talk, made: BackupMade, data: Path
) -> None:
    with pytest.raises(Exception, match="is using the data folder"):
        await restore(made.where, data)


async def test_an_index_of_searches_that_was_left_is_made_anew(
    made: BackupMade, tmp_path: Path
) -> None:
    put(tmp_path / "elsewhere" / "search.db", "of another history")
    await restore(made.where, tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere" / "search.db").exists()


async def test_what_was_deleted_is_in_no_byte_of_it(talk: Talk, data: Path, place: Path) -> None:
    """Pages that SQLite has freed, and what a page keeps when a row in it becomes shorter."""
    secret = "confidential" * 30
    await talk.settle(*(said(f"{number} {secret}") for number in range(100)))
    with closing(sqlite3.connect(data / DATABASE, isolation_level=None)) as other:
        other.execute("PRAGMA secure_delete = OFF")
        other.execute("DELETE FROM events WHERE text LIKE '%confidential%' AND seq % 2 = 0")
        other.execute("UPDATE events SET text = 'x' WHERE text LIKE '%confidential%'")
    made = await back_up(data, str(place), at=NOON)
    assert b"confidential" in contents(data), "the test could not fail"
    folder = place.parent / "elsewhere"
    await restore(made.where, folder)
    assert b"confidential" not in (folder / DATABASE).read_bytes()


async def test_a_folder_without_a_database_is_none_to_back_up(tmp_path: Path, place: Path) -> None:
    with pytest.raises(BackupFailed, match="no database"):
        await back_up(tmp_path, str(place), at=NOON)
    assert names(tmp_path) == set()


async def test_a_place_that_cannot_be_written_is_told_before_anything_is_made(
    talk: Talk, data: Path, tmp_path: Path
) -> None:
    put(tmp_path / "file")
    before = names(data)
    with pytest.raises(BackupFailed, match="file"):
        await back_up(data, str(tmp_path / "file"), at=NOON)
    assert {*before, "backup.lock"} == names(data)


@pytest.mark.parametrize("inside", ["files", "tls/old", "link"])
async def test_no_backup_is_put_where_the_next_one_would_have_it_in_it(
    talk: Talk, data: Path, tmp_path: Path, inside: str
) -> None:
    (data / "files").mkdir()
    (tmp_path / "link").symlink_to(data / "files")
    place = (tmp_path if inside == "link" else data) / inside
    with pytest.raises(BackupFailed, match="what is there is in each backup"):
        await back_up(data, str(place), at=NOON)
    assert not names(data / "files")


async def test_a_place_that_is_not_there_has_no_backups(tmp_path: Path) -> None:
    assert FolderPlace(tmp_path / "nowhere").stored() == []


async def test_files_of_other_programs_and_logs_are_let_be(
    talk: Talk, data: Path, place: Path
) -> None:
    others = [
        "notes.txt",
        "hubbub-2026-13-45T990000Z-01234567.backup",
        ".hubbub-2026-11-30T030000Z-ffffffff.backup.part",
    ]
    for name in others:
        put(place / name)
    left = f".hubbub-2026-11-30T030000Z-{talk.log.id[:8]}.backup.part"
    put(place / left, "left by one that was killed")
    made = await back_up(data, str(place), at=NOON)
    assert names(place) == {made.name, *others}
    assert [one.name for one in await backups(str(place))] == [made.name]


async def test_how_far_it_is_is_told(talk: Talk, data: Path, place: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []

    def progress(what: str, done: int, total: int) -> None:
        told.append((what, done, total))

    made = await back_up(data, str(place), at=NOON, progress=progress)
    ended = dict.fromkeys(what for what, done, total in told if done == total)
    assert [*ended] == ["copying", "packing", "putting"]
    told.clear()
    await verify(made.where, progress=progress)
    await restore(made.where, tmp_path / "elsewhere", progress=progress)
    assert {what for what, _, __ in told} == {"reading", "unpacking", "proving"}
