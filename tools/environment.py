"""Makes an environment and installs a lock file there, or repairs what is left of one.

A set-up may be killed at any moment, and two may start at once. So they take turns (`tools.turn`),
the stamp is written last, and an environment that a set-up was interrupted in is made again.

`python3.13 -m tools.environment .venv-3.13.0` makes one of that Python for the tests.
"""

import importlib.util
import os
import shlex
import signal
import sys
import sysconfig
import time
from pathlib import Path
from typing import Protocol

from tools.bootstrap import (
    DEV_LOCK,
    NEWEST_PYTHON,
    OLDEST_PYTHON,
    ROOT,
    RUNTIME_LOCK,
    Environment,
    is_free_threaded,
    why_untested,
)
from tools.installer import Pip, SetUpFailed
from tools.progress import Display
from tools.turn import Turn, take_turn

# The development lock holds all of the runtime lock, in the same versions.
COVERS = {RUNTIME_LOCK: (RUNTIME_LOCK,), DEV_LOCK: (RUNTIME_LOCK, DEV_LOCK)}

# What a Python may have been built without, and Hubbub does not start without.
NEEDED_PARTS = ("_sqlite3", "_ssl", "zlib")


class Installer(Protocol):
    """The steps that take long; all raise SetUpFailed."""

    def create(self) -> None:
        """Make an empty environment in place of whatever is there."""

    def install(self, lock: str) -> None:
        """Install everything in the lock file, whatever was installed before."""

    def prove(self) -> None:
        """See that what was installed can be used."""


def set_up_or_exit(environment: Environment, lock: str) -> None:
    display = Display(sys.stderr)
    # The first process of a container is spared what it has no handler for.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        set_up(environment, lock, display)
    except SetUpFailed as failure:
        display.line(str(failure))
        sys.exit(1)
    except OSError as error:
        display.line(
            f"Hubbub could not be set up: {error}\n"
            f"Its folder, {environment.root}, has to be complete and writable. "
            "If you may not write there, copy it to a place of your own and start it from that."
        )
        sys.exit(1)
    except KeyboardInterrupt:
        display.line("Stopped. The next start sets Hubbub up again.")
        sys.exit(130)


def set_up(
    environment: Environment, lock: str, display: Display, installer: Installer | None = None
) -> None:
    """Return when everything in the lock file is installed. Raises SetUpFailed and OSError."""

    def say_waiting() -> None:
        display.line("Another start is setting Hubbub up; waiting for it…")

    with take_turn(Path(environment.folder + ".lock"), say_waiting) as turn:
        if environment.is_ready(lock):
            return  # the one we have waited for did it
        # Read before anything is installed: a lock file that changes meanwhile counts next time.
        wanted = {covered: environment.stamp(covered) for covered in COVERS[lock]}
        began = time.monotonic()
        keep = is_sound(environment) and not turn.found_unfinished
        for line in untested():
            display.line(line)
        display.line(headline(environment, turn, keep=keep))
        refuse_incomplete_python()
        turn.begin()
        for stamp in stamps(environment):
            stamp.unlink()
        installer = installer or Pip(environment, display, turn)
        try:
            if not keep:
                installer.create()
            installer.install(lock)
        except SetUpFailed as failure:
            if failure.harmless:
                turn.finish()
            raise
        add_hubbub(environment)
        installer.prove()
        for covered, stamp_bytes in wanted.items():
            write_stamp(environment, covered, stamp_bytes)
        turn.finish()
        display.line(f"Ready after {time.monotonic() - began:.0f} seconds.")


def headline(environment: Environment, turn: Turn, *, keep: bool) -> str:
    if turn.found_unfinished:
        return "The last set-up of Hubbub was interrupted. Setting it up again…"
    if not stamps(environment):
        return "Setting up Hubbub, once (about half a minute)…"
    if keep:
        return "Bringing Hubbub's packages up to date…"
    return "Another Python, or another folder than last time: setting Hubbub up again…"


def untested() -> list[str]:
    """Said once, here: on each start it would be in the way of somebody for whom it works."""
    why = why_untested(sys.version_info[:2], sys.version_info.releaselevel, is_free_threaded())
    oldest, newest = (".".join(map(str, version)) for version in (OLDEST_PYTHON, NEWEST_PYTHON))
    return [f"{why}. Should anything fail, use Python {oldest} to {newest}."] if why else []


def refuse_incomplete_python() -> None:
    """A Python that was compiled without some library's headers goes without that library."""
    if missing := [part for part in NEEDED_PARTS if importlib.util.find_spec(part) is None]:
        raise SetUpFailed(
            f"This Python ({sys.executable}) was built without {' and '.join(missing)}, which "
            "Hubbub needs.\nStart with another one, or build it again with what these need "
            "(on Debian and Ubuntu: libsqlite3-dev, libssl-dev, zlib1g-dev).",
            harmless=True,
        )


def is_sound(environment: Environment) -> bool:
    """Whether the environment there is can be installed into: it is for this Python and place.

    One without stamps was made by hand (`python -m venv .venv`) and is as good, if it has pip.
    """
    return (
        Path(environment.python).exists()
        and (site_packages(environment) / "pip").exists()
        and all(
            stamp.read_bytes().startswith(environment.origin()) for stamp in stamps(environment)
        )
    )


def stamps(environment: Environment) -> list[Path]:
    return list(Path(environment.folder).glob("installed-*"))


def site_packages(environment: Environment) -> Path:
    return Path(sysconfig.get_path("purelib", "venv", {"base": environment.folder}))


def add_hubbub(environment: Environment) -> None:
    """Put src on the environment's path, and the command `hubbub` beside its Python."""
    folder = site_packages(environment)
    source = os.path.relpath(Path(environment.root, "src"), folder)
    (folder / "hubbub.pth").write_text(source + "\n", encoding="utf-8")
    if sys.platform == "win32":
        command = Path(environment.commands, "hubbub.cmd")
        command.write_text('@"%~dp0python.exe" -P -m hubbub %*\n', encoding="utf-8")
    else:
        command = Path(environment.commands, "hubbub")
        python = shlex.quote(environment.python)
        command.write_text(f'#!/bin/sh\nexec {python} -P -m hubbub "$@"\n', encoding="utf-8")
        command.chmod(0o755)


def write_stamp(environment: Environment, lock: str, stamp: bytes) -> None:
    """All of it or nothing, also when the process is killed right now."""
    path = Path(environment.stamp_path(lock))
    unfinished = path.with_name("." + path.name)
    unfinished.write_bytes(stamp)
    unfinished.replace(path)


if __name__ == "__main__":
    set_up_or_exit(Environment(ROOT, sys.argv[1]), DEV_LOCK)
