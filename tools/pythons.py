"""Finds the Pythons of this computer that the tests can run on, and chooses among them.

uv knows where Pythons are: on the PATH, in the registry of Windows, among those it installed. Those
of pyenv are on the PATH only while they are active, so its folder is looked through as well.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.bootstrap import ROOT, Environment
from tools.installer import base_python

ANSWER_SECONDS = 30  # for a Python that is asked about itself

# What the Python itself says: its base, where it runs in an environment, and whether it will do.
QUESTION = f"""
import sys
sys.path.insert(0, {ROOT!r})
import importlib.util, json
from tools import bootstrap
version, free = sys.version_info, bootstrap.is_free_threaded()
print(json.dumps([
    version[:3],
    getattr(sys, "_base_executable", sys.executable),
    bootstrap.why_unfit(version[:2], sys.implementation.name, free),
    bootstrap.why_untested(version[:2], version.releaselevel, free),
    importlib.util.find_spec("ensurepip") is not None,
]))
"""


class NoSuchPython(Exception):
    """Says which Python is not to be had, and what to do."""


@dataclass(frozen=True)
class Python:
    version: tuple[int, int, int]
    path: str
    unfit: str = ""  # why Hubbub refuses to run on it
    untested: str = ""  # why the checks leave it out unless it is asked for

    @property
    def name(self) -> str:
        return ".".join(map(str, self.version))

    @property
    def environment(self) -> Environment:
        """`.venv` for the Python that runs the check; each other one has a folder of its own."""
        ours = os.path.realpath(self.path) == os.path.realpath(base_python())
        return Environment(ROOT, ".venv" if ours else f".venv-{self.name}")


def ask(path: str) -> Python | None:
    """What a Python says of itself; None where there is none, or none that can make environments.

    A file of that name may also be a shim: it stands for a Python, or only says that none is
    active.
    """
    try:
        answer = subprocess.run(
            [path, "-B", "-c", QUESTION],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ANSWER_SECONDS,
            check=True,
        )
        version, base, unfit, untested, makes_environments = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    major, minor, patch = version
    return Python((major, minor, patch), base, unfit, untested) if makes_environments else None


def find() -> list[Python]:
    """Every Python here that makes environments, each once, the oldest first."""
    found = {
        os.path.realpath(python.path): python
        for path in (base_python(), *known_to_uv(), *in_pyenv())
        if (python := ask(path))
    }
    return sorted(found.values(), key=lambda python: (python.version, python.path))


def known_to_uv() -> list[str]:
    command = (sys.executable, "-m", "uv", "python", "list", "--no-config", "--offline")
    options = ("--only-installed", "--all-versions", "--output-format", "json")
    listed = subprocess.run([*command, *options], capture_output=True, check=False)
    return [entry["path"] for entry in json.loads(listed.stdout or "[]")]


def in_pyenv() -> list[str]:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    command = "python.exe" if sys.platform == "win32" else "bin/python3"
    return [str(path) for path in root.glob(f"versions/*/{command}")]


def one_of_each(found: Iterable[Python]) -> list[Python]:
    """Of each version such as 3.13 the oldest release: what one breaks, the next ones mend."""
    oldest: dict[tuple[int, ...], Python] = {}
    for python in sorted(found, key=lambda python: python.version):
        if not python.unfit and not python.untested:
            oldest.setdefault(python.version[:2], python)
    return list(oldest.values())


def choose(wanted: str, found: Iterable[Python]) -> Python:
    """The Python that `3.13`, `3.13.0`, a command or a path stands for. Raises NoSuchPython."""
    if re.fullmatch(r"3(\.\d+){1,2}", wanted):
        parts = tuple(map(int, wanted.split(".")))
        fitting = [python for python in found if python.version[: len(parts)] == parts]
        fitting.sort(key=lambda python: (python.unfit != "", python.untested != "", python.version))
        python = fitting[0] if fitting else None
    else:
        python = ask(shutil.which(wanted) or wanted)
    if python is None:
        here = ", ".join(python.name for python in found if not python.unfit)
        raise NoSuchPython(
            f"There is no Python {wanted} here that makes environments. There are: {here}"
        )
    if python.unfit:
        raise NoSuchPython(f"{python.unfit} ({python.path})")
    return python
