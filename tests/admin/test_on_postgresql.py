"""`hubbub admin` where the logs are in a PostgreSQL."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.process import ServerProcess, clean_environment


def admin(data: Path, database: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hubbub", "admin", *words, "--data", str(data)],
        env={**clean_environment(), "HUBBUB_DATABASE": database},
        capture_output=True,
        text=True,
        check=False,
    )


def findings(ran: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    told: Any = json.loads(ran.stdout)
    found: dict[str, list[str]] = {}
    for one in told["findings"]:
        if one["about"] in ("database", "owner"):
            found.setdefault(one["level"], []).append(one["said"])
    return found


def test_tasks_are_done_by_the_server_that_runs(database: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ServerProcess(data, "--database", database) as server:
        assert admin(data, database, "make-room", "Kitchen").returncode == 0
        assert "Kitchen" in admin(data, database, "rooms").stdout
        refused = admin(data, database, "backup", str(tmp_path))
        assert (refused.returncode != 0, "pg_dump" in refused.stderr) == (True, True)
        assert "pg_dump" in admin(data, database, "backups").stdout
        found = findings(admin(data, database, "doctor", "--json"))
        assert "No event is missing." in found["ok"]
        assert "Nobody owns this server." in found["warning"]
        assert any(said.startswith("It is PostgreSQL ") for said in found["ok"])
        told = admin(data, database, "status").stdout.splitlines()
        assert "database      PostgreSQL" in told
        assert "people here   0, 0 connections at this node" in told
        assert any(line.startswith("node ") and line.endswith(", one of 1") for line in told)
        assert not any(line.startswith("search ") for line in told)
        assert server.stop() == 0
    refused = admin(data, database, "rooms")
    assert refused.returncode != 0
    assert "No server runs" in refused.stderr


@pytest.mark.parametrize(
    "harm, said",
    [
        ("DELETE FROM events WHERE seq = 2", "General has 2 events from 1 to 3"),
        ("DELETE FROM events WHERE seq = 3", "1 of the rooms have another head"),
        ("UPDATE rooms SET head = 7 WHERE key = 'general'", "1 of the rooms have another head"),
    ],
)
def test_the_doctor_finds_what_is_missing(
    database: str, tmp_path: Path, harm: str, said: str
) -> None:
    data = tmp_path / "data"
    with ServerProcess(data, "--database", database) as server:
        assert server.stop() == 0
    rows = ", ".join(f"({seq}, {seq}, 'said', 'ada', 'hi', 1)" for seq in (1, 2, 3))
    with psycopg.connect(database, autocommit=True) as connection:
        (room,) = connection.execute("SELECT id FROM rooms WHERE key = 'general'").fetchone() or ()
        connection.execute(
            f"INSERT INTO events (seq, at, kind, by, text, room_id) VALUES {rows}".replace(
                ", 1)", f", {room})"
            ).encode()
        )
        connection.execute("UPDATE rooms SET head = 3 WHERE key = 'general'")
        assert "error" not in findings(admin(data, database, "doctor", "--json"))
        connection.execute(harm.encode())
    (told,) = findings(admin(data, database, "doctor", "--json"))["error"]
    assert said in told


def test_the_doctor_reads_what_was_sent(database: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ServerProcess(data, "--database", database) as server:
        assert server.stop() == 0
    key = f"{sha256(b'cat').hexdigest()}-00000000"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO files (id, owner, name, size, type, at, blob, thumbnail_size, animated)"
            " VALUES ('x', 1, 'cat.png', 3, 'image/png', 0, %s, 0, 0)",
            (key,),
        )
    place = data / "files" / key[:2] / key
    place.parent.mkdir(mode=0o700)
    for holds, plain, whole in (
        ("cat", "ok", "ok"),
        ("car", "ok", "error"),
        ("c", "error", "error"),
    ):
        place.write_text(holds)
        for flags, level in (((), plain), (("--files",), whole)):
            told = json.loads(admin(data, database, "doctor", *flags, "--json").stdout)["findings"]
            assert [one["level"] for one in told if one["about"] == "sent files"] == [level]


def test_the_doctor_tells_that_the_database_is_away(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    ran = admin(tmp_path / "data", "postgresql://127.0.0.1:1/none", "doctor", "--json")
    (said,) = findings(ran)["error"]
    assert said.startswith("It cannot be looked at: ")
    assert said.endswith(" failed: Connection refused.")
