"""`hubbub send` and `hubbub tail` with accounts, private rooms and direct conversations."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.client import RoomAccess, connect
from tests.client.taking import texts
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess, clean_environment

SECRET = "correct horse battery"


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as process:
        yield process


def hubbub(
    process: ServerProcess,
    cache: Path,
    *words: str,
    password: str | None = None,
    by_fd: str | None = None,
) -> subprocess.CompletedProcess[str]:
    environment = {**clean_environment(), "HUBBUB_CACHE": str(cache)}
    if password is not None:
        environment["HUBBUB_PASSWORD"] = password
    read, write = os.pipe()
    os.write(write, (by_fd or "").encode() + b"\n")
    os.close(write)
    flags = ["--password-fd", str(read)] if by_fd is not None else []
    try:
        return subprocess.run(
            [
                sys.executable,
                "-m",
                "hubbub",
                words[0],
                "--port",
                str(process.port),
                *flags,
                *words[1:],
            ],
            check=False,
            capture_output=True,
            text=True,
            env=environment,
            stdin=subprocess.DEVNULL,
            pass_fds=(read,),
            timeout=PATIENCE_SECONDS,
        )
    finally:
        os.close(read)


async def test_a_script_logs_in_once_and_its_login_is_kept(
    process: ServerProcess, tmp_path: Path
) -> None:
    async with connect(f"127.0.0.1:{process.port}", user="ada") as ada:
        await ada.account.register(SECRET)
        say = ("send", "--user", "ada", "General")
        refused = hubbub(process, tmp_path / "1", *say, "one")
        assert refused.returncode == 1
        assert "$HUBBUB_PASSWORD" in refused.stderr
        wrong = hubbub(process, tmp_path / "1", *say, "one", password="a wrong one")
        assert wrong.returncode == 1
        assert "There is no account" in wrong.stderr
        assert hubbub(process, tmp_path / "1", *say, "two", password=SECRET).returncode == 0
        assert hubbub(process, tmp_path / "1", *say, "three").returncode == 0
        assert hubbub(process, tmp_path / "2", *say, "four", by_fd=SECRET).returncode == 0
        assert await texts(ada, "General") == ["two", "three", "four"]
        none = hubbub(process, tmp_path / "3", "send", "--password-fd", "9999", "General", "x")
        assert none.returncode == 2
        assert "descriptor 9999" in none.stderr


async def test_scripts_speak_and_read_in_direct_conversations(
    process: ServerProcess, tmp_path: Path
) -> None:
    async with connect(f"127.0.0.1:{process.port}", user="ada") as ada:
        await ada.account.register(SECRET)
        async with connect(f"127.0.0.1:{process.port}", user="ben") as ben:
            await ben.account.register(SECRET)
            to_ben = ("--user", "ada", "@ben")
            said = hubbub(process, tmp_path, "send", *to_ben, "psst", password=SECRET)
            assert (said.returncode, said.stderr) == (0, "")
            read = hubbub(process, tmp_path, "tail", *to_ben)
            assert "ada: psst" in read.stdout
            assert "General" not in read.stdout
            nobody = hubbub(process, tmp_path, "send", "--user", "ada", "@nobody", "hm")
            assert nobody.returncode == 1
            assert 'nobody called "nobody"' in nobody.stderr


async def test_a_room_that_one_may_not_read_is_told_in_words(
    process: ServerProcess, tmp_path: Path
) -> None:
    async with connect(f"127.0.0.1:{process.port}", user="ada") as ada:
        await ada.account.register(SECRET)
        await ada.join("Club")
        await ada.moderation.set_rules("Club", access=RoomAccess.MEMBERS)
        await ada.join("Closed")
        await ada.moderation.set_rules("Closed", archived=True)
        for words, why in (
            (("tail", "Club"), "There is no room"),
            (("send", "Club", "hm"), "There is no room"),
            (("send", "Closed", "hm"), "is closed"),
        ):
            told = hubbub(process, tmp_path, *words)
            assert told.returncode == 1
            assert why in told.stderr
