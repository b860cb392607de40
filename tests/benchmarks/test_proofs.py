"""What is checked before a figure counts: the log itself, and the bytes that clients were told."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.errors import Failed
from benchmarks.figures.crowds import check_told, joined
from benchmarks.figures.durability import check_log
from benchmarks.filling import fill


@pytest.fixture
def database(tmp_path: Path) -> Path:
    asyncio.run(fill(tmp_path, 3))
    path = tmp_path / "hubbub.db"
    change(path, "UPDATE events SET text = 'text ' || seq")
    return path


def change(database: Path, sql: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(sql)


def test_a_log_with_every_message_once_is_proof(database: Path) -> None:
    check_log(database, 3)


def test_a_message_that_is_not_in_the_log_is_found(database: Path) -> None:
    with pytest.raises(Failed, match="of 4 messages that were shown, the log has 3"):
        check_log(database, 4)


def test_a_message_that_is_there_twice_is_found(database: Path) -> None:
    change(database, "UPDATE events SET text = 'text 1' WHERE seq = 2")
    with pytest.raises(Failed, match="2 different ones"):
        check_log(database, 3)


def test_a_hole_in_a_room_is_found(database: Path) -> None:
    change(database, "UPDATE events SET seq = 9 WHERE seq = 3")
    with pytest.raises(Failed, match="1 rooms with holes"):
        check_log(database, 3)


def test_who_joined_is_read_in_order(database: Path) -> None:
    change(database, "UPDATE events SET kind = 'joined', text = NULL, by = 'u' || (9 - seq)")
    assert joined(database) == ["u8", "u7", "u6"]


def test_a_join_that_is_missing_in_the_log_is_found(database: Path) -> None:
    change(database, "UPDATE events SET kind = 'joined', text = NULL WHERE seq <> 2")
    with pytest.raises(Failed, match="not numbered"):
        joined(database)


LINE = len("[2023-07-30 15:00:00] u1 has joined the chat!\n")
GREETING = len("Available rooms:\n  General (0 users)\nWelcome to room lab0!\n")


def test_two_who_join_see_both_joins_each() -> None:
    check_told(2 * GREETING + 4 * LINE, ["u1", "u2"])


def test_a_join_that_was_not_told_is_found() -> None:
    with pytest.raises(Failed, match="bytes of joins"):
        check_told(2 * GREETING + 3 * LINE, ["u1", "u2"])


def test_a_join_that_was_told_twice_is_found() -> None:
    with pytest.raises(Failed, match="bytes of joins"):
        check_told(2 * GREETING + 5 * LINE, ["u1", "u2"])
