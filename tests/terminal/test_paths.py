from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hubbub.terminal.paths import Begun, begun, candidates, paths, split

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its paths have backslashes")


@pytest.mark.parametrize(
    "typed, words",
    [
        ("a.txt", ["a.txt"]),
        ("  a.txt   b.txt ", ["a.txt", "b.txt"]),
        ('"my photo.jpg" b', ["my photo.jpg", "b"]),
        ("'it is \"so\".txt'", ['it is "so".txt']),
        ('a" "b', ["a b"]),
        (r"my\ photo.jpg", ["my photo.jpg"]),
        (r"'a\b'", [r"a\b"]),
        ('"not closed', ["not closed"]),
        ('""', [""]),
        ("a\\", ["a\\"]),
        ("", []),
    ],
)
def test_words_are_as_a_shell_has_them(typed: str, words: list[str]) -> None:
    assert split(typed) == words


def test_the_tilde_is_the_folder_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert paths("~/a.txt '~nobody at all'") == [Path("/home/ada/a.txt"), Path("~nobody at all")]


@pytest.mark.parametrize(
    "typed, what",
    [
        ("", Begun(0, "")),
        ("a", Begun(0, "a")),
        ("a b", Begun(2, "b")),
        ("a ", Begun(2, "")),
        ('a "b c', Begun(2, "b c")),
        ('"b ', Begun(0, "b ")),
        (r"a\ ", Begun(0, "a ")),
    ],
)
def test_tab_goes_on_with_the_last_word(typed: str, what: Begun) -> None:
    assert begun(typed) == what


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "my photos").mkdir()
    (tmp_path / "my photos" / "cup.jpg").touch()
    for name in ("Notes.txt", "news.txt", ".hidden", 'a "b".txt', "odd\x1b[2Jname"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_tab_offers_files_and_folders_as_they_are_typed() -> None:
    assert candidates("n") == ["news.txt ", "Notes.txt "]
    assert candidates("my") == ['"my photos/']
    assert candidates("my photos/") == ['"my photos/cup.jpg" ']
    assert candidates("a") == ["'a \"b\".txt' "]
    assert candidates(".h") == [".hidden "]
    assert ".hidden " not in candidates("")
    assert candidates("~/n") == ["~/news.txt ", "~/Notes.txt "]
    assert candidates("none/") == candidates("~nobody/") == []


@pytest.mark.usefixtures("folder")
def test_what_is_offered_is_that_file() -> None:
    """Whatever is taken from the list is read as the path that it stands for."""
    for name in (one.name for one in Path().iterdir()):
        for one in candidates(name):
            assert split(one)[0].rstrip("/") == name
    assert not [one for one in candidates("") if not one.isprintable()]
