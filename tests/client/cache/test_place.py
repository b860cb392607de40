"""Where a cache lies, and who may read it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hubbub.client import Address
from hubbub.client.cache import Cache
from hubbub.client.cache.place import file_name
from tests.client.cache.conftest import Open
from tests.client.cache.talk import said


@pytest.mark.parametrize(
    "address, name",
    [
        ("", "127.0.0.1-8080"),
        ("Chat.Example.org:99", "chat.example.org-99"),
        ("ada@chat.example/General", "chat.example-8080"),
        ("[::1]:8080", "%3A%3A1-8080"),
        ("wss://chat.example/ws", "chat.example-443"),
        ("wss://chat.example/team/ws", "chat.example-443%2Fteam%2Fws"),
        ("bücher.example", "bücher.example-8080"),
    ],
)
def test_a_file_is_named_after_its_server(address: str, name: str) -> None:
    assert file_name(Address.parse(address)) == name


def test_a_host_cannot_choose_another_folder() -> None:
    assert "/" not in file_name(Address(host="../../etc", endpoint="/../ws"))
    assert "\\" not in file_name(Address(host="..\\x"))


def test_the_folder_can_be_chosen_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBBUB_CACHE", str(tmp_path / "mine"))
    with Cache.open(Address()) as cache:
        assert cache.path == tmp_path / "mine" / "127.0.0.1-8080.db"


def test_without_a_choice_it_is_where_the_users_data_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUBBUB_CACHE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with Cache.open(Address()) as cache:
        assert cache.path is not None
        assert cache.path.is_relative_to(tmp_path)
        assert cache.path.parent.name == "servers"
        assert cache.path.parent.parent.name == "hubbub"


def test_nobody_else_may_read_it(open_cache: Open, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    cache = open_cache(folder=folder)
    cache.log = "log-1"
    cache.add("General", said(1))
    cache.keep_lines([])
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert set(modes.values()) == {0o600}, modes
    assert len(modes) == 3
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_made_private(open_cache: Open, tmp_path: Path) -> None:
    (tmp_path / "chat.example-8080.db").touch(mode=0o644)
    cache = open_cache()
    assert cache.path is not None
    assert stat.S_IMODE(cache.path.stat().st_mode) == 0o600
