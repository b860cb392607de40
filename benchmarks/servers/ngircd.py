"""ngircd, a fast IRC server in C, as Debian has it, with its penalties and limits off."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import processes
from benchmarks.servers.listening import Server, free_port, wait_until_open

BATCH = 20  # clients that connect at a time: its queue of new connections is short

CONFIGURATION = """\
[Global]
Name = bench.example.net
Info = Benchmark
Listen = 127.0.0.1
Ports = {port}
ServerUID = {user}
ServerGID = {group}

[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
MaxNickLength = 20
PingTimeout = 3600

[Options]
DNS = no
Ident = no
PAM = no
"""


def find() -> Path | None:
    """Where it is installed, if it is. Folders of the system's own programs count, too."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which("ngircd", path=path)
    return Path(found) if found else None


def version(program: Path) -> str:
    """Such as ``26.1``."""
    said = subprocess.run(  # noqa: S603 - found by `find`
        [program, "--version"], capture_output=True, text=True, timeout=10, check=False
    ).stdout
    found = re.search(r"ngIRCd ([\d.]+)", said)
    return found[1] if found else "?"


@contextmanager
def ngircd(program: Path, processor: int, folder: Path) -> Iterator[Server]:
    """Serves until the block ends."""
    port = free_port()
    file = folder / "ngircd.conf"
    file.write_text(CONFIGURATION.format(port=port, user=os.getuid(), group=os.getgid()))
    command: list[str | Path] = [program, "--nodaemon", "--config", file]
    with processes.running(processes.start(command, processor, folder=folder)) as process:
        wait_until_open(process, port)
        yield Server(process, port, "irc")
