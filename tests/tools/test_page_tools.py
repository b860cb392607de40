"""ESLint and TypeScript's checker: installed once, for what is locked."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import page_tools

LOCK = "package-lock.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project that needs nothing, which npm installs without the registry."""
    manifest = {"name": "empty", "version": "1.0.0", "private": True}
    locked = {**manifest, "lockfileVersion": 3, "requires": True, "packages": {"": manifest}}
    (tmp_path / "package.json").write_text(json.dumps(manifest))
    (tmp_path / LOCK).write_text(json.dumps(locked))
    (tmp_path / "node_modules").mkdir()
    return tmp_path


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What npm would have been called for; it answers with what `installed` begins with."""
    calls: list[str] = []

    def npm_ci(folder: Path) -> str:
        calls.append((folder / LOCK).read_text())
        return ""

    monkeypatch.setattr(page_tools, "_npm_ci", npm_ci)
    return calls


def test_what_is_installed_is_not_installed_again(folder: Path, installed: list[str]) -> None:
    assert page_tools.install_missing(folder) == ""
    assert page_tools.install_missing(folder) == ""
    assert len(installed) == 1


def test_another_lock_file_is_installed(folder: Path, installed: list[str]) -> None:
    page_tools.install_missing(folder)
    (folder / LOCK).write_text("another")
    assert page_tools.install_missing(folder) == ""
    assert installed[1:] == ["another"]


def test_what_could_not_be_installed_is_tried_again(
    folder: Path, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    npm_ci: Callable[[Path], str] = page_tools._npm_ci
    monkeypatch.setattr(page_tools, "_npm_ci", lambda folder: "getaddrinfo ENOTFOUND")
    assert "ENOTFOUND" in page_tools.install_missing(folder)
    monkeypatch.setattr(page_tools, "_npm_ci", npm_ci)
    assert page_tools.install_missing(folder) == ""
    assert len(installed) == 1


def test_npm_is_the_one_that_pip_installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))  # no other Node, and no other npm
    assert page_tools.install_missing(folder) == ""
    assert (folder / "node_modules" / ".installed").exists()


def test_npm_says_what_is_wrong(folder: Path) -> None:
    (folder / LOCK).write_text("this is no lock file")
    assert "The next check tries again." in page_tools.install_missing(folder)


@pytest.mark.parametrize(
    "folder", [page_tools.FOLDER, page_tools.LOUNGE], ids=lambda folder: folder.name
)
def test_everything_is_locked_with_its_hash(folder: Path) -> None:
    packages = json.loads((folder / LOCK).read_text(encoding="utf-8"))["packages"]
    del packages[""]
    assert packages
    assert [name for name, package in packages.items() if "integrity" not in package] == []
    assert not any("resolved" in package for package in packages.values())  # no place to fetch from
