"""What lies in the data folder belongs to its server alone, and can be written."""

from __future__ import annotations

import asyncio
import errno
import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.storage import guard
from hubbub.storage.errors import DatabaseUnusable, FolderUnusable, StorageError
from hubbub.storage.lock import LOCK_FILE
from hubbub.storage.log import DATABASE, SqlLog
from tests.process import ServerProcess, clean_environment
from tests.unprivileged import STRANGER, give_away, unprivileged

pytestmark = pytest.mark.skipif(os.name != "posix", reason="files have no such modes there")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a database in it, made by a server that has ended."""
    folder = tmp_path / "data"

    async def make() -> None:
        await (await SqlLog.open(folder)).close()

    asyncio.run(make())
    return folder


@pytest.fixture(params=[0, 0o777], ids=["umask 0", "umask 777"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Of the files in ``folder``, and in its folders, for which only their owner may do that."""
    found = {}
    for path in folder.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        if path.is_dir():
            assert mode == 0o700, path
        else:
            found[path.name] = mode
    return found


def opened(folder: Path) -> str:
    """What a server without special rights says when it opens the folder; "" if that went well."""
    program = (
        "import asyncio, pathlib, sys\n"
        "from hubbub.storage.log import SqlLog\n"
        "from hubbub.storage.errors import StorageError\n"
        "async def main():\n"
        "    await (await SqlLog.open(pathlib.Path(sys.argv[1]))).close()\n"
        "try: asyncio.run(main())\n"
        "except StorageError as error: print(error)\n"
    )
    done = subprocess.run(
        unprivileged(sys.executable, "-c", program, str(folder)),
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.usefixtures("umask")
def test_all_files_of_a_running_server_are_its_own_whatever_the_umask(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    folder.parent.parent.chmod(0o700)
    (tmp_path / "new").mkdir()
    (tmp_path / "new").chmod(0o700)
    with ServerProcess(folder):
        found = modes(folder)
    assert {DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", LOCK_FILE} <= found.keys()
    assert set(found.values()) == {0o600}, found
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_an_older_release_left_open_is_closed_and_told(data: Path) -> None:
    data.chmod(0o755)
    (data / f"{DATABASE}-wal").touch()
    (data / "search.db").touch()
    for path in data.iterdir():
        path.chmod(0o644)
    with ServerProcess(data) as server:
        found = modes(data)
    assert set(found.values()) == {0o600}, found
    assert stat.S_IMODE(data.stat().st_mode) == 0o755
    said = "\n".join(server.output)
    assert f"could read {data / DATABASE} (mode 644). It is closed to them now." in said
    assert f"may look into the data folder {data} (mode 755). To close it: chmod 700 {data}" in said


def test_a_folder_in_which_others_may_write_is_told(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data.chmod(0o777)
    guard.check_folder(data)
    assert "may change what is in the data folder" in caplog.text


def test_nothing_is_said_of_a_folder_that_is_closed(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    guard.check_folder(data)
    assert caplog.text == ""


@pytest.mark.parametrize("name", [DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", LOCK_FILE])
async def test_no_link_is_followed(data: Path, tmp_path: Path, name: str) -> None:
    meant_by_eve = tmp_path / "somebody's"
    meant_by_eve.write_bytes((data / DATABASE).read_bytes() if name == DATABASE else b"hers")
    meant_by_eve.chmod(0o644)
    before = meant_by_eve.read_bytes()
    (data / name).unlink(missing_ok=True)
    (data / name).symlink_to(meant_by_eve)
    with pytest.raises(StorageError, match=r"is a symbolic link.*--data"):
        await SqlLog.open(data)
    assert meant_by_eve.read_bytes() == before
    assert stat.S_IMODE(meant_by_eve.stat().st_mode) == 0o644


async def test_the_data_folder_itself_may_be_a_link(data: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(data)
    await (await SqlLog.open(tmp_path / "link")).close()


async def test_it_may_not_be_a_strangers_link(data: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(data)
    give_away(tmp_path / "link")
    with pytest.raises(FolderUnusable, match=r"is a symbolic link of user 12345, who could"):
        await SqlLog.open(tmp_path / "link")


@pytest.mark.parametrize("name", [DATABASE, f"{DATABASE}-wal", LOCK_FILE])
def test_a_file_of_somebody_elses_is_named_with_its_owner_and_the_cure(
    data: Path, name: str
) -> None:
    (data / name).touch()
    (data / name).chmod(0o644)
    give_away(data / name)
    me = pwd.getpwuid(os.geteuid()).pw_name
    assert opened(data) == (
        f"{data / name} cannot be written: it belongs to user {STRANGER}, and this server runs as "
        f"{me}. To hand it over: sudo chown -R {me} {data}"
    )


def test_a_file_of_somebody_elses_that_can_be_written_is_used_and_told(
    data: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data / DATABASE).chmod(0o666)

    def refuse(file: int, mode: int) -> None:
        raise PermissionError(errno.EPERM, "not the owner")

    monkeypatch.setattr(os, "fchmod", refuse)
    guard.make_file(data / DATABASE)
    assert "may read" in caplog.text
    assert f"chmod 600 {data / DATABASE}" in caplog.text


def test_a_database_that_is_ours_and_not_to_be_written_is_told(data: Path) -> None:
    (data / DATABASE).chmod(0o400)
    assert opened(data) == (
        f"{data / DATABASE} cannot be written, though it is yours (mode 400). "
        f"To mend that: chmod u+rw {data / DATABASE}"
    )


def test_a_folder_that_is_ours_and_not_to_be_written_is_told(data: Path) -> None:
    data.chmod(0o500)
    assert opened(data) == (
        f"{data} cannot be written, though it is yours (mode 500). To mend that: chmod u+rwx {data}"
    )


def test_a_disk_for_reading_only_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(DatabaseUnusable, match=r"cannot be written: its disk is .* reading only"):
        guard.make_file(data / DATABASE)


def test_what_sqlite_opens_for_reading_only_is_no_healthy_start(data: Path) -> None:
    """As if the file had become unwritable right after it was looked at."""
    (data / DATABASE).chmod(0o400)
    program = (
        "import asyncio, pathlib, sys\n"
        "from hubbub.storage import guard\n"
        "from hubbub.storage.log import SqlLog\n"
        "guard.make_file = guard.close_all = lambda path: None\n"
        "asyncio.run(SqlLog.open(pathlib.Path(sys.argv[1])))\n"
    )
    done = subprocess.run(
        unprivileged(sys.executable, "-c", program, str(data)),
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "DatabaseUnusable" in done.stderr
    assert f"{data / DATABASE} cannot be written, though it is yours" in done.stderr
