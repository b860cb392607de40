"""All that a server has goes into PostgreSQL, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from hubbub.storage.backup import back_up
from hubbub.storage.copying.contents import to_postgresql, to_sqlite
from hubbub.storage.copying.errors import MoveRefused
from hubbub.storage.copying.opening import opened
from hubbub.storage.copying.side import schema_of
from hubbub.storage.log import DATABASE, SqlLog
from hubbub.storage.upgrade import HEAD
from tests.storage.copying.servers import STRANGE, change, moved, released, rows
from tests.storage.talk import BEN, GENERAL, NOON, Talk, said, texts

Url = str


async def test_all_of_it_is_there_and_comes_back_as_it_was(
    data: Path, database: Url, tmp_path: Path
) -> None:
    before = rows(data)
    assert all(before.values()), "a table is empty, so nothing is proved of it"
    there = moved(data, database)
    assert rows(database) == before
    back = moved(database, tmp_path / "back")
    assert rows(tmp_path / "back") == before
    assert back.proof == there.proof
    log = await SqlLog.open(tmp_path / "back")
    said_there = texts(await log.read(GENERAL.key, 0, 1_000_000))
    assert [text for text in said_there if text in STRANGE] == STRANGE
    await log.close()


async def test_the_hash_of_each_log_is_that_of_a_backup(
    data: Path, database: Url, tmp_path: Path
) -> None:
    made = await back_up(data, str(tmp_path / "backups"), at=NOON)
    there = moved(data, database)
    assert there.proof.logs == made.manifest.rooms
    assert there.proof.events == made.manifest.rows["events"]


def test_new_rows_get_numbers_of_their_own(data: Path, database: Url) -> None:
    moved(data, database)
    with psycopg.connect(database) as connection:
        (newest,) = connection.execute("SELECT max(id) FROM rooms").fetchone() or (0,)
        made = connection.execute(
            "INSERT INTO rooms (key, name) VALUES ('new', 'New') RETURNING id"
        ).fetchone()
        assert made == (newest + 1,)
        (newest,) = connection.execute("SELECT max(id) FROM events").fetchone() or (0,)
        made = connection.execute(
            "INSERT INTO events (room_id, seq, at, kind, by) VALUES (1, 1000, 0, 'said', 'ada')"
            " RETURNING id"
        ).fetchone()
        assert made == (newest + 1,)


def test_each_room_knows_its_head(data: Path, database: Url) -> None:
    moved(data, database)
    with psycopg.connect(database) as connection:
        heads = connection.execute(
            "SELECT head, (SELECT coalesce(max(seq), 0) FROM events WHERE room_id = rooms.id)"
            " FROM rooms"
        ).fetchall()
    assert len(heads) > 5
    assert [head for head, _ in heads] == [newest for _, newest in heads]


async def test_the_log_goes_on_where_it_was(data: Path, database: Url, tmp_path: Path) -> None:
    before = rows(data)
    moved(data, database)
    moved(database, tmp_path / "back")
    log = await SqlLog.open(tmp_path / "back")
    talk = Talk(log)
    again, new = await talk.settle(
        said("text 39", BEN, nonce="kitchen 39"), said("new", BEN, nonce="new")
    )
    ((log_id,),) = (value for key, *value in before["meta"] if key == "log_id")
    assert log.id == log_id
    assert new.event is not None
    assert not new.duplicate
    assert new.event.seq == 1 + len(await log.read(GENERAL.key, 0, new.event.seq - 1))
    assert again.error is None
    await log.close()


def test_a_nonce_that_postgresql_cannot_hold_is_escaped_and_comes_back() -> None:
    for nonce in ("", "a", "a\0b", "\0", "\ufdd0", "\ufdd0zz", "\ufdd0c3", "\ufdd0610062"):
        if "\0" in nonce:
            assert "\0" not in to_postgresql(nonce)
        else:
            assert to_postgresql(nonce) == nonce
    for nonce in ("a", "a\0b", "\0", "\ufdd0", "\ufdd0zz", "\ufdd0c3"):
        assert to_sqlite(to_postgresql(nonce)) == nonce


def test_nonces_with_a_nul_go_there_and_back(data: Path, database: Url, tmp_path: Path) -> None:
    change(data, "UPDATE events SET nonce = 'a' || char(0) || 'é' WHERE id = 20")
    before = rows(data)
    assert any("a\0é" in row for row in before["events"])
    there = moved(data, database)
    back = moved(database, tmp_path / "back")
    assert rows(tmp_path / "back") == before
    assert back.proof == there.proof


@pytest.mark.parametrize(
    "statement, words",
    [
        (
            "UPDATE events SET text = 'a' || char(0) || 'b' WHERE id = 20",
            "row 20 of the table",
        ),
        ("UPDATE events SET text = x'61' WHERE id = 20", "row 20 of the table events"),
        ("UPDATE events SET at = 'noon' WHERE id = 20", "row 20 of the table events"),
        ("UPDATE members SET since = 1.5 WHERE room_id = 2", "of the table members"),
        ("UPDATE guests SET token_hash = 'abc'", "of the table guests"),
        ("UPDATE rooms SET name = name || char(0) WHERE id = 3", "row 3 of the table rooms"),
        ("UPDATE events SET text = CAST(x'eda080' AS TEXT) WHERE id = 20", "no UTF-8, in the row"),
        ("UPDATE users SET name = CAST(x'ff' AS TEXT)", "of the table users"),
    ],
)
def test_what_postgresql_cannot_hold_is_told_before_anything_is_copied(
    data: Path, database: Url, statement: str, words: str
) -> None:
    change(data, statement)
    with pytest.raises(MoveRefused, match=words) as refused:
        moved(data, database)
    assert "Nothing was copied" in str(refused.value)
    with opened(database, new=True) as side:
        assert not side.tables() or not side.execute("SELECT 1 FROM events")
    assert (data / DATABASE).exists()


@pytest.mark.parametrize(
    "harm, words",
    [
        (lambda path: change(path, "DELETE FROM rooms WHERE id = 2"), "speaks of one of rooms"),
        (lambda path: overwrite(path / DATABASE), "damaged"),
    ],
)
def test_a_damaged_database_is_not_moved(
    data: Path, database: Url, harm: Callable[[Path], None], words: str
) -> None:
    harm(data)
    with pytest.raises(Exception, match=words):
        moved(data, database)
    with opened(database, new=True) as side:
        assert side.tables() == set()


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(8 * 4096)
        file.write(b"\xaa" * 16 * 4096)


def test_an_index_of_searches_that_was_left_is_removed(
    data: Path, database: Url, tmp_path: Path
) -> None:
    moved(data, database)
    back = tmp_path / "back"
    back.mkdir()
    (back / "search.db").write_bytes(b"of another history")
    moved(database, back)
    assert not (back / "search.db").exists()


@pytest.mark.parametrize("schema", ["0005", "0006", "0008"])
def test_a_source_of_an_older_version_is_upgraded_first(
    tmp_path: Path, database: Url, schema: str
) -> None:
    data = released(tmp_path / "old", schema)
    there = moved(data, database)
    assert there.proof.events > 20
    with opened(database, new=False) as side:
        assert schema_of(side) == HEAD
    assert rows(database) == rows(data)


def test_indexes_are_there_again(data: Path, database: Url) -> None:
    def indexes() -> set[tuple[str, ...]]:
        with psycopg.connect(database) as connection:
            return set(
                connection.execute(
                    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
                ).fetchall()
            )

    with opened(database, new=True) as side:
        side.upgrade()
    before = indexes()
    assert any("USING gin" in definition for _, definition in before)
    moved(data, database)
    assert indexes() == before
