"""A server that is killed in the middle of a migration: the next start makes it whole."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from hubbub.domain.events import Said
from hubbub.domain.ids import UserId
from hubbub.storage import upgrade as upgrades
from hubbub.storage.engine import writing_engine
from hubbub.storage.log import DATABASE, SqlLog
from tests.storage.programs import ENVIRONMENT

KILLED_AT_EACH_STATEMENT = """
import os, pathlib, shutil, signal, sys
from alembic import command  # loaded once, not by each of the processes
from sqlalchemy import event
from hubbub.storage.engine import writing_engine
from hubbub.storage.upgrade import upgrade

begin, folder = map(pathlib.Path, sys.argv[1:])

def migrate(place, statements):
    engine = writing_engine(place / "hubbub.db", "full")
    seen = 0
    def count(*_):
        nonlocal seen
        seen += 1
        if seen > statements:
            os.kill(os.getpid(), signal.SIGKILL)
    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", count)
    upgrade(engine, place)
    os._exit(0)

for statements in range(1000):
    place = folder / str(statements)
    shutil.copytree(begin, place)
    child = os.fork()
    if child == 0:
        migrate(place, statements)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        sys.exit(os.WEXITSTATUS(status))
sys.exit(9)
"""


def _of_version(folder: Path, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database as an older version left it, in which somebody has said something."""
    folder.mkdir()
    engine = writing_engine(folder / DATABASE, "process")
    if version:
        with monkeypatch.context() as patch:
            patch.setattr(upgrades, "HEAD", version)
            upgrades.upgrade(engine, folder)
        head = ", 1, 7" if version < "0003" else ""
        with engine.begin() as connection:
            for statement in (
                f"INSERT INTO rooms VALUES (1, 'general', 'General'{head})",
                "INSERT INTO events VALUES (1, 1, 1, 7, 'said', 9, 'Ada', 'hi', NULL, 'n')",
            ):
                connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.parametrize("version", ["", "0001", "0002", "0003", "0004"])
async def test_a_migration_that_is_killed_at_any_statement_is_done_by_the_next_start(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, folder = tmp_path / "begin", tmp_path / "killed"
    _of_version(begin, version, monkeypatch)
    program = [sys.executable, "-c", KILLED_AT_EACH_STATEMENT, str(begin), str(folder)]
    done = await asyncio.to_thread(subprocess.run, program, env=ENVIRONMENT, check=False)
    assert done.returncode == 0
    places = list(folder.iterdir())
    assert len(places) > 5, "killed at every statement"
    for place in places:
        log = await SqlLog.open(place)
        said = await log.read("general", 0, 9)
        await log.close()
        assert said == ([Said(1, 7, "Ada", "hi", by_id=UserId("9"))] if version else [])
