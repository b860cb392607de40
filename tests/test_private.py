"""Files and folders for one user only."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from hubbub import private

pytestmark = pytest.mark.skipif(os.name != "posix", reason="files have no such modes there")


@pytest.fixture(params=[0, 0o077, 0o777], ids=["umask 0", "umask 077", "umask 777"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
def test_what_is_made_is_for_its_owner_whatever_the_umask(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "down"
    assert private.make_folder(folder) == [folder, folder.parent]
    assert private.make_file(folder / "file") is None
    private.write(folder / "written", b"tea")
    assert mode(folder.parent) == mode(folder) == 0o700
    assert mode(folder / "file") == mode(folder / "written") == 0o600
    assert (folder / "written").read_bytes() == b"tea"


def test_what_was_there_is_closed_to_others_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("tea")
    file.chmod(0o644)
    assert private.make_file(file) == 0o644
    assert private.make_file(file) is None
    assert (mode(file), file.read_text()) == (0o600, "tea")


def test_a_folder_that_was_there_is_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert private.make_folder(tmp_path) == []
    assert mode(tmp_path) == 0o755


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_not_followed(tmp_path: Path, there: bool) -> None:
    meant_by_eve = tmp_path / "somebody's"
    if there:
        meant_by_eve.touch(mode=0o644)
    (tmp_path / "file").symlink_to(meant_by_eve)
    with pytest.raises(OSError, match="symbolic link"):
        private.make_file(tmp_path / "file")
    assert meant_by_eve.exists() == there
    assert not there or mode(meant_by_eve) == 0o644


def test_a_file_is_written_in_the_place_of_a_link_and_not_through_it(tmp_path: Path) -> None:
    meant_by_eve = tmp_path / "somebody's"
    meant_by_eve.write_text("hers")
    (tmp_path / "file").symlink_to(meant_by_eve)
    (tmp_path / "file.new").symlink_to(meant_by_eve)
    private.write(tmp_path / "file", b"ours")
    assert meant_by_eve.read_text() == "hers"
    assert (tmp_path / "file").read_text() == "ours"


def test_a_pipe_or_a_folder_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(OSError, match=r"plain file|directory"):
            private.make_file(tmp_path / name)


@pytest.mark.parametrize(
    "members, name, others",
    [([], "ada", False), (["ada"], "ada", False), (["ben"], "ada", True), ([], "staff", True)],
)
def test_a_group_of_ones_own_is_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: list[str], name: str, others: bool
) -> None:
    monkeypatch.setattr("grp.getgrgid", lambda _: SimpleNamespace(gr_name=name, gr_mem=members))
    monkeypatch.setattr("pwd.getpwuid", lambda _: SimpleNamespace(pw_name="ada"))
    file = tmp_path / "file"
    file.touch()
    file.chmod(0o664)
    assert private.others_may(file.stat(), private.OTHERS_WRITE) == others
    assert private.others_may(file.stat(), private.OTHERS)  # all may read it
    file.chmod(0o600)
    assert not private.others_may(file.stat(), private.OTHERS)
