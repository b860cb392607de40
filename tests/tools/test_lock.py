"""The lock files hold together, with each other and with pyproject.toml."""

import tomllib
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.bootstrap import DEV_LOCK, ROOT, RUNTIME_LOCK
from tools.progress import PIN

PYPROJECT = tomllib.loads(Path(ROOT, "pyproject.toml").read_text(encoding="utf-8"))


def pins(lock: str) -> dict[str, str]:
    lines = Path(ROOT, lock).read_text(encoding="utf-8").splitlines()
    return {pin["name"]: pin["version"] for line in lines if (pin := PIN.match(line))}


def unmet(requirements: Iterable[str], pinned: dict[str, str]) -> list[str]:
    return [
        text
        for text in requirements
        for requirement in [Requirement(text)]
        if pinned.get(canonicalize_name(requirement.name), "") not in requirement.specifier
    ]


def test_what_hubbub_needs_is_locked() -> None:
    assert unmet(PYPROJECT["project"]["dependencies"], pins(RUNTIME_LOCK)) == []


def test_what_the_checks_need_is_locked() -> None:
    assert unmet(PYPROJECT["dependency-groups"]["dev"], pins(DEV_LOCK)) == []


def test_the_checks_run_with_the_very_versions_that_hubbub_runs_with() -> None:
    assert pins(RUNTIME_LOCK).items() <= pins(DEV_LOCK).items()


def test_a_lock_file_names_no_place_to_fetch_from() -> None:
    for lock in (RUNTIME_LOCK, DEV_LOCK):
        text = Path(ROOT, lock).read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index" not in text
        assert "--find-links" not in text
