"""The computer and its programs: clock, versions, limits."""

from __future__ import annotations

import platform
import re
import sqlite3
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from hubbub.admin.doctor.findings import Finding, Level
from hubbub.admin.doctor.patient import Patient
from hubbub.server.descriptor_limit import RESERVED_DESCRIPTORS

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LEAST = re.compile(r">=([0-9.]+)")
_AGAIN = "Install Hubbub again, in an environment of its own."

NEWEST_PYTHON = (3, 14)
OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 38, 0)
SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")
"""Made by systemd-timesyncd when it has set the clock."""
TIMESYNC = Path("/run/systemd/timesync")


def clock(patient: Patient) -> Iterator[Finding]:
    """Whether it is set over the network, where that is told."""
    if TIMESYNC.is_dir() and not SYNCHRONIZED.exists():
        yield Finding(
            level=Level.NOTE,
            about="clock",
            said="It was not set over the network since the computer started.",
            cure="timedatectl set-ntp true",
        )


def versions(patient: Patient) -> Iterator[Finding]:
    """Of Python, SQLite, and what is needed of others."""
    python, sqlite = sys.version_info[:2], sqlite3.sqlite_version_info
    said = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}."
    if python > NEWEST_PYTHON:
        yield _found(Level.NOTE, f"{said} Nobody has tried this Python with Hubbub yet.", "")
    elif python < OLDEST_PYTHON or sqlite < OLDEST_SQLITE:
        yield _found(Level.WARNING, f"{said} That is too old.", "Take a newer Python.")
    else:
        yield _found(Level.OK, said, "")
    yield from _packages()


def _packages() -> Iterator[Finding]:
    """Whether what is installed is what the installed version asks for."""
    try:
        needed = metadata.requires("hubbub") or []
    except metadata.PackageNotFoundError:
        return  # it runs from its source
    for line in needed:
        named, bound = _NAME.match(line), _LEAST.search(line)
        if named is None or bound is None or ";" in line:
            continue  # it depends on the system, or has no lower bound
        name, least = named[0], bound[1]
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield _found(Level.ERROR, f"{name} is not installed.", _AGAIN)
            continue
        if _numbers(installed) < _numbers(least):
            said = f"{name} {installed} is installed, and {least} or newer is needed."
            yield _found(Level.WARNING, said, _AGAIN)


def _numbers(version: str) -> tuple[int, ...]:
    """``version`` to be compared, without what follows its numbers."""
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:4])


def descriptors(patient: Patient) -> Iterator[Finding]:
    """Whether so many files can be open as there may be connections."""
    try:
        import resource
    except ImportError:
        return  # Windows has no such limit
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = patient.settings.sessions + RESERVED_DESCRIPTORS
    if patient.settings.sessions and most != resource.RLIM_INFINITY and most < wanted:
        yield Finding(
            level=Level.NOTE,
            about="limits",
            said=f"{most:,} files may be open, and {patient.settings.sessions:,} connections "
            f"(the setting sessions) need {wanted:,}.",
            cure=f"Raise it (LimitNOFILE={wanted} in the service's unit, or ulimit -n {wanted}), "
            "or set sessions to less.",
        )


def _found(level: Level, said: str, cure: str) -> Finding:
    return Finding(level=level, about="versions", said=said, cure=cure)
