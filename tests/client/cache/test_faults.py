"""A file that is broken, foreign, too new, or cannot be written: the client works all the same."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from hubbub.client import Resume
from hubbub.client.cache import Cache
from hubbub.client.cache.database import SCHEMA_VERSION
from tests.client.cache.conftest import Open
from tests.client.cache.talk import nonces, said, unsent
from tests.process import ROOT

NAME = "chat.example-8080.db"


def works(cache: Cache) -> bool:
    """Whether it does what a cache does, for as long as it is open."""
    cache.keep_resume(
        Resume(user="ada", token="secret", log="log-1", cursors={"kitchen": 2}, unsent=unsent("a"))
    )
    cache.add("kitchen", said(1, 2))
    resume = cache.resume()
    return (
        cache.page("kitchen", limit=5).events == said(1, 2)
        and resume is not None
        and resume.cursors == {"kitchen": 2}
        and nonces(resume.unsent) == ["a"]
        and cache.token("ada") == "secret"
    )


def test_a_file_that_is_no_database_is_left_alone(
    open_cache: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / NAME).write_bytes(b"not a database" * 100)
    cache = open_cache()
    assert works(cache)
    assert cache.path is None
    assert cache.problem == (
        f"Nothing is kept on this computer for now: {tmp_path / NAME} cannot be used "
        "(file is not a database). Delete it, and the next start makes a new one."
    )
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.WARNING, cache.problem)
    ]
    cache.close()
    assert (tmp_path / NAME).read_bytes() == b"not a database" * 100


def test_another_programs_database_is_left_alone(open_cache: Open, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / NAME) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    cache = open_cache()
    assert works(cache)
    assert cache.problem is not None
    assert "another program" in cache.problem


def test_a_folder_that_cannot_be_made_is_no_obstacle(open_cache: Open, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = open_cache(folder=tmp_path / "file" / "folder")
    assert works(cache)
    assert cache.problem is not None
    assert "Not a directory" in cache.problem


def test_a_folder_in_the_files_place_is_no_obstacle(open_cache: Open, tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    cache = open_cache()
    assert works(cache)
    assert cache.problem is not None


def test_a_newer_versions_file_is_left_alone_for_one_beside_it(
    cache: Cache, open_cache: Open, tmp_path: Path
) -> None:
    cache.add("General", said(1, 2, 3))
    cache.close()
    with sqlite3.connect(tmp_path / NAME) as newer:
        newer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    newer.close()
    before = (tmp_path / NAME).read_bytes()
    older = open_cache()
    assert older.problem is None
    assert older.path == tmp_path / f"chat.example-8080.v{SCHEMA_VERSION}.db"
    assert older.rooms() == []
    assert works(older)
    older.close()
    assert (tmp_path / NAME).read_bytes() == before
    assert open_cache().page("kitchen", limit=5).events == said(1, 2)


def test_a_file_that_breaks_while_it_is_used_is_given_up_once(
    cache: Cache, open_cache: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache.add("General", said(*range(1, 1000)))
    cache.close()
    whole = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(whole[:8192] + os.urandom(len(whole) - 8192))
    broken = open_cache()
    broken.page("General", limit=2000)
    broken.add("General", said(1000))
    assert broken.problem is not None
    assert "Delete it" in broken.problem
    assert works(broken)
    assert len(caplog.records) == 1
    broken.close()


def test_a_row_that_makes_no_sense_is_a_broken_file(cache: Cache) -> None:
    cache.add("General", said(1, 2))
    assert cache.path is not None
    with sqlite3.connect(cache.path) as other:
        other.execute("UPDATE events SET event = CAST('{\"seq\":' AS BLOB)")
    other.close()
    assert cache.page("General", limit=5).events == []
    assert cache.problem is not None
    assert works(cache)


def test_a_file_that_somebody_else_keeps_busy_is_given_up_and_tried_again_at_the_end(
    cache: Cache, open_cache: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubbub.client.cache.database.BUSY_SECONDS", 0.01)
    assert cache.path is not None
    busy = sqlite3.connect(cache.path, isolation_level=None)
    cache = open_cache()
    cache.keep_resume(Resume(user="ada", token="t", log="log-1", unsent=unsent("a", "b")))
    busy.execute("BEGIN IMMEDIATE")
    cache.keep_lines(unsent("b", "c"))
    assert cache.problem is not None
    assert "locked" in cache.problem
    assert open_cache().problem is not None
    busy.execute("ROLLBACK")
    busy.close()
    assert open_cache().resume("ada") == Resume(user="ada", token="t", log="log-1"), "it lives"
    cache.keep_lines(unsent("c", "d"))
    cache.close()
    resume = open_cache().resume("ada")
    assert resume is not None
    assert nonces(resume.unsent) == ["c", "d"]


def test_a_run_that_could_not_even_begin_is_written_at_the_end(
    cache: Cache, open_cache: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubbub.client.cache.database.BUSY_SECONDS", 0.01)
    assert cache.path is not None
    busy = sqlite3.connect(cache.path, isolation_level=None)
    cache = open_cache()
    busy.execute("BEGIN IMMEDIATE")
    cache.keep_resume(Resume(user="ada", token="t", log="log-1", unsent=unsent("a")))
    assert cache.problem is not None
    busy.execute("ROLLBACK")
    busy.close()
    cache.close()
    resume = open_cache().resume("ada")
    assert resume is not None
    assert nonces(resume.unsent) == ["a"]


@pytest.mark.skipif(os.name != "posix", reason="limits of files are POSIX's")
def test_a_full_disk_is_no_obstacle(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.client.cache.full_disk", str(tmp_path)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Nothing is kept on this computer for now") == 1


def test_a_closed_cache_cannot_be_used_by_mistake(cache: Cache) -> None:
    cache.close()
    with pytest.raises(sqlite3.ProgrammingError):
        cache.rooms()
    cache.close()


def test_the_write_ahead_log_does_not_grow_without_end(cache: Cache) -> None:
    assert cache.path is not None
    beside = cache.path.with_name(f"{NAME}-wal")
    for begin in range(1, 200_001, 500):
        cache.add("General", said(*range(begin, begin + 500)))
    cache._store._checkpoints.end()  # type: ignore[union-attr]
    cache.add("General", said(200_001))
    assert beside.stat().st_size < 64 * 1024 * 1024
    assert cache.span("General") == (190_002, 200_001)
