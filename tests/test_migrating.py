"""`hubbub migrate` as it is typed, and what it says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hubbub.cli.program import _run
from tests.storage.copying.servers import everything

URL = "postgresql://hubbub@db.example.org/hubbub"


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    return await everything(tmp_path / "data")


def said_by(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[object, str]:
    """What the command returns, and what it says."""
    ended = _run(["migrate", *map(str, words)])
    out, err = capsys.readouterr()
    return ended or 0, " ".join((out + err).split())


def test_there_and_back(
    data: Path, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = database.partition("://")[2].partition("@")[2]
    (data / "tls").mkdir()
    (data / "tls" / "ca.key").write_text("secret")
    ended, said = said_by(capsys, "--data", data, "--to", database)
    assert ended == 0
    assert f"@{shown} has all of {data}: " in said
    assert "proved by a hash over each log" in said
    assert f"hubbub serve --database postgresql://postgres@{shown}" in said
    assert f"may be deleted, but for what follows. Not moved: {data}/tls" in said
    ended, said = said_by(capsys, "--data", data, "--to", database)
    assert ended == 0
    assert "has all of it already" in said
    back = tmp_path / "back"
    ended, said = said_by(capsys, "--from", database, "--to", back, "--json")
    assert ended == 0
    told = json.loads(said)
    assert (told["from"], told["to"]) == (f"postgresql://postgres@{shown}", str(back))
    assert told["events"] == sum(log["events"] for log in told["proof"]["logs"]) > 100
    assert told["rows"]["users"] == 3
    assert told["resumed"] == 0
    ended, said = said_by(capsys, "--reopen", "--data", data)
    assert ended == 0
    assert "can run on it again" in said
    ended, said = said_by(capsys, "--reopen", "--data", data)
    assert ended == 1
    assert "was not moved away" in said


def test_a_password_is_never_shown(
    data: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    password = database.partition("postgres:")[2].partition("@")[0]
    assert len(password) == 32
    said_there = [said_by(capsys, "--data", data, "--to", database)[1]]
    shutil.rmtree(data)
    said_there.append(said_by(capsys, "--from", database, "--to", data, "--json")[1])
    said_there.append(said_by(capsys, "--reopen", "--from", database)[1])
    assert all(said_there)
    assert not any(password in said for said in said_there)


@pytest.mark.parametrize(
    "words, said",
    [
        ("", "Where is the data to go? --to postgresql://"),
        (f"--from {URL}", "Where is the data to go? --to FOLDER"),
        ("--to back", "From which PostgreSQL is back to be filled?"),
        ("--from a --to b", "hubbub admin backup"),
        (f"--from {URL} --to {URL}", "pg_dump"),
        (f"--data a --from b --to {URL}", "two data folders"),
        (f"--data a --to b --from {URL}", "two data folders"),
        ("--to mysql://db/hubbub", "cannot be a mysql:// address"),
        ("--to sqlite:///hubbub.db", "cannot be a sqlite:// address"),
        ("--to=", "--to names nothing"),
        (f"--reopen --data a --to {URL}", "--reopen copies nothing"),
        ("somewhere", "somewhere"),
    ],
)
def test_what_makes_no_sense_is_told(
    capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    ended, told = said_by(capsys, *words.split())
    assert ended == 2
    assert said in told


def test_a_folder_without_data_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended, told = said_by(capsys, "--data", tmp_path / "nowhere", "--to", URL)
    assert ended == 1
    assert "There is no server's data in" in told
