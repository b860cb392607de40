"""The machine that the figures are true for: what it is, and how its CPUs are shared out."""

from __future__ import annotations

import os
import platform
import sqlite3
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

SPARE_FILES = 64  # open files of a server beside its connections


class Machine(Struct, frozen=True, kw_only=True):
    """Facts for the reader of a figure."""

    processor: str
    processors: int
    memory_gib: float
    system: str
    python: str
    sqlite: str
    file_system: str
    ngircd: str
    pinned: bool


class Processors(NamedTuple):
    """Where the server and the load run; the same place if there is only one."""

    server: int
    load: int

    @classmethod
    def choose(cls) -> Processors:
        """The first two that this process may use."""
        allowed = sorted(os.sched_getaffinity(0))
        return cls(allowed[0], allowed[1] if len(allowed) > 1 else allowed[0])

    @property
    def apart(self) -> bool:
        """Whether the load does not take time from the server."""
        return self.server != self.load


def look(disk: Path, processors: Processors, ngircd: str) -> Machine:
    """Describes this machine; ``disk`` is where the databases are written."""
    return Machine(
        processor=_processor(Path("/proc/cpuinfo").read_text()),
        processors=len(os.sched_getaffinity(0)),
        memory_gib=round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        sqlite=sqlite3.sqlite_version,
        file_system=file_system(Path("/proc/self/mounts").read_text(), disk.resolve()),
        ngircd=ngircd,
        pinned=processors.apart,
    )


def _processor(cpuinfo: str) -> str:
    for line in cpuinfo.splitlines():
        key, _, value = line.partition(":")
        if key.strip() in {"model name", "Model", "Processor"}:
            return value.strip()
    return platform.machine()


def file_system(mounts: str, path: Path) -> str:
    """The kind of file system that ``path`` is on, by the text of /proc/self/mounts."""
    best, kind = -1, "unknown"
    for line in mounts.splitlines():
        fields = line.split()
        mount = Path(fields[1].replace("\\040", " "))
        if path.is_relative_to(mount) and len(mount.parts) >= best:
            best, kind = len(mount.parts), fields[2]
    return kind


def raise_open_files() -> int:
    """Takes as many open files as this process may have; servers and loads inherit that.

    Returns how many connections that allows a server.
    """
    import resource  # not everywhere, and the list of contests is to be shown everywhere

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard - SPARE_FILES if hard != resource.RLIM_INFINITY else 1_000_000
