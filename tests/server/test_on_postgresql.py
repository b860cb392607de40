"""A server whose log is in a PostgreSQL, as its users run it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from websockets.asyncio.client import connect

from tests.process import ServerProcess, clean_environment
from tests.server.test_half_closed import exchange


def test_what_was_said_is_there_after_kill_9(database: str, tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data", "--database", database) as server:
        exchange(server.address, b"ada\nGeneral\nhello\n")
        server.restart()
        assert "hello" in exchange(server.address, b"ben\nGeneral\n")
        assert server.stop() == 0
    assert not (tmp_path / "data" / "hubbub.db").exists()


async def test_who_is_connected_is_sent_to_other_servers_at_the_end(
    database: str, tmp_path: Path
) -> None:
    with ServerProcess(tmp_path / "data", "--database", database) as server:
        async with connect(server.url, compression=None) as socket:
            await socket.send('{"type":"hello","user":"ada"}')
            assert json.loads(await socket.recv())["type"] == "welcome"
            ending = asyncio.ensure_future(asyncio.to_thread(server.stop))
            bye = json.loads(await socket.recv())
        assert await ending == 0
    assert (bye["type"], bye["reason"]) == ("bye", "restarting")
    assert 0 < bye["reconnect"] < 2


def test_what_is_for_the_folder_s_database_is_refused_in_words(tmp_path: Path) -> None:
    url = "postgresql://127.0.0.1/none"
    for flags, words in (
        (("--database", url, "--backup-to", str(tmp_path)), "pg_dump"),
        (("--database", "mysql://127.0.0.1/none"), "Allowed: the address of a PostgreSQL"),
    ):
        command = [sys.executable, "-m", "hubbub", "serve", *flags]
        refused = subprocess.run(
            command, env=clean_environment(), capture_output=True, text=True, check=False
        )
        assert refused.returncode != 0
        assert words in refused.stderr
