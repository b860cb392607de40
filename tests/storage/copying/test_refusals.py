"""What is in the way of a move is told, and nothing is overwritten."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from hubbub.storage.copying.errors import MoveRefused
from hubbub.storage.copying.marks import why_not_served
from hubbub.storage.copying.migrating import reopen
from hubbub.storage.copying.opening import opened
from hubbub.storage.copying.postgresql import without_password
from hubbub.storage.copying.side import meta_of
from hubbub.storage.errors import FolderInUse, StorageError
from hubbub.storage.log import DATABASE, SqlLog
from hubbub.storage.postgresql.address import IN_USE
from hubbub.storage.postgresql.log import PostgresLog
from tests.postgres import Server, database_of
from tests.storage.copying.servers import everything, moved, rows
from tests.storage.talk import Talk


def test_a_folder_without_a_server_is_none_to_move(tmp_path: Path, database: str) -> None:
    with pytest.raises(MoveRefused, match="no server's data"):
        moved(tmp_path / "nowhere", database)
    assert not (tmp_path / "nowhere").exists()


async def test_while_a_server_runs_nothing_is_moved(tmp_path: Path, database: str) -> None:
    log = await SqlLog.open(tmp_path)
    with pytest.raises(FolderInUse):
        moved(tmp_path, database)
    await log.close()


async def test_a_target_that_has_data_is_not_overwritten(
    data: Path, postgresql: Server, tmp_path: Path
) -> None:
    other = await everything(tmp_path / "other")
    with opened(other, new=False) as side:
        side.execute("UPDATE meta SET value = 'another' WHERE key = 'log_id'")
    with database_of(postgresql) as mine, database_of(postgresql) as others:
        moved(data, mine)
        moved(other, others)
        before = rows(others)
        with pytest.raises(MoveRefused, match="the data of another server"):
            moved(data, others)
        with pytest.raises(MoveRefused, match="the data of another server"):
            moved(mine, other)
        assert rows(others) == rows(other) == before


def test_a_log_that_went_on_in_one_of_them_is_not_overwritten_by_the_other(
    data: Path, database: str
) -> None:
    moved(data, database)
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE events SET text = 'edited since' WHERE id = 20")
    with pytest.raises(MoveRefused, match="one of the two was served since"):
        moved(data, database)
    with pytest.raises(MoveRefused, match="one of the two was served since"):
        moved(database, data)


def test_what_was_moved_away_is_not_served_before_it_is_said_that_it_may_be(
    data: Path, database: str
) -> None:
    moved(data, database)
    with opened(data, new=False) as side:
        why = why_not_served(meta_of(side).items(), side.shown)
        assert why is not None
        assert without_password(database) in why
        assert reopen(side)
        assert why_not_served(meta_of(side).items(), side.shown) is None
        assert not reopen(side)


def test_it_is_moved_to_one_place_only(data: Path, postgresql: Server, tmp_path: Path) -> None:
    with database_of(postgresql) as one, database_of(postgresql) as other:
        moved(data, one)
        with pytest.raises(MoveRefused, match="was moved to"):
            moved(data, other)
        with opened(other, new=True) as side:
            assert not side.execute("SELECT 1 FROM events")


def test_a_database_that_is_being_moved_is_used_by_nobody_else(
    data: Path, database: str, tmp_path: Path
) -> None:
    with opened(database, new=True), pytest.raises(MoveRefused, match="Stop all nodes"):
        moved(data, database)
    moved(data, database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO nodes (id, name, until, started, version, schema) VALUES ('n', 'north',"
            " extract(epoch FROM clock_timestamp()) * 1000 + 10000, 0, '1', '')"
        )
        connection.execute("SELECT pg_advisory_lock_shared(%s)", (IN_USE,))
        with pytest.raises(MoveRefused, match=r"A Hubbub server \(north\) is using"):
            moved(database, tmp_path / "back")
    moved(database, tmp_path / "back")


def test_what_comes_back_to_where_it_was_can_be_served_there_again(
    data: Path, database: str
) -> None:
    """Nothing was said meanwhile, so that it is the same."""
    moved(data, database)
    assert moved(database, data).whole_before
    for place, served in ((data, True), (database, False)):
        with opened(place, new=False) as side:
            why = why_not_served(meta_of(side).items(), side.shown)
            assert (why is None) is served


def test_a_database_that_cannot_hold_all_texts_is_refused(data: Path, postgresql: Server) -> None:
    with postgresql.connect() as connection:
        connection.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
        with pytest.raises(StorageError, match="keeps text as LATIN1"):
            moved(data, postgresql.url("latin"))
        connection.execute("DROP DATABASE latin")


def test_the_database_of_another_program_is_let_be(
    data: Path, database: str, tmp_path: Path
) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE theirs (id INTEGER)")
    with pytest.raises(StorageError, match="another program"):
        moved(data, database)
    with psycopg.connect(database) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert found.fetchone() == (1,)


def test_a_server_that_cannot_be_reached_is_told_without_the_password(
    data: Path, postgresql: Server
) -> None:
    url = f"postgresql://postgres:secret@127.0.0.1:{postgresql.port}/postgres?connect_timeout=3"
    with pytest.raises(MoveRefused) as refused:
        moved(data, url)
    assert "secret" not in str(refused.value)
    assert f"postgresql://postgres@127.0.0.1:{postgresql.port}/postgres" in str(refused.value)


@pytest.mark.parametrize(
    "url, shown",
    [
        ("postgresql://a:b@c/d", "postgresql://a@c/d"),
        ("postgresql://a@c:1,d:2/e?password=x", "postgresql://a@c:1,d:2/e"),
        ("postgresql:///d", "postgresql:///d"),
        ("postgresql://a:p%40:@c", "postgresql://a@c"),
    ],
)
def test_no_password_is_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown


async def test_the_file_that_is_made_is_nobody_elses(
    data: Path, database: str, tmp_path: Path
) -> None:
    moved(data, database)
    moved(database, tmp_path / "back")
    assert (tmp_path / "back" / DATABASE).stat().st_mode & 0o777 == 0o600
    log = await SqlLog.open(tmp_path / "back")
    outcome = await Talk(log).say("hello")
    assert outcome.error is None
    await log.close()


async def test_while_a_server_is_there_a_database_is_not_moved_nor_opened_meanwhile(
    data: Path, database: str
) -> None:
    log = await PostgresLog.open(database)
    with pytest.raises(MoveRefused, match="Stop all nodes first"):
        moved(data, database)
    await log.close()
    with opened(database, new=True), pytest.raises(StorageError, match="hubbub migrate is moving"):
        await PostgresLog.open(database)


async def test_a_server_that_has_stood_still_during_a_move_writes_nothing_more(
    data: Path, database: str, tmp_path: Path
) -> None:
    moved(data, database)
    errors: list[Exception] = []
    log = await PostgresLog.open(database, on_error=errors.append)
    talk = Talk(log)
    assert (await talk.say("hello")).error is None
    with psycopg.connect(database, autocommit=True) as connection:
        # As after a failover, or a break of the network: PostgreSQL has given up its connection.
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid != pg_backend_pid()"
        )
    moved(database, tmp_path / "back")
    outcome = await talk.say("too late")
    assert outcome.error is not None
    assert outcome.error.code == "log-unavailable"
    await talk.say("much too late")  # the first one has found that the connection is lost
    assert any("was moved to" in str(error) for error in errors)
    await log.close()
    with psycopg.connect(database) as connection:
        found = connection.execute("SELECT count(*) FROM events WHERE text LIKE '%too late'")
        assert found.fetchone() == (0,)
