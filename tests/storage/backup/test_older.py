"""Backups of what older versions wrote, and of folders of another user."""

from __future__ import annotations

import gzip
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hubbub.storage.backup import back_up, restore
from hubbub.storage.log import DATABASE, SqlLog
from tests.storage.backup.folders import put
from tests.storage.talk import NOON, texts
from tests.unprivileged import STRANGER, is_root

RELEASED = Path(__file__).parents[1] / "released"


@pytest.fixture(params=["0005", "0006", "0008"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder of a server of that schema."""
    with gzip.open(RELEASED / f"{request.param}.db.gz") as released:
        return put(tmp_path / "old" / DATABASE, released.read()).parent


def rows(database: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(
            "SELECT rooms.key, count(*) FROM events JOIN rooms ON rooms.id = room_id "
            "GROUP BY rooms.key"
        ).fetchall()


async def test_a_backup_before_an_upgrade_is_of_the_old_schema_and_the_next_start_upgrades_it(
    old: Path, tmp_path: Path
) -> None:
    before = rows(old / DATABASE)
    made = await back_up(old, str(tmp_path / "place"), at=NOON)
    assert made.manifest.events == sum(count for _, count in before) > 0
    assert rows(old / DATABASE) == before, "it is as it was"
    restored = await restore(made.where, tmp_path / "elsewhere")
    assert restored.manifest.schema < "0009"
    assert rows(restored.folder / DATABASE) == before
    log = await SqlLog.open(restored.folder)
    rooms = [room.name for room in await log.rooms()]
    assert sum([len(texts(await log.read(room.key, 0, 10_000))) for room in rooms]) > 0
    await log.close()


@pytest.mark.skipif(not is_root(), reason="only root can restore for others")
async def test_what_root_restores_belongs_to_the_owner_of_the_folder(
    old: Path, tmp_path: Path
) -> None:
    """And what root backs up can be backed up by its owner afterwards."""
    put(old / "tls" / "own" / "ca.key", "the authority's key")
    os.chown(old, STRANGER, STRANGER)
    made = await back_up(old, str(tmp_path / "place"), at=NOON)
    assert owner(old / "backup.lock") == STRANGER
    folder = put(tmp_path / "service" / "notes").parent
    os.chown(folder, STRANGER, STRANGER)
    await restore(made.where, folder)
    for name in (DATABASE, "hubbub.lock", "tls", "tls/own", "tls/own/ca.key"):
        assert owner(folder / name) == STRANGER, name


def owner(path: Path) -> int:
    return path.stat().st_uid
